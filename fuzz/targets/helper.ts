// The protocol of the native helper: nearly valid frames, and random bytes. The helper must answer, refuse or end by
// itself; it must not crash or hang.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import type { Socket } from 'node:net'
import { join } from 'node:path'
import fc, { type Arbitrary } from 'fast-check'
import { encodeFields, encodeFrame, type Field, FrameReader } from '../../runtime/shim/client/frames.ts'
import { OPCODES } from '../../runtime/shim/client/opcodes.ts'
import { target, type Verdict } from '../target.ts'

/**
 * Bytes that are sent at once. `flip`: one byte after the length field gets this value; the fraction gives its position in
 * the frame.
 */
type Piece =
  | { readonly opcode: number; readonly fields: readonly Field[] }
  | { readonly opcode: number; readonly fields: readonly Field[]; readonly flip: readonly [number, number] }
  | { readonly bytes: string }
  | { readonly opcode: number; readonly raw: string }

const KEYS = [
  'id',
  'file',
  'arg',
  'env',
  'stdout',
  'stderr',
  'stdin',
  'uid',
  'gid',
  'groups',
  'umask',
  'rlimit',
  'nice',
]
const MORE = [
  'directory',
  'signal',
  'pid',
  'text',
  'on',
  'stream',
  'bytes',
  'path',
  'message',
  'notify',
  'oom-score-adj',
  'journal',
  'position',
]
const VALUES = [
  'a',
  'b',
  'stdout',
  '/bin/true',
  'true',
  'pipe',
  'null',
  'yes',
  '0',
  '-1',
  '15',
  'core:0:0',
  '1,2',
  '/',
  '',
]

const value = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...VALUES) },
  { weight: 1, arbitrary: fc.string({ maxLength: 20 }).map((text) => text.replaceAll('\0', '')) },
  { weight: 1, arbitrary: fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }).map(String) },
  { weight: 1, arbitrary: fc.nat(5000).map((length) => 'x'.repeat(length)) },
)
const field: Arbitrary<Field> = fc.tuple(fc.constantFrom(...KEYS, ...MORE), value)
const start: readonly Field[] = [
  ['id', 'a'],
  ['file', '/bin/true'],
  ['arg', 'true'],
]
/** Requests that end the helper, replace it by another program, or change its user. */
const LEFT_OUT: ReadonlySet<number> = new Set([OPCODES.quit, OPCODES.become, OPCODES.upgrade])
const opcode = fc
  .oneof(fc.constantFrom(...Object.values(OPCODES)), fc.nat(255))
  .filter((number) => !LEFT_OUT.has(number))
const piece: Arbitrary<Piece> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ opcode, fields: fc.array(field, { maxLength: 6 }) }) },
  {
    weight: 4,
    arbitrary: fc
      .array(field, { maxLength: 3 })
      .map((more) => ({ opcode: OPCODES.spawn, fields: [...start, ...more] })),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.array(field, { maxLength: 3 }), fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(255))
      .map(([more, at, byte]) => ({ opcode: OPCODES.spawn, fields: [...start, ...more], flip: [at, byte] as const })),
  },
  { weight: 1, arbitrary: fc.record({ opcode, raw: fc.string({ maxLength: 60 }) }) },
  { weight: 1, arbitrary: fc.record({ bytes: fc.string({ maxLength: 40 }) }) },
)

/** Random and changed frames. */
export const pieces = fc.array(piece, { minLength: 1, maxLength: 20 })

/** Sends frames to a new helper. Rejects when it has crashed, or has ended before it answered. */
export async function tryPieces(path: string, sent: readonly Piece[]): Promise<Verdict> {
  const one = new Helper(path)
  const isWhole = sent.every((item) => 'fields' in item && !('flip' in item))
  for (const [index, item] of sent.entries()) one.send(item, index + 1)
  return one.finish(isWhole ? sent.length : undefined)
}

/** Random frames, to a new helper for each input. */
export const helper = target<readonly Piece[]>({
  name: 'helper',
  about: 'the protocol between the daemon process and the native helper',
  missing: (root) => (existsSync(join(root, 'dist/kahi-shim')) ? undefined : 'there is no native helper in dist/'),
  inputs: () => pieces,
  async open({ root }) {
    const path = join(root, 'dist/kahi-shim')
    return { check: (sent) => tryPieces(path, sent), close: async () => {} }
  },
})

/** A helper of this fuzzer. */
class Helper {
  readonly #process: ChildProcess
  readonly #socket: Socket
  readonly #ended: Promise<unknown>
  #answers = 0
  #wake: () => void = () => {}

  constructor(path: string) {
    this.#process = spawn(path, ['child'], { stdio: ['ignore', 'ignore', 'ignore', 'pipe'], detached: true })
    this.#ended = once(this.#process, 'exit')
    // 'pipe' makes a socket at descriptor 3.
    this.#socket = this.#process.stdio[3] as Socket
    const reader = new FrameReader()
    this.#socket.on('error', () => {})
    this.#socket.on('data', (chunk: Buffer) => {
      this.#answers += reader
        .push(chunk)
        .filter(({ opcode: code }) => code === OPCODES.done || code === OPCODES.failed).length
      this.#wake()
    })
  }

  send(item: Piece, request: number): void {
    if ('bytes' in item) this.#socket.write(item.bytes)
    else if ('raw' in item) this.#socket.write(encodeFrame(item.opcode, request, Buffer.from(item.raw)))
    else this.#socket.write(changed(encodeFrame(item.opcode, request, encodeFields(item.fields)), item))
  }

  /** Waits for that many answers, then ends the helper. Throws when it has crashed. */
  async finish(owed: number | undefined): Promise<Verdict> {
    const answered = new Promise<void>((resolve) => {
      this.#wake = () => {
        if (owed !== undefined && this.#answers >= owed) resolve()
      }
      this.#wake()
    })
    if (owed !== undefined) await Promise.race([answered, this.#ended])
    const isAlive = this.#process.exitCode === null && this.#process.signalCode === null
    this.#socket.end()
    await this.#ended
    const { signalCode, exitCode } = this.#process
    if (signalCode !== null) throw new Error(`the helper was ended by ${signalCode}`)
    if (owed !== undefined && !isAlive) throw new Error(`the helper ended with ${exitCode} before it had answered`)
    return isAlive ? 'accepted' : 'refused'
  }
}

/** The frame with one changed byte, if the piece has one. Its length and opcode stay valid. */
function changed(frame: Buffer, piece: Piece): Buffer {
  if (!('flip' in piece)) return frame
  const [at, byte] = piece.flip
  const first = 6
  frame[first + Math.floor(at * (frame.length - 1 - first))] = byte
  return frame
}
