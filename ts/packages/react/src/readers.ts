/** Who reads one cached answer. When all have gone, its request is aborted. */
export class Readers {
  readonly #forget: () => void
  #count = 0
  #controller = new AbortController()

  constructor(forget: () => void) {
    this.#forget = forget
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** Counts a reader, and returns how it leaves. */
  enter(): () => void {
    this.#count++
    return () => {
      this.#count--
      // StrictMode leaves and enters at once; that must not cost the request.
      queueMicrotask(() => {
        if (this.#count > 0) return
        this.#controller.abort()
        this.#controller = new AbortController()
        this.#forget()
      })
    }
  }
}

const everyReader = new WeakMap<object, Map<string, Readers>>()

/** The readers of one key of one cache. */
export function readersOf(cache: object, key: string): Readers {
  const ofCache = everyReader.get(cache) ?? new Map<string, Readers>()
  everyReader.set(cache, ofCache)
  const readers = ofCache.get(key) ?? new Readers(() => ofCache.delete(key))
  ofCache.set(key, readers)
  return readers
}
