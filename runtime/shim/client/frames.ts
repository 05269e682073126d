// The frames that the daemon process and kahi-shim exchange (protocol.md): encoding and decoding. All sizes are
// limited: a frame that is too long or malformed is a FrameError.

/** Version of the protocol; both sides must have the same. */
export const PROTOCOL_VERSION = 1

/** Most bytes that may follow the length field of a frame. */
export const MAX_FRAME_BYTES = 4 * 1024 * 1024

/** One `key=value` pair of a frame. */
export type Field = readonly [key: string, value: string]

/** A decoded frame. `request` is 0 in reports. */
export interface Frame {
  readonly version: number
  readonly opcode: number
  readonly request: number
  readonly fields: readonly Field[]
}

/** Bytes that are no valid frame, or fields that cannot be encoded. */
export class FrameError extends Error {
  override readonly name = 'FrameError'
}

const LENGTH_BYTES = 4
const HEADER_BYTES = 8
const NOTHING = Buffer.alloc(0)

/** Encodes fields. Keys contain no `=`; neither keys nor values contain a NUL character. */
export function encodeFields(fields: readonly Field[]): Buffer {
  let text = ''
  for (const [key, value] of fields) {
    if (key.includes('=') || key.includes('\0') || value.includes('\0')) throw new FrameError(`cannot send "${key}"`)
    text += `${key}=${value}\0`
  }
  return Buffer.from(text)
}

/** Encodes a frame whose fields are encoded already. Gives several buffers. */
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

/** Decodes a stream of bytes. */
export class FrameReader {
  #rest: Buffer = NOTHING

  /** The frames that this chunk completes. Throws FrameError; the stream cannot be used after that. */
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

/** A field as a whole number; undefined when it is absent. Throws FrameError when it is not a whole number. */
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
