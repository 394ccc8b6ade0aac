/** What a caller learns of a failure, and of the fields that it asked for. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Selection, selectFields } from '../src/fields.ts'
import {
  AbortedError,
  CircuitOpenError,
  ClientError,
  createClient,
  NetworkError,
  ProblemError,
  UndecodableError,
} from '../src/index.ts'
import { isFailureOf, result } from '../src/result.ts'
import { json, problem, startServer } from './failing-server.ts'
import { decodeModel, type Model, readModel } from './operations.ts'

const model: Model = { name: 'sentiment', version: 3 }
const input = { name: 'sentiment' }

test('an outcome can be had as a value', async (t) => {
  const server = await startServer(t)
  server.answer(json(200, model), problem(404, 'No.'))
  const client = createClient({ baseUrl: server.url })
  assert.deepEqual(await result(client, readModel, input), { ok: true, value: model })
  const outcome = await result(client, readModel, input)
  assert.ok(!outcome.ok && outcome.error.kind === 'problem' && outcome.error.status === 404)
  assert.equal(outcome.error.problem.detail, 'No.')
  assert.equal(isFailureOf(readModel, new Error('other')), false)
  const broken = { ...readModel, encode: () => assert.fail('a fault of the program') }
  await assert.rejects(result(client, broken, input), assert.AssertionError)
})

test('errors are recognised across copies of the package, and only those', async () => {
  // A query makes Node load the module a second time, as two versions of a package would be.
  const address = new URL('../src/errors.ts?copy', import.meta.url).href
  const copy: typeof import('../src/errors.ts') = await import(address)
  const context = { operation: 'x', requestId: 'r', attempts: 1 }
  const foreign: unknown = new copy.TimeoutError(context)
  assert.equal(foreign instanceof ClientError, false)
  assert.equal(ClientError.isInstance(foreign), true)
  assert.equal(copy.TimeoutError.isInstance(foreign), true)
  assert.equal(NetworkError.isInstance(foreign), false)
  for (const value of [null, undefined, 'x', {}, new Error('x'), { kind: 'timeout' }]) {
    assert.equal(ClientError.isInstance(value), false)
  }
})

test('every kind of error has one sentence for a person', () => {
  const context = { operation: 'x', requestId: 'r', attempts: 1, issues: [] }
  const kinds = [NetworkError, AbortedError, CircuitOpenError, UndecodableError]
  for (const Kind of kinds) {
    const error = new Kind(context)
    assert.match(error.sentence, /^[A-Z][^.]+\.$/)
    assert.equal(error.requestId, 'r')
  }
  const untitled = new ProblemError({
    ...context,
    status: 404,
    problem: { detail: [{ loc: 1 }], title: 'Gone' },
  })
  assert.equal(untitled.sentence, 'Gone')
})

const selection: Selection<Model> = {
  wire: { name: 'model_name', version: 'version' },
  optional: [],
  decode: (value) => {
    const { model_name: name, version }: Record<string, unknown> = Object(value)
    return {
      ok: true,
      value: {
        ...(typeof name === 'string' && { name }),
        ...(typeof version === 'number' && { version }),
      },
    }
  },
}

test('selected fields are asked for by their wire names, and must come', () => {
  const { parameter, decode } = selectFields(selection, ['name', 'version'])
  assert.equal(parameter, 'model_name,version')
  assert.deepEqual(decode({ model_name: 'x', version: 1 }), {
    ok: true,
    value: { name: 'x', version: 1 },
  })
  assert.deepEqual(decode({ version: 1 }), {
    ok: false,
    issues: [{ pointer: '/model_name', message: 'is missing', rule: 'required' }],
  })
  assert.equal(selectFields(selection, ['version']).decode({ version: 1 }).ok, true)
  const lenient = selectFields({ ...selection, optional: ['name'] }, ['name'])
  assert.deepEqual(lenient.decode({}), { ok: true, value: {} })
  assert.equal(decodeModel({}).ok, false)
})
