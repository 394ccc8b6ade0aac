'use client'

import { useCallback, useEffect, useRef, useState } from 'react'
import { useBeforePaint } from './use-before-paint.ts'

/** Where a call is. What was answered last stays in `data` until the next answer. */
export type CallState<Output> =
  | { readonly status: 'idle'; readonly data: undefined; readonly error: undefined }
  | { readonly status: 'pending'; readonly data: Output | undefined; readonly error: undefined }
  | { readonly status: 'success'; readonly data: Output; readonly error: undefined }
  | { readonly status: 'failure'; readonly data: Output | undefined; readonly error: unknown }

/** A call that a component makes when it wants to. */
export type Call<Input extends readonly unknown[], Output> = CallState<Output> & {
  /** Calls, and gives up the call before. Resolves when it has ended, whatever came of it. */
  readonly run: (...input: Input) => Promise<void>
  /** Gives up the call under way and forgets the answer. */
  readonly reset: () => void
}

const idle = { status: 'idle', data: undefined, error: undefined } as const

/**
 * Calls that are not worth a cache, such as predictions. Only the newest counts: the one before is
 * aborted, its answer is never shown, and unmounting aborts what is under way.
 *
 * @example
 * ```ts
 * const { run, data } = useCall((signal, input: PredictInput) =>
 *   predictSentiment(client, input, { signal }),
 * )
 * ```
 */
export function useCall<Input extends readonly unknown[], Output>(
  call: (signal: AbortSignal, ...input: Input) => Promise<Output>,
): Call<Input, Output> {
  const [state, setState] = useState<CallState<Output>>(idle)
  const latest = useRef(call)
  const underWay = useRef<AbortController>(undefined)

  useBeforePaint(() => {
    latest.current = call
  })
  useEffect(() => () => underWay.current?.abort(), [])

  const run = useCallback(async (...input: Input) => {
    underWay.current?.abort()
    const controller = new AbortController()
    const { signal } = controller
    underWay.current = controller
    setState(({ data }) => ({ status: 'pending', data, error: undefined }))
    try {
      const data = await latest.current(signal, ...input)
      if (!signal.aborted) setState({ status: 'success', data, error: undefined })
    } catch (error) {
      if (!signal.aborted) setState(({ data }) => ({ status: 'failure', data, error }))
    }
  }, [])
  const reset = useCallback(() => {
    underWay.current?.abort()
    setState(idle)
  }, [])

  return { ...state, run, reset }
}
