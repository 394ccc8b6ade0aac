export type { CallOptions, Exchange } from './call.ts'
export type { CircuitBreaker, Permit } from './circuit-breaker.ts'
export { type Client, createClient } from './client.ts'
export type { Clock } from './clock.ts'
export type { End, Gap } from './cursor.ts'
export type { Decode, Decoded, Issue } from './decoded.ts'
export {
  AbortedError,
  CircuitOpenError,
  ClientError,
  type ErrorContext,
  type ErrorKind,
  InvalidRequestError,
  NetworkError,
  ProblemError,
  TimeoutError,
  type TransportError,
  UndecodableError,
} from './errors.ts'
export {
  type EventStream,
  openStream,
  type StreamItem,
  type StreamOptions,
} from './event-stream.ts'
export type { Fetch, FetchInit, FetchWrapper } from './fetch-init.ts'
export { createHealth, type Health, type HealthOptions } from './health.ts'
export type { ClientLayer, Layer, LayeredCall, NextLayer } from './layer.ts'
export type {
  Answers,
  Failures,
  Method,
  Operation,
  ProblemOf,
  RequestBody,
  StreamOperation,
  WireRequest,
} from './operation.ts'
export type { ClientOptions } from './options.ts'
export type { RetryBudget } from './retry-budget.ts'
