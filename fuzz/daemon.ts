// A daemon that gets the requests of the fuzzer, and checks whether the daemon still works.

import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import type { Surroundings } from './target.ts'

const READY_MS = 60_000
const ANSWER_MS = 15_000
const QUIET_MS = 2000
/** The most memory that a daemon with these programs may use, in KiB. */
const MEMORY_KIB = 400 * 1024

/** A kahi daemon with two idle programs and one that writes, on a unix socket. */
export class Daemon {
  readonly socket: string
  readonly #log: string
  readonly #process: ChildProcess

  constructor({ root, folder }: Surroundings) {
    const home = join(folder, 'daemon')
    mkdirSync(home)
    this.socket = join(home, 'kahi.sock')
    this.#log = join(home, 'kahi.log')
    const toml = join(home, 'kahi.toml')
    writeFileSync(
      toml,
      `[supervisor]\nlogfile = "${this.#log}"\npidfile = "${home}/kahi.pid"\n[server.unix]\nfile = "${this.socket}"\n` +
        '[programs.a]\ncommand = "/bin/cat"\n[programs.b]\ncommand = "/bin/cat"\n' +
        `[programs.writer]\ncommand = ["/bin/sh", "-c", "while :; do echo $((i += 1)); sleep 0.05; done"]\n`,
    )
    this.#process = spawn(join(root, 'dist/kahi'), ['daemon', '-c', toml], { stdio: 'ignore', cwd: home })
  }

  /** Resolves when the daemon answers. */
  async ready(): Promise<void> {
    const begun = Date.now()
    while (!(await this.#isWell(1000))) {
      if (Date.now() - begun > READY_MS) throw new Error('the daemon did not start')
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }

  /** Sends bytes, closes the sending side, and gives all bytes of the answer within a time limit. */
  send(bytes: Buffer): Promise<string> {
    return new Promise((resolve) => {
      const chunks: Buffer[] = []
      const socket: Socket = connect(this.socket)
      const done = (): void => {
        socket.destroy()
        resolve(Buffer.concat(chunks).toString('latin1'))
      }
      socket.setTimeout(QUIET_MS, done)
      socket.on('data', (chunk: Buffer) => chunks.push(chunk))
      socket.on('error', done)
      socket.on('close', done)
      socket.end(bytes)
    })
  }

  /** Throws unless the daemon runs, answers, uses little memory, and has logged no bug. */
  async examine(answer: string): Promise<void> {
    const { exitCode, signalCode, pid } = this.#process
    if (exitCode !== null || signalCode !== null) throw new Error(`the daemon ended: ${signalCode ?? exitCode}`)
    if (/^HTTP\/1\.[01] 500/m.test(answer)) throw new Error(`answered: ${answer.slice(0, 2000)}`)
    if (!(await this.#isWell(ANSWER_MS))) throw new Error('the daemon does not answer /healthz')
    const mistake = /internal error.*(?:\n.*){0,5}/.exec(readFileSync(this.#log, 'utf8'))?.[0]
    if (mistake !== undefined) throw new Error(mistake)
    const used = Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0)
    if (used > MEMORY_KIB) throw new Error(`the daemon uses ${used} KiB`)
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return
    const ended = new Promise((resolve) => this.#process.once('exit', resolve))
    this.#process.kill('SIGTERM')
    await ended
  }

  #isWell(ms: number): Promise<boolean> {
    return new Promise((resolve) => {
      const asked = request({ socketPath: this.socket, path: '/healthz', timeout: ms }, (response) => {
        response.resume()
        response.once('end', () => resolve(response.statusCode === 200))
      })
      asked.once('timeout', () => asked.destroy())
      asked.once('error', () => resolve(false))
      asked.end()
    })
  }
}
