'use client'

import { Component, createElement, Fragment, type ReactElement, type ReactNode } from 'react'
import { describeFailure, type Failure } from './failure.ts'

/** What is shown in place of a part of the page that failed. */
export interface FailureProps {
  readonly error: unknown
  /** Renders the failed part anew. */
  readonly retry: () => void
}

export interface ErrorBoundaryProps {
  readonly children?: ReactNode
  /** What to show instead. @default {@link FailureNotice} */
  readonly fallback?: (failure: Failure, props: FailureProps) => ReactNode
  /** Told of each failure, for the log. */
  readonly onError?: (error: unknown, failure: Failure) => void
  /** Called before a retry renders the children anew. */
  readonly onRetry?: () => void
  /** When it changes, the failure is forgotten: the path, or the id of what is shown. */
  readonly resetKey?: unknown
}

interface BoundaryState {
  readonly failed: { readonly error: unknown } | undefined
  readonly resetKey: unknown
}

/** Frameworks throw these to say `redirect` or `notFound`; they are no failures. */
const isControlFlow = (error: unknown): boolean => {
  const { digest }: { digest?: unknown } = Object(error)
  return typeof digest === 'string' && /^(NEXT_|BAILOUT_|DYNAMIC_)/.test(digest)
}

/** One sentence, the request id to quote, and a way to try again where that may help. */
export function FailureNotice({ error, retry }: FailureProps): ReactElement {
  const { sentence, requestId, canRetry } = describeFailure(error)
  return createElement(
    'div',
    { role: 'alert' },
    createElement('p', null, sentence),
    requestId && createElement('p', null, 'Request ', createElement('code', null, requestId)),
    canRetry && createElement('button', { type: 'button', onClick: retry }, 'Try again'),
  )
}

/** Shows a notice in place of a part of the page that failed, and lets a person try again. */
export class ErrorBoundary extends Component<ErrorBoundaryProps, BoundaryState> {
  override state: BoundaryState = { failed: undefined, resetKey: this.props.resetKey }

  static getDerivedStateFromError(error: unknown): Partial<BoundaryState> {
    return { failed: { error } }
  }

  static getDerivedStateFromProps(
    { resetKey }: ErrorBoundaryProps,
    state: BoundaryState,
  ): BoundaryState | null {
    return Object.is(resetKey, state.resetKey) ? null : { failed: undefined, resetKey }
  }

  override componentDidCatch(error: unknown): void {
    if (!isControlFlow(error)) this.props.onError?.(error, describeFailure(error))
  }

  retry = (): void => {
    this.props.onRetry?.()
    this.setState({ failed: undefined })
  }

  override render(): ReactNode {
    const { failed } = this.state
    const { children, fallback } = this.props
    if (!failed) return createElement(Fragment, null, children)
    const { error } = failed
    if (isControlFlow(error)) throw error
    const props = { error, retry: this.retry }
    return fallback ? fallback(describeFailure(error), props) : createElement(FailureNotice, props)
  }
}
