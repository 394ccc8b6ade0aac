/** A real HTTP server of notes whose answers a test can hold back, and the page that shows them. */
import { createServer, type ServerResponse } from 'node:http'
import type { TestContext } from 'node:test'

interface Text {
  readonly text: string
}

const wordsOf = ({ text }: Text) => text.split(' ').length

/** A request that waits for the test to decide. */
export interface Held {
  answer(body?: object): void
  fail(status: number, title?: string): void
  /** Resolves when whoever asked has gone away. */
  readonly gone: Promise<void>
}

interface Seen {
  readonly name: string
  abandoned: boolean
  answered: boolean
}

export class NotesServer {
  readonly seen: Seen[] = []
  readonly titles = new Map([
    ['1', 'one'],
    ['2', 'two'],
  ])
  readonly #holding = new Set<string>()
  readonly #held = new Map<string, Held[]>()
  readonly #arrived = new Map<string, Held[]>()
  readonly #waiting = new Map<string, (held: Held) => void>()
  readonly #broken = new Set<string>()
  readonly #streams = new Map<string, ServerResponse[]>()
  readonly #opened = new Map<string, () => void>()
  readonly #files: Readonly<Record<string, string>>
  url = ''

  private constructor(files: Readonly<Record<string, string>>) {
    this.#files = files
  }

  /** `files` are served as they are: the page and its script. */
  static async start(t: TestContext, files: Readonly<Record<string, string>> = {}) {
    const notes = new NotesServer(files)
    const server = createServer(async (request, response) => {
      const chunks: Buffer[] = []
      for await (const chunk of request) chunks.push(chunk)
      const [path = '', query] = request.url?.split('?') ?? []
      const name = `${request.method} ${query && path !== '/' ? `${path}?${query}` : path}`
      if (path.endsWith('/changes')) notes.#stream(name, response)
      notes.#receive(name, Buffer.concat(chunks).toString(), response)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    t.after(() => {
      server.closeAllConnections()
      server.close()
    })
    const address = server.address()
    if (typeof address !== 'object' || !address) throw new Error('the server has no port')
    notes.url = `http://127.0.0.1:${address.port}`
    return notes
  }

  /** From now on the test answers these requests. */
  hold(name: string): void {
    this.#holding.add(name)
  }

  /** Answers the held requests of that name, and holds no more of them. */
  release(name: string): void {
    this.#holding.delete(name)
    for (const held of this.#held.get(name) ?? []) held.answer()
  }

  /** Resolves when whoever asked has gone away from every held request of that name. */
  async allGone(name: string): Promise<void> {
    await Promise.all((this.#held.get(name) ?? []).map(({ gone }) => gone))
  }

  /** Resolves when somebody reads that stream. */
  read(name: string): Promise<void> {
    if (this.#streams.has(name)) return Promise.resolve()
    return new Promise((resolve) => this.#opened.set(name, resolve))
  }

  /** Resolves when nobody reads that stream any more. */
  async left(name: string): Promise<void> {
    await Promise.all(
      (this.#streams.get(name) ?? []).map(
        (response) => response.closed || new Promise((resolve) => response.on('close', resolve)),
      ),
    )
  }

  /** Sends an event to whoever reads that stream, and to who has gone away and does not know. */
  tell(name: string, offset: number, title: string): void {
    const position = `a:${offset}`
    const frame = { stream: name, position, type: 'changed', data: this.note('1', title) }
    for (const response of this.#streams.get(name) ?? []) {
      response.write(`event: event\nid: ${position}\ndata: ${JSON.stringify(frame)}\n\n`)
    }
  }

  /** From now on these requests fail. */
  break(name: string): void {
    this.#broken.add(name)
  }

  repair(name: string): void {
    this.#broken.delete(name)
  }

  /** The oldest held request of that name that nobody has taken, or the next one to arrive. */
  arrived(name: string): Promise<Held> {
    const held = this.#arrived.get(name)?.shift()
    if (held) return Promise.resolve(held)
    return new Promise((resolve) => this.#waiting.set(name, resolve))
  }

  /** How many requests of that name were wanted to the end. */
  wanted(name: string): number {
    return this.seen.filter((one) => one.name === name && !one.abandoned).length
  }

  /** The requests that are neither answered nor given up. */
  get underWay(): readonly string[] {
    const open = this.seen.filter(({ answered, abandoned }) => !answered && !abandoned)
    return open.map(({ name }) => name)
  }

  #receive(name: string, body: string, response: ServerResponse): void {
    const file = this.#files[name]
    if (file !== undefined) {
      const type = name.endsWith('.js') ? 'text/javascript' : 'text/html'
      response.writeHead(200, { 'content-type': type }).end(file)
      return
    }
    const seen: Seen = { name, abandoned: false, answered: false }
    this.seen.push(seen)
    const gone = new Promise<void>((resolve) => {
      response.on('close', () => {
        seen.answered = response.writableFinished
        seen.abandoned = !seen.answered
        if (seen.abandoned) resolve()
      })
    })
    const send = (status: number, value: object) =>
      !response.writableEnded &&
      response
        .writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' })
        .end(JSON.stringify(value))
    const held: Held = {
      answer: (value) => send(200, value ?? this.#answer(name, body)),
      fail: (status, title = 'Refused.') => send(status, { title, status }),
      gone,
    }
    if (response.headersSent) return
    if (this.#broken.has(name)) held.fail(500)
    else if (this.#holding.has(name)) this.#keep(name, held)
    else held.answer()
  }

  #stream(name: string, response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders()
    this.#streams.set(name, [...(this.#streams.get(name) ?? []), response])
    const opened = this.#opened.get(name)
    this.#opened.delete(name)
    opened?.()
  }

  #keep(name: string, held: Held): void {
    this.#held.set(name, [...(this.#held.get(name) ?? []), held])
    const waiting = this.#waiting.get(name)
    this.#waiting.delete(name)
    if (waiting) waiting(held)
    else this.#arrived.set(name, [...(this.#arrived.get(name) ?? []), held])
  }

  #answer(name: string, body: string): object {
    if (name === 'POST /summaries') return JSON.parse(body)
    if (name === 'GET /notes') return { items: [...this.titles.keys()].map((id) => this.note(id)) }
    if (name === 'GET /notes?fields=title') {
      return { items: [...this.titles.values()].map((title) => ({ title })) }
    }
    if (name === 'POST /counts') return { words: wordsOf(JSON.parse(body)) }
    if (name === 'POST /counts:batch') {
      return { items: JSON.parse(body).items.map((one: Text) => ({ words: wordsOf(one) })) }
    }
    const history = /history\?of=(\d)(&cursor=)?/.exec(name)
    if (history) {
      const [, id = '', later] = history
      const items = [this.note(id, later && `${this.titles.get(id)} before`)]
      return { items, next_cursor: later ? null : 'before' }
    }
    const id = name.split('/')[2] ?? ''
    if (name.startsWith('PUT')) this.titles.set(id, JSON.parse(body).title)
    return this.note(id)
  }

  note(id: string, title: string | undefined = this.titles.get(id)): object {
    return { id, title, created_at: '2026-01-02T03:04:05Z' }
  }
}
