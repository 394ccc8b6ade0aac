/** A small contract, decoded by hand as generated code would. */
import type {
  Decode,
  Decoded,
  Method,
  Operation,
  StreamOperation,
  WireRequest,
} from '../src/index.ts'

export interface Model {
  readonly name: string
  readonly version: number
}

export interface Problem {
  readonly title: string
  readonly status: number
  readonly detail: string
}

const refused = (pointer: string, message: string) =>
  ({ ok: false, issues: [{ pointer, message, rule: 'type' }] }) as const

export const decodeModel: Decode<Model> = (value) => {
  const { name, version }: Record<string, unknown> = Object(value)
  if (typeof name !== 'string') return refused('/name', 'must be a string')
  if (typeof version !== 'number') return refused('/version', 'must be a number')
  return { ok: true, value: { name, version } }
}

export const decodeProblem: Decode<Problem> = (value) => {
  const { title, status, detail }: Record<string, unknown> = Object(value)
  if (typeof title !== 'string') return refused('/title', 'must be a string')
  if (typeof status !== 'number') return refused('/status', 'must be a number')
  if (typeof detail !== 'string') return refused('/detail', 'must be a string')
  return { ok: true, value: { title, status, detail } }
}

const encodeName = ({ name }: { readonly name: string }): Decoded<WireRequest> =>
  name
    ? { ok: true, value: { path: `/v1/models/${encodeURIComponent(name)}` } }
    : { ok: false, issues: [{ pointer: '/name', message: 'must not be empty', rule: 'minLength' }] }

export interface ReadModelProblems {
  404: Problem
  '5XX': Problem
  default: Problem
}

export const readModel: Operation<{ readonly name: string }, Model, ReadModelProblems> = {
  id: 'readModel',
  method: 'GET',
  path: '/v1/models/{name}',
  group: 'models',
  idempotency: 'natural',
  encode: encodeName,
  outputs: { 200: decodeModel },
  failures: { 404: decodeProblem, '5XX': decodeProblem, default: decodeProblem },
}

export interface ModelInput {
  readonly name: string
  readonly version: number
}

const writing = (
  idempotency: 'natural' | 'key' | 'none',
  method: Method = 'POST',
): Operation<ModelInput, Model, { default: Problem }> => ({
  id: 'createModel',
  method,
  path: '/v1/models',
  group: 'models',
  idempotency,
  encode: (input) => ({ ok: true, value: { path: '/v1/models', json: input } }),
  outputs: { '2XX': decodeModel },
  failures: { default: decodeProblem },
})

export const createModel = writing('none')
export const createModelOnce = writing('key')
export const putModel = writing('natural', 'PUT')

export const removeModel: Operation<{ readonly name: string }, undefined, { default: Problem }> = {
  ...readModel,
  layers: [],
  id: 'removeModel',
  method: 'DELETE',
  outputs: {
    204: (value) => (value === undefined ? { ok: true, value } : refused('', 'must be empty')),
  },
}

export interface Token {
  readonly type: 'token'
  readonly text: string
}

export const decodeToken: Decode<Token> = (value) => {
  const { type, data }: Record<string, unknown> = Object(value)
  const { text }: Record<string, unknown> = Object(data)
  if (type !== 'token' || typeof text !== 'string') return refused('/data/text', 'must be a string')
  return { ok: true, value: { type, text } }
}

export const watchTokens: StreamOperation<undefined, Token> = {
  id: 'watchTokens',
  method: 'GET',
  path: '/v1/tokens',
  group: 'streams',
  idempotency: 'natural',
  encode: () => ({ ok: true, value: { path: '/v1/tokens' } }),
  failures: { default: decodeProblem },
  decode: decodeToken,
}
