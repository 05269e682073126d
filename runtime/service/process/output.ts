// stdout and stderr of one service: made from its settings, opened before a process starts, and read to the end when it
// has ended.

import { isUtf8 } from 'node:buffer'
import type { LogLevel } from '../../../config/model/log-level.ts'
import type { LineFormat } from '../../../config/model/output.ts'
import type { ProcessSettings } from '../../../config/settings/process.ts'
import { createAutoFile } from '../../log/auto-file.ts'
import { ProcessStream, type StreamLog, type TimedLog } from '../../log/stream-log.ts'
import { pythonBytesRepr, pythonRepr } from '../../process/python-repr.ts'
import type { Child, InheritedSlot } from '../../shim/shim.ts'
import { errnoCode } from '../../system/files.ts'
import type { ServiceContext } from '../context.ts'
import type { LogPaths } from '../memory/note.ts'

/** The streams of one service; with redirect_stderr there is only stdout. */
export class ServiceOutput {
  readonly #streams: { readonly stdout: ProcessStream; readonly stderr?: ProcessStream }
  #pid = 0

  /** `id` is the id of the slot at the shim; `logs` are AUTO files that are used again. */
  constructor(id: string, settings: ProcessSettings, context: ServiceContext, logs?: LogPaths) {
    const parts = { id, settings, context, logs, pid: () => this.#pid }
    const stdout = makeStream({ ...parts, stream: 'stdout' })
    this.#streams = settings.redirect_stderr
      ? { stdout }
      : { stdout, stderr: makeStream({ ...parts, stream: 'stderr' }) }
    this.#prepare()
  }

  /** The log of a stream for clients; undefined when it is not kept. */
  log(stream: 'stdout' | 'stderr'): TimedLog | undefined {
    const found = this.#streams[stream]
    return found?.captured === true ? found : undefined
  }

  /** Calls the listener with all output of a stream; see ProcessStream. Gives a function that ends it. */
  tap(stream: 'stdout' | 'stderr', listener: (chunk: Buffer) => void): () => void {
    return this.#streams[stream]?.tap(listener) ?? (() => {})
  }

  /** The streams that are kept. */
  kept(): readonly StreamLog[] {
    return this.#all().filter((stream) => stream.captured)
  }

  /** Paths of the log files as clients see them; empty for none. */
  get paths(): LogPaths {
    return { stdout: this.#streams.stdout.path, stderr: this.#streams.stderr?.path ?? '' }
  }

  /** Opens the log files for a start. Throws the error of the system. */
  open(): void {
    for (const stream of this.#all()) stream.open()
  }

  /**
   * Keeps the output of the next process in the pipes until release(). So no output comes before the report of its
   * start: readiness by a log line, event listeners and events with its pid rely on it.
   */
  hold(): void {
    for (const stream of this.#all()) stream.hold()
  }

  release(): void {
    for (const stream of this.#all()) stream.release()
  }

  /** Reads the pipes of a new process, if they are new. */
  attach(child: Pick<Child, 'pid' | 'stdout' | 'stderr' | 'stdoutJournal' | 'stderrJournal'>): void {
    this.#pid = child.pid
    if (child.stdout !== undefined) this.#streams.stdout.attach(child.stdout, child.stdoutJournal)
    if (child.stderr !== undefined) this.#streams.stderr?.attach(child.stderr, child.stderrJournal)
  }

  /**
   * Reads the pipes of a slot of the previous daemon process. When a log file cannot be opened, that is logged and the
   * output of that stream is not kept.
   */
  adopt({ process, ...pipes }: InheritedSlot, log: (level: LogLevel, message: string) => void): void {
    try {
      this.open()
    } catch (error) {
      log('warn', `cannot open a log file: ${errnoCode(error)}`)
    }
    this.attach({ pid: process?.pid ?? 0, ...pipes })
  }

  /** Reads the rest of the pipes. */
  drain(): void {
    for (const stream of this.#all()) stream.drain()
  }

  /** Reopens the log files. */
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

  /**
   * Chooses the names of AUTO files before the first start, so that the status shows them. If that fails, the start
   * will report it.
   */
  #prepare(): void {
    try {
      for (const stream of this.#all()) stream.prepare()
    } catch {
      // the start reports it as a spawn error
    }
  }
}

/** What one stream is made from. */
interface StreamParts {
  /** Id of the slot at the shim. */
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
  const { name, group, ring_buffer: ringBytes } = settings
  const speaks = settings.kind === 'listener' && stream === 'stdout'
  const quiet = { events_enabled: false, capture_maxbytes: 0, syslog: false }
  const emit = (type: 'process-log' | 'process-communication', data: Buffer) =>
    bus.emit({ type, group, name, pid: pid(), stream, data: Buffer.from(data) })
  return new ProcessStream({
    settings: speaks ? { ...settings[stream], ...quiet } : settings[stream],
    program: name,
    stream,
    format: formatOf(settings, stream, context.outputFormat),
    ringBytes,
    stripAnsi,
    stdout,
    stderr,
    createAutoFile: () => logs?.[stream] || createAutoFile({ directory, name, stream, identifier }),
    clock,
    collect: (position, ready) => shim.collect(id, stream, position, ready),
    enlargePipe: (bytes) => shim.enlargePipe(id, stream, bytes),
    report: (message) => log.log('warn', `${name} ${stream}: ${message}`),
    onRaw: speaks ? (chunk) => context.listeners?.said(group, name, chunk) : undefined,
    syslog: settings[stream].syslog && !speaks ? context.syslog?.sink(`${name} `) : undefined,
    onOutput: (chunk) => emit('process-log', chunk),
    onAny: context.showsOutput
      ? (chunk) => log.log('debug', showOutput(name, stream, chunk), { group, process: name })
      : undefined,
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

/** Files get the lines as they are, unless the program says otherwise. */
function formatOf(
  { log_format: format, ...settings }: ProcessSettings,
  stream: 'stdout' | 'stderr',
  shared: LineFormat,
): LineFormat {
  if (format !== 'auto') return format
  const { logfile } = settings[stream]
  return logfile.kind === 'stdout' || logfile.kind === 'stderr' ? shared : 'raw'
}

/** Source: supervisor 4.2.5, POutputDispatcher._log: at level debug the activity log shows the output of programs. */
function showOutput(name: string, stream: 'stdout' | 'stderr', chunk: Buffer): string {
  const text = isUtf8(chunk) ? chunk.toString() : `Undecodable: ${pythonBytesRepr(chunk)}`
  return `${pythonRepr(name)} ${stream} output:\n${text}`
}
