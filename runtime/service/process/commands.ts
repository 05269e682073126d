// Runs short commands beside a process, with the same user and environment: checks and finish scripts. Each has its own
// slot at the shim, and their ends are reported to this module.

import { closeSync } from 'node:fs'
import { splitCommand } from '../../../config/values/command.ts'
import type { ProcessSettings } from '../../../config/settings/process.ts'
import type { ExitStatus, InheritedSlot, Shim } from '../../shim/shim.ts'
import type { Clock } from '../../system/clock.ts'
import type { CommandEnd, CommandRun, CommandRunner, LaunchContext } from '../context.ts'
import { launch, slotId } from './spawn.ts'

const SIGKILL = 9

/** Output that is discarded. */
export const NO_OUTPUT: CommandRun['output'] = { open: () => {}, attach: () => {} }

/** All short commands of a daemon that are running. */
export class Commands implements CommandRunner {
  readonly #shim: Shim
  readonly #clock: Clock
  readonly #running = new Map<string, (status: ExitStatus) => void>()
  #number = 0

  constructor(shim: Shim, clock: Clock) {
    this.#shim = shim
    this.#clock = clock
  }

  /** Runs a command to its end. When it takes too long, its process group is killed. */
  async run(command: CommandRun, context: LaunchContext): Promise<CommandEnd> {
    const { settings, timeoutMs, output, abort } = command
    const id = command.slot ?? this.#newSlot(settings)
    let isLate = false
    const ended = new Promise<ExitStatus>((resolve) => this.#running.set(id, resolve))
    const child = await launch(settings, output, { ...context, isMute: true }, id)
    if ('message' in child) {
      this.#running.delete(id)
      return child.message
    }
    output.attach(child)
    const kill = (): void => {
      isLate = true
      this.#shim.kill(child.pid, SIGKILL, 'group').catch(() => {})
    }
    abort?.addEventListener('abort', kill, { once: true })
    if (abort?.aborted === true) kill()
    const timer = timeoutMs > 0 ? this.#clock.after(timeoutMs, kill) : undefined
    const status = await ended
    timer?.cancel()
    if (command.slot === undefined) this.#shim.forget(id)
    return isLate ? 'timeout' : status
  }

  /**
   * Ends a command of the previous daemon process, because its result is not needed any more. False when the slot is
   * not one of a command.
   */
  end({ id, note, process, stdin, stdout, stderr, notify }: InheritedSlot): boolean {
    const number = /!(\d+)$/.exec(id)?.[1]
    if (number === undefined || note !== '') return false
    this.#number = Math.max(this.#number, Number(number))
    for (const fd of [stdin, stdout, stderr, notify]) if (fd !== undefined) closeSync(fd)
    if (process === undefined || process.end !== undefined) {
      this.#shim.forget(id)
      return true
    }
    this.#running.set(id, () => this.#shim.forget(id))
    this.#shim.kill(process.pid, SIGKILL, 'group').catch(() => {})
    return true
  }

  #newSlot({ group, name }: ProcessSettings): string {
    this.#number += 1
    return slotId({ group, name: `${name}!${this.#number}` })
  }

  /** Reports the end of a command; false when the slot is not one of a command. */
  exited(id: string, status: ExitStatus): boolean {
    const tell = this.#running.get(id)
    this.#running.delete(id)
    tell?.(status)
    return tell !== undefined
  }
}

/** The settings for another command, with further arguments appended. */
export function withCommand(
  settings: ProcessSettings,
  command: string | readonly string[],
  more: readonly string[] = [],
): ProcessSettings {
  const words = typeof command === 'string' ? splitCommand(command) : { words: command }
  return {
    ...settings,
    kind: 'program',
    command,
    argv: 'words' in words ? [...words.words, ...more] : undefined,
    commandError: 'error' in words ? words.error : undefined,
    limits: undefined,
    ready: undefined,
    health: undefined,
  }
}

/** The settings for a command whose output is discarded. */
export function withoutOutput(settings: ProcessSettings): ProcessSettings {
  const none = { kind: 'none' } as const
  const quiet = { logfile: none, syslog: false, events_enabled: false, capture_maxbytes: 0 }
  return {
    ...settings,
    log_to: undefined,
    is_logger: false,
    stdio: 'pipes',
    stdout: { ...settings.stdout, ...quiet },
    stderr: { ...settings.stderr, ...quiet },
  }
}
