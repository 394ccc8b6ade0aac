import assert from 'node:assert/strict'
import { test } from 'node:test'
import { dehydrate, hydrate, type QueryClient, useQuery } from '@tanstack/react-query'
import { createElement } from 'react'
import { createQueryClient, QueryProvider } from '../src/query.ts'
import { render } from './dom.ts'

test('dates survive the way from server to browser as JSON', (t) => {
  const server = createQueryClient()
  const data = {
    at: new Date('2026-01-02T03:04:05.678Z'),
    list: [{ at: new Date(0), none: null }],
    lookalike: { $date: '2026-01-01T00:00:00Z' },
    nested: { $date: { at: new Date(1) } },
  }
  server.setQueryData(['a'], data)
  const browser = createQueryClient()
  t.after(() => {
    server.clear()
    browser.clear()
  })
  hydrate(browser, JSON.parse(JSON.stringify(dehydrate(server))))
  assert.deepEqual(browser.getQueryData(['a']), data)
})

test('the cache does not retry, and keeps what the caller decides', () => {
  const queries = createQueryClient({ defaultOptions: { queries: { staleTime: 5 } } })
  const { retry, staleTime } = queries.getDefaultOptions().queries ?? {}
  assert.deepEqual([retry, staleTime], [false, 5])
})

test('a cache that is removed forgets, and aborts its reads', async () => {
  const signals: AbortSignal[] = []
  const caches = new Set<QueryClient>()
  function Reading() {
    useQuery({
      queryKey: ['a'],
      queryFn: ({ signal, client }) => {
        signals.push(signal)
        caches.add(client)
        return new Promise<string>(() => {})
      },
    })
    return null
  }
  const page = await render(createElement(QueryProvider, null, createElement(Reading)))
  const [cache] = caches
  await page.unmount()
  await new Promise((resolve) => setTimeout(resolve))
  assert(signals.length > 0 && signals.every(({ aborted }) => aborted))
  assert.equal(cache?.getQueryCache().getAll().length, 0)
})
