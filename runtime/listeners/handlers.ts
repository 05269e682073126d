// Result handlers: what the answer of an event listener means. The default handler compares it with OK. Other handlers
// are Python functions in supervisord, which accept every answer unless they raise an exception; those that print are
// known here by name. Source: supervisor 4.2.5, dispatchers.default_handler; supervisor-stdout 0.1.1, event_handler;
// supervisor-console 0.5.2, event_handler.

import { DEFAULT_RESULT_HANDLER } from '../../config/keys/event-listener.ts'

/** Judges answers. */
export interface ResultHandler {
  /** Bytes of an answer that the handler uses; the rest is not kept. */
  readonly limitBytes: number
  /** Whether the event is accepted. `answer` has one byte more than limitBytes when it was longer. */
  judge(answer: Buffer): boolean
}

/** What handlers that print need. */
export interface Printer {
  /** The daemon's standard output. */
  readonly print: (text: Buffer) => void
  readonly wallMs: () => number
}

const GOOD = 'OK'
/** supervisord keeps whole answers; an event has only a few chunks of output. */
const LONGEST_PRINTED_BYTES = 1024 * 1024

/** The handler of that name; an unknown one accepts everything. */
export function findHandler(name: string, printer: Printer): ResultHandler {
  if (name === DEFAULT_RESULT_HANDLER) return DEFAULT
  if (/^supervisor_stdout:event_handler$|^supervisor_console:event_handler$/.test(name))
    return printing(printer, prefixed)
  if (/^supervisor_console\.\w+:event_handler$/.test(name))
    return printing(printer, (lines, origin) => formatted(lines, origin, printer.wallMs()))
  return { limitBytes: 0, judge: () => true }
}

const DEFAULT: ResultHandler = {
  limitBytes: GOOD.length,
  judge: (answer) => answer.toString('latin1') === GOOD,
}

/** The process and the stream of the printed lines. */
interface Origin {
  readonly process: string
  readonly channel: string
}

type Show = (lines: readonly string[], origin: Origin) => readonly string[]

/** Prints the answer after its first line, which is the header of a PROCESS_LOG event. Bytes are not changed. */
function printing({ print }: Printer, show: Show): ResultHandler {
  const judge = (answer: Buffer): boolean => {
    const [head = '', ...lines] = answer.toString('latin1').split('\n')
    const [, process] = /(?:^| )processname:(\S+)/.exec(head) ?? []
    const [, channel] = /(?:^| )channel:(\S+)/.exec(head) ?? []
    if (process === undefined || channel === undefined) return true
    if (lines.at(-1) === '') lines.pop()
    const shown = show(lines, { process, channel })
    if (shown.length > 0) print(Buffer.from(`${shown.join('\n')}\n`, 'latin1'))
    return true
  }
  return { limitBytes: LONGEST_PRINTED_BYTES, judge }
}

/**
 * Lines as `NAME CHANNEL | line`. As in the original, an empty line is printed after each chunk that ends with a
 * newline.
 */
function prefixed(lines: readonly string[], { process, channel }: Origin): readonly string[] {
  return lines.map((line) => `${process} ${channel} | ${line}`)
}

/** The first line is a format with `{processname}`, `{timestamp}` (UTC) and `{line}`. */
function formatted([format = '', ...lines]: readonly string[], { process }: Origin, wallMs: number): readonly string[] {
  const timestamp = `${new Date(wallMs).toISOString().slice(0, -1).replace('T', ' ')}000`
  return lines.map((line) => {
    const values: Readonly<Record<string, string>> = { processname: process, timestamp, line }
    return format.replaceAll(/\{(processname|timestamp|line)\}/g, (_, name: string) => values[name] ?? '')
  })
}
