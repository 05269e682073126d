// The frames that the brain and kahi-shim exchange (protocol.md), in both directions, as bytes and as
// objects. Everything is bounded: a frame that is too long or makes no sense is a FrameError, never a guess.

/** Version of the protocol; both sides must have the same. */
export const PROTOCOL_VERSION = 1

/** Most bytes that may follow the length field of a frame. */
export const MAX_FRAME_BYTES = 4 * 1024 * 1024

/** What a frame asks, answers or reports. */
export const OPCODES = {
  spawn: 1,
  kill: 2,
  forget: 3,
  acknowledge: 4,
  quit: 5,
  limit: 6,
  end: 7,
  enlarge: 16,
  syslog: 17,
  become: 18,
  survive: 19,
  list: 20,
  note: 21,
  upgrade: 22,
  fifo: 40,
  lock: 41,
  unlock: 42,
  done: 64,
  failed: 65,
  hello: 128,
  exited: 129,
  orphan: 130,
  slot: 131,
} as const

/** One `key=value` of a frame. */
export type Field = readonly [key: string, value: string]

/** A frame that was read. `request` is 0 in reports. */
export interface Frame {
  readonly version: number
  readonly opcode: number
  readonly request: number
  readonly fields: readonly Field[]
}

/** Bytes that are no frame, or fields that cannot be put into one. */
export class FrameError extends Error {
  override readonly name = 'FrameError'
}

const LENGTH_BYTES = 4
const HEADER_BYTES = 8
const NOTHING = Buffer.alloc(0)

/** The bytes of some fields. Keys have no `=`; neither keys nor values a NUL character. */
export function encodeFields(fields: readonly Field[]): Buffer {
  let text = ''
  for (const [key, value] of fields) {
    if (key.includes('=') || key.includes('\0') || value.includes('\0')) throw new FrameError(`cannot send "${key}"`)
    text += `${key}=${value}\0`
  }
  return Buffer.from(text)
}

/** The bytes of a frame whose fields are already bytes, in several parts. */
export function encodeFrame(opcode: number, request: number, ...parts: readonly Buffer[]): Buffer {
  const length = parts.reduce((sum, part) => sum + part.length, HEADER_BYTES)
  if (length > MAX_FRAME_BYTES) throw new FrameError(`a frame of ${length} bytes is too long`)
  const header = Buffer.alloc(LENGTH_BYTES + HEADER_BYTES)
  header.writeUInt32LE(length, 0)
  header.writeUInt8(PROTOCOL_VERSION, 4)
  header.writeUInt8(opcode, 5)
  header.writeUInt32LE(request, 8)
  return Buffer.concat([header, ...parts])
}

/** Cuts a stream of bytes into frames. */
export class FrameReader {
  #rest: Buffer = NOTHING

  /** Frames that are complete with this chunk. Throws FrameError; the stream is useless then. */
  push(chunk: Buffer): Frame[] {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    const frames: Frame[] = []
    let at = 0
    while (bytes.length - at >= LENGTH_BYTES) {
      const length = bytes.readUInt32LE(at)
      if (length < HEADER_BYTES || length > MAX_FRAME_BYTES) throw new FrameError(`a frame cannot have ${length} bytes`)
      const end = at + LENGTH_BYTES + length
      if (end > bytes.length) break
      frames.push(decodeFrame(bytes.subarray(at + LENGTH_BYTES, end)))
      at = end
    }
    this.#rest = at === bytes.length ? NOTHING : Buffer.from(bytes.subarray(at))
    return frames
  }
}

/** Value of the first field of that name. */
export function fieldOf(frame: Frame, key: string): string | undefined {
  return frame.fields.find(([name]) => name === key)?.[1]
}

/** A field that is a whole number; undefined when it is absent. Throws FrameError when it is something else. */
export function numberOf(frame: Frame, key: string): number | undefined {
  const text = fieldOf(frame, key)
  if (text === undefined) return undefined
  if (!/^\d{1,15}$/.test(text)) throw new FrameError(`"${key}" is not a number: "${text}"`)
  return Number(text)
}

function decodeFrame(body: Buffer): Frame {
  return {
    version: body.readUInt8(0),
    opcode: body.readUInt8(1),
    request: body.readUInt32LE(4),
    fields: decodeFields(body.subarray(HEADER_BYTES)),
  }
}

function decodeFields(bytes: Buffer): Field[] {
  if (bytes.length === 0) return []
  if (bytes[bytes.length - 1] !== 0) throw new FrameError('the last field has no end')
  return bytes
    .toString('utf8', 0, bytes.length - 1)
    .split('\0')
    .map(decodeField)
}

function decodeField(text: string): Field {
  const equals = text.indexOf('=')
  if (equals < 0) throw new FrameError('a field has no "="')
  return [text.slice(0, equals), text.slice(equals + 1)]
}
