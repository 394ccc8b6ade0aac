import { refused } from './answer.ts'
import type { Decoded } from './decoded.ts'

/** One event of a stream, not yet decoded. */
export interface EventFrame {
  readonly kind: 'event'
  readonly position: string
  readonly type: string
  readonly data: unknown
}

/** Events that this reader will never see. */
export interface Gap {
  readonly kind: 'gap'
  /** The position of the last event before the gap; `''` at the beginning. */
  readonly from: string
  /** The position of the last event that is missing. */
  readonly to: string
  readonly reason: string
}

/** Nothing follows. */
export interface End {
  readonly kind: 'end'
  /** How many events the whole stream has had. */
  readonly count: number
  readonly checksum: unknown
}

export type Frame = EventFrame | Gap | End

/** Where a reader is in a stream. */
export interface Cursor {
  /** `epoch:offset` of the last event; `''` at the beginning. */
  position(): string
  /**
   * What is to be delivered for a frame from the wire: nothing for an event that was seen, for an
   * end that came before the last events did, and for kinds of a later version; a gap before an
   * event that does not follow the last.
   */
  take(kind: string, wire: unknown): Decoded<readonly Frame[]>
}

/** The parts of a position; the offset is NaN where it is none. */
export const parsePosition = (position: string): readonly [epoch: string, offset: number] => {
  const [, epoch = '', offset = NaN] = /^(.*):(\d+)$/.exec(position) ?? []
  return [epoch, Number(offset)]
}

/** Makes at least once on the wire into exactly once, and holes into explicit gaps. */
export function createCursor(start = ''): Cursor {
  let position = start
  // How many events of the whole stream are accounted for; NaN when that cannot be known.
  let counted = start ? NaN : 0

  function end({ count, checksum }: Wire): Decoded<readonly Frame[]> {
    const total = Number(count)
    if (!(total >= 0)) return refused('frame', 'is not valid')
    return counted < total ? deliver() : deliver({ kind: 'end', count: total, checksum })
  }

  /** Moves to an event, or to the end of a gap. */
  // biome-ignore lint/complexity/noExcessiveCognitiveComplexity: one state machine, whose every byte a page pays for
  function advance(wire: Wire, isGap: boolean): Decoded<readonly Frame[]> {
    const { type, data, reason = 'missing' } = wire
    const next = `${isGap ? wire.to : wire.position}`
    const before = position || (isGap ? `${wire.from}` : '')
    const [epoch, offset] = parsePosition(next)
    const [known, last] = parsePosition(before)
    if (!(offset >= 0)) return refused('frame', 'is not valid')
    const width = epoch === known ? offset - last : NaN
    if (position && width <= 0) return deliver()
    position = next
    counted += before ? width : 1
    const to = isGap ? next : `${epoch}:${offset - 1}`
    const gap: Gap = { kind: 'gap', from: before, to, reason: `${reason}` }
    if (isGap) return deliver(gap)
    const missing = before && width !== 1 ? [gap] : []
    return deliver(...missing, { kind: 'event', position: next, type: `${type}`, data })
  }

  return {
    position: () => position,
    take(kind, wire) {
      const isGap = kind === 'gap'
      if (isGap || kind === 'event') return advance(Object(wire), isGap)
      return kind === 'end' ? end(Object(wire)) : deliver()
    },
  }
}

type Wire = Readonly<Record<string, unknown>>

const deliver = (...value: readonly Frame[]) => ({ ok: true, value }) as const
