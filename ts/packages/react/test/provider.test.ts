import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Activity, createElement } from 'react'
import { renderToString } from 'react-dom/server'
import { createClientContext } from '../src/index.ts'
import { createClient } from './api/index.ts'
import { render } from './dom.ts'

function context() {
  const made: ReturnType<typeof createClient>[] = []
  const { ClientProvider, useClient } = createClientContext(() => {
    const client = createClient({ baseUrl: 'http://localhost' })
    made.push(client)
    return client
  })
  const used: unknown[] = []
  function Child() {
    used.push(useClient())
    return null
  }
  return { made, used, ClientProvider, child: createElement(Child) }
}

test('a client is closed when its provider is removed, and not when StrictMode rehearses', async () => {
  const { used, made, ClientProvider, child } = context()
  const page = await render(createElement(ClientProvider, null, child))
  const client = made.find((one) => used.includes(one))
  assert.equal(client?.closing.signal.aborted, false)
  await page.unmount()
  assert.equal(client?.closing.signal.aborted, true)
})

test('a client outlives being hidden', async () => {
  const { used, made, ClientProvider, child } = context()
  const shown = (mode: 'visible' | 'hidden') =>
    createElement(Activity, { mode, children: createElement(ClientProvider, null, child) })
  const page = await render(shown('visible'))
  await page.render(shown('hidden'))
  assert.equal(made.find((one) => used.includes(one))?.closing.signal.aborted, false)
})

test('each rendering on a server has a client of its own', () => {
  const { used, ClientProvider, child } = context()
  renderToString(createElement(ClientProvider, null, child))
  renderToString(createElement(ClientProvider, null, child))
  assert.equal(new Set(used).size, 2)
})

test('a new key makes a new client and closes the old one', async () => {
  const { used, ClientProvider, child, made } = context()
  const page = await render(createElement(ClientProvider, { key: 'ada' }, child))
  const old = made.find((one) => used.includes(one))
  await page.render(createElement(ClientProvider, { key: 'bob' }, child))
  assert.equal(old?.closing.signal.aborted, true)
  assert.notEqual(used.at(-1), old)
})

test('without a provider the hook says what is missing', () => {
  assert.throws(() => renderToString(context().child), /Render its ClientProvider further up/)
})
