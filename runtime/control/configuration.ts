// Verbs on the configuration: read it again, make one group so, drop one group. And input for a process.
// Source: supervisor 4.2.5, rpcinterface.reloadConfig, addProcessGroup, removeProcessGroup, sendProcessStdin.

import { ConfigError, formatDiagnostic } from '../../config/diagnostic.ts'
import type { ChangeReport } from '../plan/change-report.ts'
import type { Changes } from '../plan/diff.ts'
import { ControlError } from './errors.ts'
import { findGroup, findService } from './find.ts'
import type { Operation } from './operations.ts'
import type { Controlled } from './supervised.ts'

type OfGroup = { readonly group: string }

/** Reads the configuration again and changes nothing. */
export const reread: Operation<object, Changes> = {
  summary: 'Reads the configuration again and says what differs from what runs; changes nothing',
  errors: ['CANT_REREAD', 'SHUTTING_DOWN'],
  run: (controlled) => readAgain(controlled, (configuration) => configuration.reread()),
}

/** Reads the configuration again and makes it so. */
export const apply: Operation<{ readonly dryRun: boolean }, ChangeReport> = {
  summary:
    'Reads the configuration again and applies what differs; a configuration that cannot be used changes nothing',
  errors: ['CANT_REREAD', 'SHUTTING_DOWN'],
  run: (controlled, { dryRun }) =>
    readAgain(controlled, (configuration) => (dryRun ? configuration.preview() : configuration.apply())),
}

async function readAgain<Result>(
  controlled: Controlled,
  read: (configuration: Controlled['configuration']) => Promise<Result>,
): Promise<Result> {
  refuseWhileStopping(controlled)
  try {
    return await read(controlled.configuration)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    const errors = error.diagnostics.filter(({ severity }) => severity === 'error')
    throw new ControlError('CANT_REREAD', errors.map(formatDiagnostic).join('\n'))
  }
}

/** Adds a group as last read and starts it. */
export const addGroup: Operation<OfGroup, boolean> = {
  summary: 'Adds a group of the configuration as last read, and starts what has autostart',
  errors: ['NOT_FOUND', 'ALREADY_ADDED', 'SHUTTING_DOWN'],
  run: async (controlled, { group }) => {
    refuseWhileStopping(controlled)
    const { configuration } = controlled
    if (!configuration.last.groups.some(({ name }) => name === group)) throw noSuchGroup(group)
    if (!(await configuration.addGroup(group))) throw new ControlError('ALREADY_ADDED')
    return true
  },
}

/** Drops a group whose processes have been stopped. */
export const removeGroup: Operation<OfGroup, boolean> = {
  summary: 'Drops a group whose processes have been stopped',
  errors: ['NOT_FOUND', 'STILL_RUNNING', 'SHUTTING_DOWN'],
  run: async (controlled, { group }) => {
    refuseWhileStopping(controlled)
    findGroup(controlled.supervisor, group)
    if (!(await controlled.configuration.removeGroup(group))) throw new ControlError('STILL_RUNNING')
    return true
  },
}

/** Writes to the standard input of a process. */
export const sendInput: Operation<{ readonly name: string; readonly text: string }, boolean> = {
  summary: 'Writes to the standard input of a process',
  errors: ['NOT_FOUND', 'NOT_RUNNING', 'NO_FILE', 'FAILED', 'SHUTTING_DOWN'],
  run: async (controlled, { name, text }) => {
    refuseWhileStopping(controlled)
    const service = findService(controlled.supervisor, name)
    const { pid, state } = service.info()
    if (pid === 0 || state === 'stopping') throw new ControlError('NOT_RUNNING')
    const outcome = await service.input.write(text)
    if (outcome === 'closed') throw new ControlError('NO_FILE', 'its standard input is closed')
    if (outcome === 'full') throw new ControlError('FAILED', 'it does not read its standard input')
    return true
  },
}

/** Begins everything anew. */
export const restartDaemon: Operation<object, boolean> = {
  summary: 'Stops everything in order and begins anew with the configuration as it is then; answers at once',
  errors: ['SHUTTING_DOWN'],
  run: (controlled) => {
    refuseWhileStopping(controlled)
    controlled.restart()
    return true
  },
}

function refuseWhileStopping({ supervisor }: Controlled): void {
  if (supervisor.phase === 'stopping') throw new ControlError('SHUTTING_DOWN')
}

function noSuchGroup(group: string): ControlError {
  return new ControlError('NOT_FOUND', `no such group: ${group}`)
}
