// Verbs for one process.

import { ControlError, type ErrorCode } from './errors.ts'
import { findService } from './find.ts'
import { type How, type Nothing, type OfProcess, type Operation, refuseWhileStopping } from './operation.ts'
import { showProcess } from './process-object.ts'
import type { ProcessObject } from './shapes/process.ts'
import { restartVerb, signalVerb, startVerb, stopVerb } from './verbs.ts'
import type { Outcome } from './shapes/process.ts'
import type { VariableObject } from './shapes/variable.ts'
import { originsOf } from './variable-origins.ts'
import { withoutSecrets } from '../../../config/values/secrets.ts'

const START_ERRORS = [
  'NO_FILE',
  'NOT_EXECUTABLE',
  'ALREADY_STARTED',
  'SPAWN_ERROR',
  'NEEDS_FAILED',
  'NOT_READY',
  'ABNORMAL_TERMINATION',
  'SHUTTING_DOWN',
] as const satisfies ErrorCode[]

/** All processes, sorted by group, then name. */
export const list: Operation<Nothing, ProcessObject[]> = {
  summary: 'All processes, sorted by group, then name',
  errors: [],
  run: ({ supervisor }) => supervisor.services().map((service) => showProcess(service.info())),
}

/** One process. */
export const get: Operation<OfProcess, ProcessObject> = {
  summary: 'One process',
  errors: ['NOT_FOUND'],
  run: ({ supervisor }, { name }) => showProcess(findService(supervisor, name).info()),
}

/** Starts a process. */
export const start: Operation<OfProcess & How, Outcome> = {
  summary:
    'Starts a process after its dependencies; with wait it answers when the process is RUNNING (and ready, where it has a readiness check) or has failed',
  errors: ['NOT_FOUND', ...START_ERRORS],
  run: (controlled, { name, wait }) => startVerb(controlled, wait)(findService(controlled.supervisor, name)),
}

/** Stops a process. */
export const stop: Operation<OfProcess & How, Outcome> = {
  summary: 'Stops a process after its dependents; with wait it answers when the process has ended',
  errors: ['NOT_FOUND', 'NOT_RUNNING', 'STOP_FAILED', 'ESSENTIAL', 'SHUTTING_DOWN', 'UNAVAILABLE'],
  run: (controlled, { name, wait, alone }) =>
    stopVerb(controlled, wait, alone)(findService(controlled.supervisor, name)),
}

/** Stops a process if it is up, and starts it. */
export const restart: Operation<OfProcess & How, Outcome> = {
  summary: 'Stops a process if it runs, waits for its end, and starts it',
  errors: ['NOT_FOUND', 'ESSENTIAL', ...START_ERRORS],
  run: (controlled, { name, wait }) => restartVerb(controlled, wait)(findService(controlled.supervisor, name)),
}

/** Sends a signal to a process. */
export const signal: Operation<OfProcess & { readonly signal: string }, Outcome> = {
  summary: 'Sends a signal, by name or number, to a process',
  errors: ['NOT_FOUND', 'BAD_SIGNAL', 'NOT_RUNNING', 'SHUTTING_DOWN', 'UNAVAILABLE'],
  run: (controlled, { name, signal: which }) => signalVerb(controlled, which)(findService(controlled.supervisor, name)),
}

/** Writes to the standard input of a process. */
export const sendInput: Operation<{ readonly name: string; readonly text: string }, boolean> = {
  summary: 'Writes to the standard input of a process',
  errors: ['NOT_FOUND', 'NOT_RUNNING', 'NO_FILE', 'FAILED', 'SHUTTING_DOWN', 'UNAVAILABLE'],
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

/** Runs the reload_command of a process. */
export const reload: Operation<OfProcess, Outcome> = {
  summary: 'Runs the reload_command of a process, and answers when it has ended',
  errors: ['NOT_FOUND', 'NOT_RUNNING', 'NO_RELOAD', 'FAILED', 'SHUTTING_DOWN', 'UNAVAILABLE'],
  run: async (controlled, { name }) => {
    refuseWhileStopping(controlled)
    const service = findService(controlled.supervisor, name)
    const { reload_command: command } = service.settings
    if (command === undefined) throw new ControlError('NO_RELOAD')
    await service.untilSpawned()
    const { pid } = service.info()
    if (pid === 0) throw new ControlError('NOT_RUNNING')
    const end = await controlled.helper.whileAnswering(service.runBeside(command, { MAINPID: String(pid) }))
    const problem = problemOf(end)
    if (problem !== undefined) throw new ControlError('FAILED', `reload_command failed: ${problem}`)
    return { name: service.name, group: service.group, status: 'reloaded' }
  },
}

/** The environment of a process; values whose names sound secret are hidden. */
export const environment: Operation<OfProcess, readonly VariableObject[]> = {
  summary: 'The environment that a process gets, and where each variable comes from; secrets are hidden',
  errors: ['NOT_FOUND'],
  run: async ({ supervisor, configuration }, { name }) => {
    const service = findService(supervisor, name)
    const originOf = await originsOf(service, configuration)
    return service.environment().map((variable) => ({
      name: variable.name,
      value: String(withoutSecrets(`environment.${variable.name}`, variable.value)),
      origin: originOf(variable),
    }))
  },
}

function problemOf(end: string | { readonly code?: number | undefined; readonly signal?: number | undefined }) {
  if (typeof end === 'string') return end === 'timeout' ? 'it took too long' : end
  if (end.signal !== undefined) return `signal ${end.signal}`
  return end.code === 0 ? undefined : `exit status ${end.code ?? 0}`
}
