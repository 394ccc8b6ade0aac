import { sleep, within } from './abort.ts'
import { contextOf, outputOf, read } from './answer.ts'
import { backoff, isThrottled, isTransient } from './backoff.ts'
import type { Exchange } from './call.ts'
import {
  AbortedError,
  asClientError,
  CircuitOpenError,
  type ClientError,
  type ErrorContext,
  TimeoutError,
} from './errors.ts'
import type { LayeredCall } from './layer.ts'
import { outgoing } from './outgoing.ts'

type AnswerContext = ErrorContext & { readonly status: number }

/** A response that has been read, and not yet decoded. */
interface Answer {
  readonly body: string | Blob
  readonly context: AnswerContext
}

/** Carries one call from its typed input to its decoded answer, with retries in between. */
export async function exchange<Input, Output>({
  client,
  operation,
  input,
  options,
}: LayeredCall<Input, Output>): Promise<Exchange<Output>> {
  const { settings, health, closing, send } = client
  const { clock, random, baseUrl } = settings
  const { deadlineSeconds, attemptSeconds, attempts } = {
    ...settings,
    ...operation.defaults,
    ...options,
  }
  const request = outgoing(client, operation, input, options)
  const { facts } = request
  const breaker = health.breaker(baseUrl, operation.group)
  const expires = clock.now() + deadlineSeconds * 1000
  const late = () => new TimeoutError(facts)
  let paid: number | undefined
  let failure: ClientError | undefined

  /** The answer, of any status; undefined when there is none. */
  const attempt = (signal: AbortSignal): Promise<Answer | undefined> =>
    within(clock, attemptSeconds * 1000, signal, late, async (limited) => {
      const response = await send(request, limited)
      const body = await read(operation, response)
      return { body, context: contextOf(facts, response, clock) }
    }).catch((cause): undefined => {
      failure = asClientError(facts, cause)
    })

  /** How many milliseconds to wait for another attempt; undefined when there is to be none. */
  function pause(answer: Partial<AnswerContext> = {}): number | undefined {
    if (!isTransient(answer)) {
      health.budget.earn(paid)
      return
    }
    const throttled = isThrottled(answer.status)
    const delay = backoff(facts.attempts - 1, throttled, answer.retryAfterSeconds, random)
    const hopeless = facts.attempts >= attempts || clock.now() + delay >= expires
    if (hopeless || operation.idempotency === 'none') return
    paid = health.budget.take(throttled)
    return paid && delay
  }

  async function repeat(signal: AbortSignal): Promise<Answer> {
    let last: Answer | undefined
    for (;;) {
      const permit = breaker.enter()
      if (!permit) break
      facts.attempts++
      last = await attempt(signal)
      permit(verdict(signal, last?.context.status))
      const delay = pause(last?.context)
      if (delay === undefined) break
      await sleep(clock, delay, signal)
    }
    if (last) return last
    throw failure ?? new CircuitOpenError({ ...facts, retryAfterSeconds: breaker.openSeconds() })
  }

  const given = AbortSignal.any([options.signal ?? closing.signal, closing.signal])
  try {
    const { body, context } = await within(clock, deadlineSeconds * 1000, given, late, repeat)
    return { ...context, value: outputOf(operation, body, context) }
  } catch (cause) {
    throw given.aborted ? new AbortedError({ ...facts, cause }) : cause
  }
}

/** What an attempt says about the service: nothing when it held us off, or the caller gave up. */
function verdict(signal: AbortSignal, status = 500): boolean | undefined {
  if (status === 429 || (signal.aborted && !TimeoutError.isInstance(signal.reason))) return
  return status < 500
}
