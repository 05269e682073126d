// stdout and stderr of one service together: built from its settings, opened before a process starts,
// drained when it has ended.

import type { LogLevel, ProcessSettings } from '../../config/config.ts'
import { createAutoFile } from '../log/auto-file.ts'
import { ProcessStream, type StreamLog } from '../log/stream-log.ts'
import { pythonRepr } from '../process/python-repr.ts'
import type { Child, HeldSlot } from '../shim/shim.ts'
import { errnoCode } from '../system/files.ts'
import type { ServiceContext } from './context.ts'
import type { LogPaths } from './note.ts'

/** The streams of one service; with redirect_stderr there is only stdout. */
export class ServiceOutput {
  readonly #streams: { readonly stdout: ProcessStream; readonly stderr?: ProcessStream }
  #pid = 0

  /** `id` names the slot at the shim; `logs` are AUTO files to go on with. */
  constructor(id: string, settings: ProcessSettings, context: ServiceContext, logs?: LogPaths) {
    const parts = { id, settings, context, logs, pid: () => this.#pid }
    const stdout = makeStream({ ...parts, stream: 'stdout' })
    this.#streams = settings.redirect_stderr
      ? { stdout }
      : { stdout, stderr: makeStream({ ...parts, stream: 'stderr' }) }
    this.#prepare()
  }

  /** What control reads; undefined when nothing is kept. */
  log(stream: 'stdout' | 'stderr'): StreamLog | undefined {
    const found = this.#streams[stream]
    return found?.captured === true ? found : undefined
  }

  /** The streams that are kept. */
  kept(): readonly StreamLog[] {
    return this.#all().filter((stream) => stream.captured)
  }

  /** The log files as clients see them, empty when there is none. */
  get paths(): LogPaths {
    return { stdout: this.#streams.stdout.path, stderr: this.#streams.stderr?.path ?? '' }
  }

  /** Opens the log files for a start; throws the error of the system. */
  open(): void {
    for (const stream of this.#all()) stream.open()
  }

  /** Reads the pipes of a new process, where they are new. */
  attach(child: Pick<Child, 'pid' | 'stdout' | 'stderr'>): void {
    this.#pid = child.pid
    if (child.stdout !== undefined) this.#streams.stdout.attach(child.stdout)
    if (child.stderr !== undefined) this.#streams.stderr?.attach(child.stderr)
  }

  /** Reads the pipes of a slot that the brain before read. A log file that cannot be opened is told, no more. */
  adopt({ process, stdout, stderr }: HeldSlot, log: (level: LogLevel, message: string) => void): void {
    try {
      this.open()
    } catch (error) {
      log('warn', `cannot open a log file: ${errnoCode(error)}`)
    }
    this.attach({ pid: process?.pid ?? 0, stdout, stderr })
  }

  /** Takes what is still in the pipes. */
  drain(): void {
    for (const stream of this.#all()) stream.drain()
  }

  /** Opens the log files anew. */
  reopen(): void {
    for (const stream of this.#all()) stream.reopen()
  }

  close(): void {
    for (const stream of this.#all()) stream.close()
  }

  #all(): readonly ProcessStream[] {
    const { stdout, stderr } = this.#streams
    return stderr === undefined ? [stdout] : [stdout, stderr]
  }

  /** Names AUTO files already now, for status; where that fails the start will say so. */
  #prepare(): void {
    try {
      for (const stream of this.#all()) stream.prepare()
    } catch {
      // told as a spawn error
    }
  }
}

/** What one stream is made from. */
interface StreamParts {
  /** Names the slot at the shim. */
  readonly id: string
  readonly stream: 'stdout' | 'stderr'
  readonly settings: ProcessSettings
  readonly context: ServiceContext
  readonly logs: LogPaths | undefined
  /** The pid of the process that writes now. */
  readonly pid: () => number
}

function makeStream({ id, stream, settings, context, logs, pid }: StreamParts): ProcessStream {
  const { childLogDirectory: directory, identifier, stripAnsi, stdout, stderr, log, clock, shim, bus } = context
  const { name, group, log_format: format, ring_buffer: ringBytes } = settings
  const speaks = settings.kind === 'listener' && stream === 'stdout'
  const quiet = { events_enabled: false, capture_maxbytes: 0, syslog: false }
  const emit = (type: 'process-log' | 'process-communication', data: Buffer) =>
    bus.emit({ type, group, name, pid: pid(), stream, data: Buffer.from(data) })
  return new ProcessStream({
    settings: speaks ? { ...settings[stream], ...quiet } : settings[stream],
    program: name,
    stream,
    format,
    ringBytes,
    stripAnsi,
    stdout,
    stderr,
    createAutoFile: () => logs?.[stream] || createAutoFile({ directory, name, stream, identifier }),
    clock,
    enlargePipe: (bytes) => shim.enlargePipe(id, stream, bytes),
    report: (message) => log.log('warn', `${name} ${stream}: ${message}`),
    onRaw: speaks ? (chunk) => context.listeners?.said(group, name, chunk) : undefined,
    syslog: settings[stream].syslog && !speaks ? context.syslog?.sink(`${name} `) : undefined,
    onOutput: (chunk) => emit('process-log', chunk),
    onCaptured: (data) => {
      emit('process-communication', data)
      log.log('debug', `${pythonRepr(name)} ${stream} emitted a comm event`, {
        group,
        process: name,
        bytes: data.length,
      })
    },
  })
}
