import type { CallOptions } from './call.ts'
import type { Client } from './client.ts'
import { type Clock, systemClock } from './clock.ts'
import type { Fetch, FetchInit } from './fetch-init.ts'
import type { Failures, Operation } from './operation.ts'

/** How far an upload is. It begins again from 0 with each attempt. */
export interface UploadProgress {
  readonly sentBytes: number
  /** Undefined where the size cannot be known. */
  readonly totalBytes: number | undefined
}

export interface UploadOptions extends CallOptions {
  readonly onProgress: (progress: UploadProgress) => void
  /** An upload that does not move for so long is stopped. @default 30 */
  readonly stallSeconds?: number
}

/**
 * Calls an operation and tells how far its body has been sent. A large file may take its time:
 * there is a limit for standing still, and only the deadline for the whole (an hour unless told).
 *
 * @example
 * ```ts
 * const onProgress = ({ sentBytes }) => show(sentBytes)
 * await upload(client, uploadDatasetOperation, { file }, { onProgress })
 * ```
 */
export function upload<Input, Output, Declared extends Failures>(
  client: Client,
  operation: Operation<Input, Output, Declared>,
  input: Input,
  { onProgress, stallSeconds = 30, ...options }: UploadOptions,
): Promise<Output> {
  const { clock } = client.settings
  const fetch = progressFetch(onProgress, stallSeconds, clock, client.settings.fetch)
  return client.call(operation, input, {
    deadlineSeconds: 3600,
    attemptSeconds: 3600,
    ...options,
    fetch,
  })
}

/** A `fetch` that tells its progress: by XMLHttpRequest where there is one, else by a stream. */
export function progressFetch(
  onProgress: (progress: UploadProgress) => void,
  stallSeconds = 30,
  clock: Clock = systemClock,
  fetch: Fetch = globalThis.fetch,
): Fetch {
  return (url, init) => {
    const stalled = new AbortController()
    let cancel = () => {}
    const moved = () => {
      cancel()
      cancel = clock.after(stallSeconds * 1000, () => stalled.abort())
    }
    const report = (sentBytes: number, totalBytes: number | undefined) => {
      moved()
      onProgress({ sentBytes, totalBytes })
    }
    moved()
    const signal = AbortSignal.any([init.signal, stalled.signal])
    const send = 'XMLHttpRequest' in globalThis ? sendByXhr : sendByStream(fetch)
    return send(url, { ...init, signal }, report).finally(() => cancel())
  }
}

const pieceBytes = 65_536

type Report = (sentBytes: number, totalBytes: number | undefined) => void

// In a browser fetch cannot tell progress: a streamed body needs HTTP/2, and not all have it.
function sendByXhr(url: string, init: FetchInit, report: Report): Promise<Response> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    request.open(init.method, url)
    request.responseType = 'blob'
    request.withCredentials = init.credentials === 'include'
    for (const [name, value] of init.headers) request.setRequestHeader(name, value)
    request.upload.onprogress = ({ loaded, total, lengthComputable }) =>
      report(loaded, lengthComputable ? total : undefined)
    request.onload = () => resolve(responseOf(request))
    request.onerror = () => reject(new TypeError('the upload failed'))
    request.onabort = () => reject(init.signal.reason)
    init.signal.addEventListener('abort', () => request.abort())
    request.send(init.body instanceof ReadableStream ? null : init.body)
  })
}

function responseOf(request: XMLHttpRequest): Response {
  const headers = new Headers()
  for (const line of request.getAllResponseHeaders().split('\r\n')) {
    const colon = line.indexOf(':')
    if (colon > 0) headers.append(line.slice(0, colon), line.slice(colon + 1))
  }
  // These have no body by definition, and a Response refuses to be given one.
  const body = [204, 205, 304].includes(request.status) ? null : request.response
  return new Response(body, { status: request.status, headers })
}

const sendByStream =
  (fetch: Fetch) =>
  async (url: string, init: FetchInit, report: Report): Promise<Response> => {
    // A Response knows how to write a form, and which content type that has.
    const { body, headers: described } = new Response(init.body)
    if (!body) return fetch(url, init)
    const headers = new Headers(init.headers)
    const type = described.get('content-type')
    if (type && !headers.has('content-type')) headers.set('content-type', type)
    const totalBytes = init.body instanceof Blob ? init.body.size : undefined
    let sentBytes = 0
    const counted = body.pipeThrough(
      new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
        transform(chunk, controller) {
          // A file may come as one piece, which would leave nothing to tell.
          for (let from = 0; from < chunk.byteLength; from += pieceBytes) {
            const piece = chunk.subarray(from, from + pieceBytes)
            controller.enqueue(piece)
            sentBytes += piece.byteLength
            report(sentBytes, totalBytes)
          }
        },
      }),
    )
    return fetch(url, { ...init, headers, body: counted, duplex: 'half' })
  }
