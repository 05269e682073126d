// The commands that a service runs around its process: `finish` after its end, and `stop_command` to end it.

import type { LogLevel } from '../../../config/model/log-level.ts'
import type { ProcessSettings } from '../../../config/settings/process.ts'
import { NO_OUTPUT, withCommand, withoutOutput } from './commands.ts'
import type { CommandEnd, ServiceContext } from '../context.ts'
import { describeExit } from '../machine/exit-status.ts'
import type { ServiceOutput } from './output.ts'
import type { Effect, Event } from '../machine/state.ts'

/** What Errands need of their service. */
export interface ErrandParts {
  /** Id of the slot at the shim. */
  readonly id: string
  readonly settings: ProcessSettings
  readonly context: ServiceContext
  readonly output: ServiceOutput
  log(level: LogLevel, message: string): void
  /** Reports the result. */
  tell(event: Extract<Event, { type: 'finished' | 'stop-command-failed' }>): void
}

/** The commands of one service. */
export class Errands {
  readonly #parts: ErrandParts
  #finish = new AbortController()

  constructor(parts: ErrandParts) {
    this.#parts = parts
  }

  /** Starts a command, or ends it. */
  perform(effect: Extract<Effect, { type: 'finish' | 'end-finish' | 'stop-command' | 'end-input' }>): void {
    if (effect.type === 'finish') void this.#runFinish(effect)
    else if (effect.type === 'stop-command') void this.#runStop(effect.pid)
    else if (effect.type === 'end-input') this.#parts.context.shim.endInput(this.#parts.id)
    else this.#finish.abort()
  }

  /**
   * `finish` gets the slot of the process, which is free now, so its output goes to the same logs. Source: s6 2.15,
   * s6-supervise.
   */
  async #runFinish({ pid, status }: Extract<Effect, { type: 'finish' }>): Promise<void> {
    const { id, settings, context, output, log, tell } = this.#parts
    this.#finish = new AbortController()
    const { signal: number = 0, code = 0 } = status
    const words = [number === 0 ? code : 256, number, settings.name, pid].map(String)
    const end = await context.commands.run(
      {
        settings: withCommand(settings, settings.finish ?? '', words),
        timeoutMs: settings.timeout_finish * 1000,
        output,
        slot: id,
        abort: this.#finish.signal,
      },
      context,
    )
    output.drain()
    const problem = typeof end === 'string' ? describe(end, settings.timeout_finish) : undefined
    if (problem !== undefined) log('warn', `finish of ${settings.name}: ${problem}`)
    tell({ type: 'finished', code: typeof end === 'string' ? undefined : end.code, atMs: context.clock.nowMs() })
  }

  /** Source: systemd 252, systemd.service(5): $MAINPID of ExecStop. */
  async #runStop(pid: number): Promise<void> {
    const { settings, context, tell } = this.#parts
    const asked = withoutOutput(withCommand(settings, settings.stop_command ?? ''))
    const environment = { ...settings.environment, MAINPID: String(pid) }
    const run = { settings: { ...asked, environment }, timeoutMs: 0, output: NO_OUTPUT }
    const end = await context.commands.run(run, context)
    const isDone = typeof end !== 'string' && end.code === 0
    if (!isDone) tell({ type: 'stop-command-failed', message: describe(end, 0) })
  }
}

function describe(end: CommandEnd, seconds: number): string {
  if (end === 'timeout') return `killed after ${seconds} seconds`
  return typeof end === 'string' ? end : describeExit(end)
}
