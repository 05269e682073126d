// log_format of a program: what is written for each whole line. `prefix` keeps every byte of the line and puts time
// and name before it; `json` makes an object of it, in which bytes that are no UTF-8 become U+FFFD. A line is written
// whole or, beyond 64 KB, in pieces that say that they go on.

import type { StreamFormat } from '../../config/config.ts'
import type { Clock } from '../system/clock.ts'
import { LineSplitter, type LineTaker } from './lines.ts'

/** What the lines of a stream carry. */
export interface LineOrigin {
  readonly program: string
  readonly stream: 'stdout' | 'stderr'
}

/** Turns chunks into formatted lines. */
export interface LineFormatter {
  push(chunk: Buffer): void
  /** Writes an unfinished line. */
  flush(): void
}

/** A formatter that hands its lines to `write`; undefined for `raw`, which needs none. */
export function makeFormatter(
  format: StreamFormat,
  origin: LineOrigin,
  clock: Clock,
  write: (chunk: Buffer) => void,
): LineFormatter | undefined {
  if (format === 'raw') return undefined
  const time = () => new Date(clock.wallMs()).toISOString()
  return new LineSplitter(format === 'prefix' ? prefixTaker(origin, time, write) : jsonTaker(origin, time, write))
}

/** Works on latin1 text, which keeps bytes as they are and is replaced fastest. */
function prefixTaker({ program }: LineOrigin, time: () => string, write: (chunk: Buffer) => void): LineTaker {
  const name = Buffer.from(program).toString('latin1')
  const prefix = () => `${time()} [${name}] `
  return {
    lines(region) {
      const start = prefix()
      const text = region.toString('latin1', 0, region.length - 1).replaceAll('\n', `\n${start}`)
      write(encode(`${start}${text}\n`, 'latin1'))
    },
    piece: (bytes) => write(Buffer.from(`${prefix()}${bytes.toString('latin1')} [line goes on]\n`, 'latin1')),
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

/** All lines pass through one buffer, because sinks copy what they keep: a flood leaves no garbage outside the heap. */
let shared: Buffer | undefined
const SHARED_BYTES = 512 * 1024

function encode(text: string, encoding: 'latin1' | 'utf8'): Buffer {
  if (text.length * 3 > SHARED_BYTES) return Buffer.from(text, encoding)
  shared ??= Buffer.allocUnsafeSlow(SHARED_BYTES)
  return shared.subarray(0, shared.write(text, encoding))
}
