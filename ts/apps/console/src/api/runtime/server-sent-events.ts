/** One event as the HTML standard has it. */
export interface ServerSentEvent {
  /** The name of the event, `''` when it has none. */
  readonly type: string
  readonly data: string
  /** The last id that the stream has named, in this event or before. */
  readonly id: string
}

/**
 * Makes a parser of event streams as the HTML standard describes it. Give it text in any pieces; it
 * returns the events that each piece completes, and tells every field that it has met.
 */
export function createEventParser(
  onField?: (field: string, value: string) => void,
): (text: string) => ServerSentEvent[] {
  let rest = ''
  let afterReturn = false
  let id = ''
  let type = ''
  let data: string[] = []

  return (text) => {
    // A line break of two characters may come in two pieces.
    const lines = (rest + (afterReturn ? text.replace(/^\n/, '') : text)).split(/\r\n?|\n/)
    if (text) afterReturn = /\r$/.test(text)
    rest = lines.pop() ?? ''
    // biome-ignore lint/complexity/noExcessiveCognitiveComplexity: one state machine, whose every byte a page pays for
    return lines.flatMap((line) => {
      if (!line) {
        const events = data.length ? [{ type, data: data.join('\n'), id }] : []
        type = ''
        data = []
        return events
      }
      const [field = '', value = ''] = line.split(/: ?([\s\S]*)/)
      onField?.(field, value)
      if (field === 'event') type = value
      if (field === 'data') data.push(value)
      if (field === 'id' && !value.includes('\0')) id = value
      return []
    })
  }
}
