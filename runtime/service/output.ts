// stdout and stderr of one service together: built from its settings, opened before a process starts,
// drained when it has ended.

import type { ProcessSettings } from '../../config/config.ts'
import { createAutoFile } from '../log/auto-file.ts'
import { ProcessStream, type StreamLog } from '../log/stream-log.ts'
import type { Child } from '../shim/shim.ts'
import type { ServiceContext } from './context.ts'

/** The streams of one service; with redirect_stderr there is only stdout. */
export class ServiceOutput {
  readonly #streams: { readonly stdout: ProcessStream; readonly stderr?: ProcessStream }

  /** `id` names the slot at the shim. */
  constructor(id: string, settings: ProcessSettings, context: ServiceContext) {
    const stdout = makeStream(id, 'stdout', settings, context)
    this.#streams = settings.redirect_stderr
      ? { stdout }
      : { stdout, stderr: makeStream(id, 'stderr', settings, context) }
    this.#prepare()
  }

  /** What control reads; undefined when nothing is kept. */
  log(stream: 'stdout' | 'stderr'): StreamLog | undefined {
    const found = this.#streams[stream]
    return found?.captured === true ? found : undefined
  }

  /** The log file as clients see it, empty when there is none. */
  path(stream: 'stdout' | 'stderr'): string {
    return this.#streams[stream]?.path ?? ''
  }

  /** Opens the log files for a start; throws the error of the system. */
  open(): void {
    for (const stream of this.#all()) stream.open()
  }

  /** Reads the pipes of a new process, where they are new. */
  attach(child: Child): void {
    if (child.stdout !== undefined) this.#streams.stdout.attach(child.stdout)
    if (child.stderr !== undefined) this.#streams.stderr?.attach(child.stderr)
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

function makeStream(
  id: string,
  stream: 'stdout' | 'stderr',
  settings: ProcessSettings,
  context: ServiceContext,
): ProcessStream {
  const { childLogDirectory: directory, identifier, stripAnsi, stdout, stderr, log, clock, shim } = context
  return new ProcessStream({
    settings: settings[stream],
    stripAnsi,
    stdout,
    stderr,
    createAutoFile: () => createAutoFile({ directory, name: settings.name, stream, identifier }),
    clock,
    enlargePipe: (bytes) => shim.enlargePipe(id, stream, bytes),
    report: (message) => log.log('warn', `${settings.name} ${stream}: ${message}`),
  })
}
