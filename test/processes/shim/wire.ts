// A helper to which a test sends frames.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { encodeFields, encodeFrame, type Field, type Frame, FrameReader } from '../../../runtime/shim/client/frames.ts'
import { afterAll, afterEach, describe } from 'vitest'
import { OPCODES } from '../../../runtime/shim/client/opcodes.ts'
import { buildHelpers } from '../../helpers/build-native.ts'
import { temporaryDirectory } from './helpers.ts'

/** A helper without a client: bytes in, frames out. */
export class Wire {
  readonly process: ChildProcess
  readonly socket: Socket
  readonly frames: Frame[] = []
  readonly gone: Promise<unknown[]>

  /** `before`: a program with arguments that executes the helper. */
  constructor(path: string, before: readonly string[] = []) {
    const [program = path, ...words] = [...before, path, 'child']
    this.process = spawn(program, words, { stdio: ['ignore', 'ignore', 'inherit', 'pipe'], detached: true })
    this.socket = this.process.stdio[3] as Socket
    this.gone = once(this.process, 'exit')
    const reader = new FrameReader()
    this.socket.on('error', () => {})
    this.socket.on('data', (chunk: Buffer) => this.frames.push(...reader.push(chunk)))
  }

  send(opcode: number, number: number, fields: readonly Field[]): void {
    this.socket.write(encodeFrame(opcode, number, encodeFields(fields)))
  }

  async answer(number: number): Promise<Frame> {
    for (;;) {
      const frame = this.frames.find((one) => one.request === number && one.opcode < OPCODES.hello)
      if (frame !== undefined) return frame
      await Promise.race([once(this.socket, 'data'), this.gone.then(() => Promise.reject(new Error('it is gone')))])
    }
  }
}

/** A helper for the tests of a file, and the functions that they use. */
export interface WireUnderTest {
  /** The helper, with sanitizers if the compiler has them. */
  readonly path: string
  /** The helper as shipped. */
  readonly shipped: string
  /** A directory for the tests of the file. */
  readonly directory: string
  /** A new helper, which ends with the test. `before`: a program with arguments that executes it. */
  wire(path?: string, before?: readonly string[]): Wire
}

/** Tests of the helper without its client. They need a C compiler. */
export function onTheWire(tests: (under: WireUnderTest) => void): void {
  process.env.ASAN_OPTIONS = 'detect_leaks=0'
  const directory = temporaryDirectory()
  const helpers = buildHelpers(directory.path)
  const path = helpers.sanitized ?? helpers.native
  afterAll(() => directory.remove())
  describe.runIf(path !== undefined)('the helper on the wire', () => {
    const wires: Wire[] = []
    afterEach(async () => {
      for (const one of wires.splice(0)) {
        one.socket.destroy()
        await one.gone
      }
    })
    const wire = (helper = path ?? '', before: readonly string[] = []) => {
      const one = new Wire(helper, before)
      wires.push(one)
      return one
    }
    tests({ path: path ?? '', shipped: helpers.native ?? '', directory: directory.path, wire })
  })
}

/** The fields of a spawn that succeeds. */
export const VALID: Field[] = [
  ['id', 'a'],
  ['file', '/bin/true'],
  ['arg', 'true'],
]
