import assert from 'node:assert/strict'
import { test } from 'node:test'
import { act, createElement } from 'react'
import { type Call, useCall } from '../src/index.ts'
import { render } from './dom.ts'

/** A component whose calls the test answers, and which ignores that it was given up. */
function stubborn() {
  const answers = new Map<string, PromiseWithResolvers<string>>()
  const shown: { call: Call<[string], string> | undefined } = { call: undefined }
  function Calling() {
    const call = useCall((_signal, name: string) => {
      const answer = Promise.withResolvers<string>()
      answers.set(name, answer)
      return answer.promise
    })
    shown.call = call
    return `${call.status} ${call.data ?? ''}`
  }
  const run = (name: string) => act(async () => void shown.call?.run(name))
  const answer = (name: string) => act(async () => answers.get(name)?.resolve(name))
  const refuse = (name: string) => act(async () => answers.get(name)?.reject(new Error(name)))
  return { page: render(createElement(Calling)), run, answer, refuse, shown }
}

test('a late answer never overwrites a newer one', async () => {
  const { run, answer, ...rest } = stubborn()
  const page = await rest.page
  await run('old')
  await run('new')
  await answer('new')
  await answer('old')
  assert.equal(page.text(), 'success new')
})

test('a late failure never hides a newer answer', async () => {
  const { run, answer, refuse, ...rest } = stubborn()
  const page = await rest.page
  await run('old')
  await run('new')
  await answer('new')
  await refuse('old')
  assert.equal(page.text(), 'success new')
})

test('the last answer stays until the next', async () => {
  const { run, answer, refuse, ...rest } = stubborn()
  const page = await rest.page
  await run('a')
  await answer('a')
  await run('b')
  assert.equal(page.text(), 'pending a')
  await refuse('b')
  assert.equal(page.text(), 'failure a')
})

test('reset forgets, also what is under way', async () => {
  const { run, answer, shown, ...rest } = stubborn()
  const page = await rest.page
  await run('a')
  await act(async () => shown.call?.reset())
  await answer('a')
  assert.equal(page.text(), 'idle ')
})
