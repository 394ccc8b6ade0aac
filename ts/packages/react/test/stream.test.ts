import assert from 'node:assert/strict'
import { test } from 'node:test'
import { act, createElement } from 'react'
import { useStream } from '../src/stream.ts'
import { render } from './dom.ts'

/** A stream that goes on although nobody wants it any more. */
function stubborn() {
  let give: (item: string) => void = () => {}
  let fail: (error: Error) => void = () => {}
  async function* open() {
    for (;;) {
      yield await new Promise<string>((resolve, reject) => {
        give = resolve
        fail = reject
      })
    }
  }
  return {
    open,
    give: (item: string) => act(async () => give(item)),
    fail: () => act(async () => fail(new Error('cut'))),
  }
}

test('a stream is opened once, although StrictMode rehearses', async () => {
  const { open, give } = stubborn()
  let opened = 0
  function Watching() {
    const opening = () => {
      opened++
      return open()
    }
    const { status } = useStream('a', opening, () => {})
    return status
  }
  const page = await render(createElement(Watching))
  await give('first')
  assert.deepEqual([page.text(), opened], ['open', 1])
})

test('of a stream that was left nothing is taken, not even its failure', async () => {
  const streams = { a: stubborn(), b: stubborn() }
  const taken: string[] = []
  function Watching({ name }: { name: 'a' | 'b' | null }) {
    const { status } = useStream(name, streams[name ?? 'a'].open, (item) => void taken.push(item))
    return status
  }
  const page = await render(createElement(Watching, { name: 'a' }))
  await streams.a.give('first')
  await page.render(createElement(Watching, { name: 'b' }))
  await streams.a.give('late')
  await streams.b.give('second')
  assert.deepEqual(taken, ['first', 'second'])
  await page.render(createElement(Watching, { name: null }))
  await streams.b.fail()
  assert.equal(page.text(), 'idle')
})

test('a failure is told, until another stream is read', async () => {
  const streams = { a: stubborn(), b: stubborn() }
  function Watching({ name }: { name: 'a' | 'b' }) {
    const { status, error } = useStream(name, streams[name].open, () => {})
    return `${status} ${error ?? ''}`
  }
  const page = await render(createElement(Watching, { name: 'a' }))
  assert.equal(page.text(), 'open ')
  await streams.a.fail()
  assert.equal(page.text(), 'failure Error: cut')
  await page.render(createElement(Watching, { name: 'b' }))
  assert.equal(page.text(), 'open ')
})
