// The key log_format of a program: how each complete line is written. `prefix` puts time and name before the unchanged
// line. `channel` puts name and stream before it, as supervisor_stdout does. `json` makes an object of it, in which
// invalid UTF-8 becomes U+FFFD. Its time is UTC; `prefix` has the local time, as the daemon's own text lines. A line of more than 64 KB is written in pieces that are marked as incomplete.

import type { LineFormat } from '../../config/model/output.ts'
import type { Clock } from '../system/clock.ts'
import { localTime } from './local-time.ts'
import { LineSplitter, type LineTaker } from './lines.ts'

/** Facts about the stream that its lines can contain. */
export interface LineOrigin {
  readonly program: string
  readonly stream: 'stdout' | 'stderr'
}

/** Formats chunks of output. */
export interface LineFormatter {
  /** The number of bytes that were pushed and not written; what is being written does not count. */
  readonly rest: number
  push(chunk: Buffer): void
  /** Writes an unfinished line. */
  flush(): void
}

/** A formatter that passes its lines to `write`; undefined for `raw`, which needs none. */
export function makeFormatter(
  format: LineFormat,
  origin: LineOrigin,
  clock: Clock,
  write: (chunk: Buffer) => void,
): LineFormatter | undefined {
  if (format === 'raw') return undefined
  const time = () => new Date(clock.wallMs()).toISOString()
  if (format === 'json') return new LineSplitter(jsonTaker(origin, time, write))
  const name = Buffer.from(origin.program).toString('latin1')
  // Source of the second form: supervisor-stdout 0.1.1, event_handler.
  const prefix =
    format === 'prefix'
      ? () => `${localTime(new Date(clock.wallMs()))} [${name}] `
      : () => `${name} ${origin.stream} | `
  return new LineSplitter(prefixTaker(prefix, write))
}

/** Uses latin1 strings, which keep all bytes unchanged and are fastest to replace in. */
function prefixTaker(prefix: () => string, write: (chunk: Buffer) => void): LineTaker {
  return {
    lines(region) {
      const start = prefix()
      const text = region.toString('latin1', 0, region.length - 1).replaceAll('\n', `\n${start}`)
      write(encode(`${start}${text}\n`, 'latin1'))
    },
    piece: (bytes) => write(Buffer.from(`${prefix()}${bytes.toString('latin1')} [line continues]\n`, 'latin1')),
  }
}

function jsonTaker({ program, stream }: LineOrigin, time: () => string, write: (chunk: Buffer) => void): LineTaker {
  const end = `,"program":${JSON.stringify(program)},"stream":"${stream}","message":`
  return {
    lines(region) {
      const start = `{"time":"${time()}"${end}`
      let text = ''
      for (const line of region.toString('utf8', 0, region.length - 1).split('\n')) {
        text += `${start}${JSON.stringify(line)}}\n`
      }
      write(encode(text, 'utf8'))
    },
    piece(bytes) {
      write(Buffer.from(`{"time":"${time()}"${end}${JSON.stringify(bytes.toString())},"partial":true}\n`))
    },
  }
}

/**
 * One buffer for all lines, because sinks copy what they keep: so a flood of output leaves no garbage outside the heap.
 */
let shared: Buffer | undefined
const SHARED_BYTES = 512 * 1024

function encode(text: string, encoding: 'latin1' | 'utf8'): Buffer {
  if (text.length * 3 > SHARED_BYTES) return Buffer.from(text, encoding)
  shared ??= Buffer.allocUnsafeSlow(SHARED_BYTES)
  return shared.subarray(0, shared.write(text, encoding))
}
