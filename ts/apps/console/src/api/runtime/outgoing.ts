import type { CallOptions } from './call.ts'
import { InvalidRequestError } from './errors.ts'
import type { Requester } from './operation.ts'
import type { Outgoing, Transport } from './transport.ts'

/** Encodes the input into a request. Throws `InvalidRequestError` where the contract refuses it. */
export function outgoing<Input>(
  { settings: { createKey, baseUrl, credentials, headers: common } }: Transport,
  { id: operation, method, encode, idempotency }: Requester<Input>,
  input: Input,
  { headers: own, idempotencyKey, fetch }: CallOptions,
): Outgoing {
  const facts = { operation, requestId: createKey(), attempts: 0 }
  const encoded = encode(input)
  if (!encoded.ok) throw new InvalidRequestError({ ...facts, issues: encoded.issues })
  const { path, query, headers: wire, json, body } = encoded.value
  const headers = new Headers(common)
  for (const [name, value] of Object.entries({
    ...(json !== undefined && { 'content-type': 'application/json' }),
    ...(idempotency === 'key' && { 'idempotency-key': idempotencyKey ?? createKey() }),
    ...wire,
    ...own,
  })) {
    headers.set(name, value)
  }
  const target = `${path}?${new URLSearchParams(query)}`.replace(/\?$/, '')
  return {
    facts,
    url: baseUrl.replace(/\/$/, '') + target,
    // JSON.stringify makes no text of undefined, which is how a request without a body is sent.
    init: { method, cache: 'no-cache', credentials, headers, body: body ?? JSON.stringify(json) },
    fetch,
  }
}
