// The daemon of the soak test: a kahi.toml with quiet, short-lived, crashing and flooding programs, and what is known of
// the processes that run it.

import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, openSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { executable, tree } from '../proc.ts'
import { ask } from '../request.ts'
import { sleep } from '../running.ts'

/** A program as XML-RPC shows it. */
export interface ProgramState {
  readonly name: string
  readonly state: string
  readonly pid: number
}

const QUIET = 12
const READY_MS = 120_000

/** A daemon that survives its own end, on a unix socket. */
export class Daemon {
  readonly folder: string
  readonly socket: string
  readonly #config: string
  readonly #process: ChildProcess
  #round = 0

  constructor(root: string, folder: string) {
    this.folder = folder
    this.socket = join(folder, 'kahi.sock')
    this.#config = join(folder, 'kahi.toml')
    mkdirSync(join(folder, 'logs'))
    this.configure()
    const output = openSync(join(folder, 'output'), 'a')
    const command = ['daemon', '-c', this.#config, '--survive']
    this.#process = spawn(join(root, 'dist/kahi'), command, { cwd: folder, stdio: ['ignore', output, output] })
  }

  /** Names of the programs that must run whenever all is quiet. */
  get steady(): readonly string[] {
    return [...Array.from({ length: QUIET }, (_, index) => `quiet${index}`), 'flood0', 'flood1']
  }

  /** Writes the next configuration: a variable of half of the programs changes. */
  configure(): void {
    this.#round += 1
    const programs = this.steady.map((name, index) => this.#program(name, index % 2 === 0 ? this.#round : 0))
    const others = [
      `[programs.short]\ncommand = ["/bin/sh", "-c", "exit 0"]\nautorestart = true\nstartsecs = 0\nrestart = { delay = 1 }\n`,
      `[programs.crash]\ncommand = ["/bin/sh", "-c", "echo crash >&2; exit 3"]\nautostart = false\nstartretries = 2\n`,
    ]
    const text = [
      `[supervisor]\nlogfile = "${this.folder}/kahi.log"\nlogfile_maxbytes = "5MB"\npidfile = "${this.folder}/kahi.pid"\n`,
      `[server.unix]\nfile = "${this.socket}"\n`,
      ...programs,
      ...others,
    ].join('\n')
    writeFileSync(`${this.#config}.new`, text)
    renameSync(`${this.#config}.new`, this.#config)
  }

  #program(name: string, round: number): string {
    const script = name.startsWith('flood')
      ? 'i=0; while :; do i=$((i+1)); echo "line $i of a long flood"; [ $((i %% 2000)) = 0 ] && sleep 0.2; done'
      : // What a SIGKILL leaves behind ends by itself, so that the number of processes stays the same.
        'trap "exit 0" TERM; while :; do sleep 5 & wait; done'
    return [
      `[programs.${name}]`,
      `command = ["/bin/sh", "-c", '''${script}''']`,
      'stopasgroup = true',
      'killasgroup = true',
      `environment = { ROUND = "${round}" }`,
      `stdout_logfile = "${this.folder}/logs/${name}.log"`,
      'stdout_logfile_maxbytes = "1MB"',
      'stdout_logfile_backups = 2',
      `log_format = "${name.endsWith('1') ? 'json' : 'raw'}"`,
      '',
    ].join('\n')
  }

  /** Asks over XML-RPC; rejects when there is no answer. */
  async call(method: string, ...params: readonly (string | number | boolean)[]): Promise<string> {
    const values = params.map((value) => `<param><value>${encode(value)}</value></param>`).join('')
    const body = `<?xml version="1.0"?><methodCall><methodName>${method}</methodName><params>${values}</params></methodCall>`
    return (await ask(this.socket, 'POST', '/RPC2', body)).body
  }

  /** All programs. */
  async programs(): Promise<ProgramState[]> {
    const answer = await this.call('supervisor.getAllProcessInfo')
    return answer
      .split('<struct>')
      .slice(1)
      .map((text) => ({
        name: member(text, 'name'),
        state: member(text, 'statename'),
        pid: Number(member(text, 'pid')),
      }))
  }

  /** Resolves when all steady programs are running. */
  async settle(): Promise<void> {
    const begun = Date.now()
    for (;;) {
      const programs = await this.programs().catch(() => [])
      const down = this.steady.filter((name) => programs.find((one) => one.name === name)?.state !== 'RUNNING')
      if (programs.length > 0 && down.length === 0) return
      for (const name of down) await this.call('supervisor.startProcess', name, false).catch(() => '')
      if (this.#end !== undefined) throw new Error(`the daemon ended with ${this.#end}`)
      if (Date.now() - begun > READY_MS) throw new Error(`not running after ${READY_MS / 1000} s: ${down.join(', ')}`)
      await sleep(500)
    }
  }

  /** The helper and the daemon process; undefined while there is none. */
  pids(): { readonly helper: number; readonly node: number; readonly all: readonly number[] } {
    const all = tree(this.#process.pid ?? 0)
    const node = all.find((pid) => executable(pid) === process.execPath) ?? 0
    return { helper: this.#process.pid ?? 0, node, all }
  }

  /** Its exit code, or the signal that ended it; undefined while it runs. */
  get #end(): number | string | undefined {
    return this.#process.exitCode ?? this.#process.signalCode ?? undefined
  }

  signal(signal: NodeJS.Signals): void {
    this.#process.kill(signal)
  }

  /** Ends the daemon; gives its exit code, or the signal that ended it. */
  async stop(): Promise<number | string> {
    const ended = new Promise((resolve) => this.#process.once('exit', resolve))
    if (this.#end === undefined) {
      this.signal('SIGTERM')
      await ended
    }
    return this.#end ?? ''
  }
}

function encode(value: string | number | boolean): string {
  if (typeof value === 'string') return `<string>${value}</string>`
  return typeof value === 'number' ? `<int>${value}</int>` : `<boolean>${Number(value)}</boolean>`
}

function member(text: string, name: string): string {
  return new RegExp(`<name>${name}</name>\\s*<value>\\s*<\\w+>([^<]*)`).exec(text)?.[1] ?? ''
}
