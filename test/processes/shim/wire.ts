// A helper that a test speaks to in frames.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { encodeFields, encodeFrame, type Field, type Frame, FrameReader } from '../../../runtime/shim/client/frames.ts'
import { OPCODES } from '../../../runtime/shim/client/opcodes.ts'

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
