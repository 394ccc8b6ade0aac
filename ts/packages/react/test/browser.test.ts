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

const first = 'GET /notes/1'

for (const cache of ['query', 'swr']) {
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

for (const [name, requests] of [
  ['caches', 2],
  ['caches&share', 1],
] as const) {
  test(`two caches cost ${requests} requests with ${name}`, async (t) => {
    const scene = await open(t, name, (notes) => notes.hold(first))
    await scene.notes.arrived(first)
    assert.deepEqual(await scene.outputs(), ['loading', 'loading'])
    scene.notes.release(first)
    await scene.page.getByText('one').nth(1).waitFor()
    assert.equal(scene.notes.wanted(first), requests)
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
    scene.notes.hold(first)
    write.fail(409)
    await scene.shows('refused')
    assert.deepEqual(await scene.outputs(), ['one'])
    // Who was refused may have been shown something old.
    await scene.notes.arrived(first)
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
    scene.notes.hold(first)
    await scene.click('Refresh')
    await scene.notes.arrived(first)
    await scene.click('Red')
    await scene.notes.allGone(first)
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

test('a service that fails is answered for by its last answer, where the contract says so', async (t) => {
  const scene = await open(t, 'stale')
  await scene.shows('one', '#kept')
  await scene.shows('2 notes', '#unkept')
  scene.notes.break(first)
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
