export { type ClientContext, createClientContext } from './client-context.ts'
export {
  ErrorBoundary,
  type ErrorBoundaryProps,
  FailureNotice,
  type FailureProps,
} from './error-boundary.ts'
export { describeFailure, type Failure, type FailureKind } from './failure.ts'
export { type Call, type CallState, useCall } from './use-call.ts'
