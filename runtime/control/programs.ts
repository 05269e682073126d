// Verbs on programs that are in no file: they come and go while the daemon runs, and outlive a reload. What they are is
// checked as the file is.

import { ConfigError, formatDiagnostic } from '../../config/diagnostic.ts'
import { ControlError } from './errors.ts'
import type { Operation } from './operations.ts'
import type { Controlled } from './supervised.ts'

type OfProgram = { readonly name: string }

/** What became of a program. */
export interface ProgramOutcome {
  readonly name: string
  readonly status: 'added' | 'replaced' | 'removed'
}

/** Adds a program, or puts it in the place of the one of that name that a client has added, and starts it unless autostart is false. */
export const putProgram: Operation<OfProgram & { readonly text: string }, ProgramOutcome> = {
  summary: 'Adds a program, or replaces one that was added so, and starts what has autostart',
  errors: ['BAD_ARGUMENTS', 'CONFLICT', 'SHUTTING_DOWN'],
  run: async (controlled, { name, text }) => {
    const { configuration } = controlled
    refuseWhileStopping(controlled)
    refuseOthers(controlled, name)
    await telling(() => configuration.dynamic?.put(name, text))
    await telling(() => configuration.reread())
    const isThere = controlled.supervisor.group(name) !== undefined
    if (isThere) await takeAway(controlled, name)
    await configuration.addGroup(name)
    return { name, status: isThere ? 'replaced' : 'added' }
  },
}

/** Stops a program that a client has added, and forgets it. */
export const removeProgram: Operation<OfProgram, ProgramOutcome> = {
  summary: 'Stops a program that was added while the daemon runs, and forgets it',
  errors: ['NOT_FOUND', 'CONFLICT', 'SHUTTING_DOWN'],
  run: async (controlled, { name }) => {
    refuseWhileStopping(controlled)
    if (!refuseOthers(controlled, name)) throw new ControlError('NOT_FOUND', `no such program: ${name}`)
    if ((await controlled.configuration.dynamic?.remove(name)) !== true)
      throw new ControlError(
        'CONFLICT',
        `${name} is in the scan directory`,
        'remove its directory, then s6-svscanctl -an',
      )
    await takeAway(controlled, name)
    return { name, status: 'removed' }
  },
}

/** Stops a group and drops it. */
export async function takeAway({ supervisor, configuration }: Controlled, name: string): Promise<void> {
  await Promise.all((supervisor.group(name) ?? []).map((service) => supervisor.stop(service)))
  await Promise.all((supervisor.group(name) ?? []).map((service) => service.untilAtRest()))
  await configuration.removeGroup(name)
}

/** Whether there is such a program; what the file says is the file's affair. */
function refuseOthers({ supervisor, configuration }: Controlled, name: string): boolean {
  if (configuration.dynamic === undefined)
    throw new ControlError('CONFLICT', 'this daemon takes no programs but those of its file')
  const services = supervisor.group(name)
  if (services?.some(({ settings }) => !settings.dynamic) === true)
    throw new ControlError('CONFLICT', `${name} is in the configuration file`, 'change it there')
  return services !== undefined
}

function refuseWhileStopping({ supervisor }: Controlled): void {
  if (supervisor.phase === 'stopping') throw new ControlError('SHUTTING_DOWN')
}

async function telling(work: () => Promise<unknown> | undefined): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    const errors = error.diagnostics.filter(({ severity }) => severity === 'error')
    throw new ControlError('BAD_ARGUMENTS', errors.map(formatDiagnostic).join('\n'))
  }
}
