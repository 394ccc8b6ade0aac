import assert from 'node:assert/strict'
import { after, before, describe, type TestContext, test } from 'node:test'
import type { Browser } from 'playwright-core'
import { bundlePage, launch, Scene } from './browser.ts'
import type { NotesServer } from './notes-server.ts'

let browser: Browser
let script: string

before(async () => {
  script = await bundlePage()
  browser = await launch()
})
after(() => browser.close())

const open = (t: TestContext, scene: string, prepare?: (notes: NotesServer) => void) =>
  Scene.open(t, browser, script, scene, prepare)

const note = 'GET /notes/1'

const pages = 'GET /history?of=1'

for (const [cache, first] of [
  ['query', note],
  ['swr', note],
  ['infinite', pages],
  ['swr-infinite', pages],
] as const) {
  describe(`reads through ${cache}`, () => {
    /** The first note asked for and not answered; StrictMode's rehearsal is over. */
    async function openAndHold(t: TestContext) {
      const scene = await open(t, cache, (notes) => notes.hold(first))
      await scene.click('First')
      await scene.notes.arrived(first)
      assert.deepEqual(await scene.outputs(), ['loading'])
      return scene
    }

    test('a part that goes away takes its request with it', async (t) => {
      const scene = await openAndHold(t)
      await scene.click('Nothing')
      await scene.notes.allGone(first)
      assert.deepEqual(scene.notes.underWay, [])
    })

    test('walking on gives up the old request and shows the new answer', async (t) => {
      const scene = await openAndHold(t)
      await scene.click('Second')
      await scene.shows('two')
      await scene.notes.allGone(first)
      assert.deepEqual(await scene.outputs(), ['two'])
    })

    test('coming back asks again and shows no trace of the abort', async (t) => {
      const scene = await openAndHold(t)
      await scene.click('Nothing')
      await scene.notes.allGone(first)
      await scene.click('First')
      assert.deepEqual(await scene.outputs(), ['loading'])
      assert.deepEqual(scene.notes.underWay, [first])
      scene.notes.release(first)
      await scene.shows('one')
    })

    test('two readers share a request, and one may leave', async (t) => {
      const scene = await open(t, cache, (notes) => notes.hold(first))
      await scene.click('Twice', 'First')
      assert.deepEqual(await scene.outputs(), ['loading', 'loading'])
      assert.equal(scene.notes.wanted(first), 1)
      await scene.click('Once')
      assert.deepEqual(await scene.outputs(), ['loading'])
      assert.equal(scene.notes.wanted(first), 1)
      scene.notes.release(first)
      await scene.shows('one')
    })
  })
}

for (const cache of ['infinite', 'swr-infinite']) {
  describe(`pages through ${cache}`, () => {
    const next = `${pages}&cursor=before`
    const openAndAskForMore = async (t: TestContext) => {
      const scene = await open(t, cache, (notes) => notes.hold(next))
      await scene.click('First')
      await scene.shows('one')
      await scene.click('More')
      return { scene, request: await scene.notes.arrived(next) }
    }

    test('a part that goes away takes the request for its next page with it', async (t) => {
      const { scene, request } = await openAndAskForMore(t)
      await scene.click('Nothing')
      await request.gone
      assert.deepEqual(scene.notes.underWay, [])
    })

    test('a late page of what was left is never shown', async (t) => {
      const { scene, request } = await openAndAskForMore(t)
      await scene.click('Second')
      await scene.shows('two')
      await request.gone
      await scene.click('First')
      scene.notes.release(next)
      await scene.click('More')
      await scene.shows('one, one before')
    })
  })
}

describe('a stream', () => {
  const first = 'GET /notes/1/changes'
  const second = 'GET /notes/2/changes'
  const openAndWatch = async (t: TestContext) => {
    const scene = await open(t, 'stream')
    await scene.click('First')
    await scene.notes.read(first)
    scene.notes.tell(first, 1, 'ONE')
    await scene.shows('open ONE')
    return scene
  }
  const goneFrom = async (scene: Scene, name: string) => {
    await scene.notes.left(name)
    assert.equal(scene.notes.underWay.includes(name), false)
  }

  test('costs one request, also in StrictMode, and ends with its component', async (t) => {
    const scene = await openAndWatch(t)
    assert.equal(scene.notes.seen.filter(({ name }) => name === first).length, 1)
    await scene.click('Nothing')
    await goneFrom(scene, first)
    assert.deepEqual(scene.notes.underWay, [])
  })

  test('gives nothing of the old one after walking on', async (t) => {
    const scene = await openAndWatch(t)
    await scene.click('Second')
    scene.notes.tell(first, 2, 'late')
    await scene.notes.read(second)
    await goneFrom(scene, first)
    scene.notes.tell(second, 1, 'TWO')
    await scene.shows('open TWO')
    scene.notes.tell(first, 3, 'later')
    assert.deepEqual(await scene.outputs(), ['open TWO'])
  })

  test('ends with its client', async (t) => {
    const scene = await openAndWatch(t)
    await scene.click('Leave')
    await goneFrom(scene, first)
  })
})

test('a late answer to an earlier write through SWR is not shown over a newer one', async (t) => {
  const put = 'PUT /notes/1'
  const scene = await open(t, 'swr-rename', (notes) => notes.hold(put))
  await scene.click('Red')
  const red = await scene.notes.arrived(put)
  await scene.click('Blue')
  const blue = await scene.notes.arrived(put)
  blue.answer()
  await scene.shows('blue')
  const landed = scene.page.waitForResponse(/notes\/1$/)
  red.answer()
  await landed
  assert.deepEqual(await scene.outputs(), ['blue'])
})

for (const [name, requests] of [
  ['caches', 2],
  ['caches&share', 1],
] as const) {
  test(`two caches cost ${requests} requests with ${name}`, async (t) => {
    const scene = await open(t, name, (notes) => notes.hold(note))
    await scene.notes.arrived(note)
    assert.deepEqual(await scene.outputs(), ['loading', 'loading'])
    scene.notes.release(note)
    await scene.page.getByText('one').nth(1).waitFor()
    assert.equal(scene.notes.wanted(note), requests)
  })
}

describe('an optimistic write', () => {
  const put = 'PUT /notes/1'
  const openAndRename = async (t: TestContext, ...titles: readonly string[]) => {
    const scene = await open(t, 'rename', (notes) => notes.hold(put))
    await scene.shows('one')
    await scene.click(...titles)
    return scene
  }

  test('shows at once what it hopes for, and takes it back when refused', async (t) => {
    const scene = await openAndRename(t, 'Red')
    await scene.shows('red')
    const write = await scene.notes.arrived(put)
    scene.notes.hold(note)
    write.fail(409)
    await scene.shows('refused')
    assert.deepEqual(await scene.outputs(), ['one'])
    // Who was refused may have been shown something old.
    await scene.notes.arrived(note)
  })

  test('takes back its own change and not that of another', async (t) => {
    const scene = await openAndRename(t, 'Red')
    const red = await scene.notes.arrived(put)
    await scene.click('Blue')
    await scene.shows('blue')
    const blue = await scene.notes.arrived(put)
    const refusal = scene.page.waitForResponse((response) => response.status() === 409)
    red.fail(409)
    await refusal
    assert.deepEqual(await scene.outputs(), ['blue'])
    blue.answer()
    await scene.shows('blue')
  })

  test('is not overwritten by a read that began before it', async (t) => {
    const scene = await open(t, 'rename', (notes) => notes.hold(put))
    await scene.shows('one')
    scene.notes.hold(note)
    await scene.click('Refresh')
    await scene.notes.arrived(note)
    await scene.click('Red')
    await scene.notes.allGone(note)
    await scene.shows('red')
  })

  test('is not overwritten by a read that lands before its answer', async (t) => {
    const scene = await openAndRename(t, 'Red')
    const write = await scene.notes.arrived(put)
    const landed = scene.page.waitForResponse(/notes\/1$/)
    await scene.click('Refresh')
    await landed
    assert.deepEqual(await scene.outputs(), ['red'])
    write.fail(409)
    await scene.shows('one')
  })

  test('ends with what the service says', async (t) => {
    const scene = await openAndRename(t, 'Red')
    const write = await scene.notes.arrived(put)
    scene.notes.titles.set('1', 'RED')
    write.answer(scene.notes.note('1', 'red'))
    await scene.shows('RED')
    assert.deepEqual(scene.notes.underWay, [])
  })
})

describe('a call without a cache', () => {
  test('gives up the call before, whose answer is never shown', async (t) => {
    const post = 'POST /summaries'
    const scene = await open(t, 'summarise', (notes) => notes.hold(post))
    await scene.click('Cats')
    const cats = await scene.notes.arrived(post)
    await scene.click('Dogs')
    const dogs = await scene.notes.arrived(post)
    dogs.answer()
    await scene.shows('success dogs')
    await cats.gone
    assert.deepEqual(await scene.outputs(), ['success dogs'])
  })

  test('ends with its component', async (t) => {
    const post = 'POST /summaries'
    const scene = await open(t, 'summarise', (notes) => notes.hold(post))
    await scene.click('Cats')
    const cats = await scene.notes.arrived(post)
    await scene.click('Hide')
    await cats.gone
    assert.deepEqual(scene.notes.underWay, [])
  })
})

test('a write under way ends with its client', async (t) => {
  const put = 'PUT /notes/1'
  const scene = await open(t, 'rename', (notes) => notes.hold(put))
  await scene.shows('one')
  await scene.click('Red')
  const write = await scene.notes.arrived(put)
  await scene.click('Leave')
  await write.gone
  assert.deepEqual(scene.notes.underWay, [])
})

test('calls of one moment travel together, where the contract offers a batch', async (t) => {
  const scene = await open(t, 'batch')
  await scene.click('Count')
  await scene.shows('1 2 3')
  assert.deepEqual(
    scene.notes.seen.map(({ name }) => name),
    ['POST /counts:batch'],
  )
})

test('only the members that are wanted are asked for', async (t) => {
  const scene = await open(t, 'fields')
  await scene.shows('[{"title":"one"},{"title":"two"}]')
  assert.deepEqual(
    new Set(scene.notes.seen.map(({ name }) => name)),
    new Set(['GET /notes?fields=title']),
  )
})

test('an answer stays fresh for as long as the contract says', async (t) => {
  const scene = await open(t, 'fresh')
  await scene.click('First')
  await scene.shows('2 notes')
  const asked = scene.notes.seen.length
  await scene.click('Nothing', 'First')
  await scene.shows('2 notes')
  assert.equal(scene.notes.seen.length, asked)
})

test('a service that fails is answered for by its last answer, where the contract says so', async (t) => {
  const scene = await open(t, 'stale')
  await scene.shows('one', '#kept')
  await scene.shows('2 notes', '#unkept')
  scene.notes.break(note)
  scene.notes.break('GET /notes')
  await scene.click('Again')
  await scene.shows('The service failed.', '#unkept')
  await scene.shows('one', '#kept')
})

test('a person can try again what failed', async (t) => {
  const scene = await open(t, 'throwing', (notes) => notes.break('GET /notes'))
  await scene.shows('The service failed.')
  assert.match(await scene.page.getByRole('alert').innerText(), /Request \S+/)
  scene.notes.repair('GET /notes')
  await scene.click('Try again')
  await scene.shows('2 notes')
})
