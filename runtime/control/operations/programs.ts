// Verbs for programs that are in no configuration file: clients add and remove them while the daemon runs, and a reload
// keeps them. They are checked like those of the file.

import { ConfigError, formatDiagnostic } from '../../../config/model/diagnostic.ts'
import { namespec } from '../../../config/model/names.ts'
import { ControlError } from './errors.ts'
import { type Operation, refuseWhileStopping } from './operation.ts'
import type { Controlled } from './supervised.ts'

const OF_FILE = 'this daemon only runs the programs of its configuration file'

type OfProgram = { readonly name: string }

/** The result for a program. */
export interface ProgramOutcome {
  readonly name: string
  readonly status: 'added' | 'replaced' | 'removed'
}

/** Adds a program, or replaces one that a client has added under that name, and starts it unless autostart is false. */
export const putProgram: Operation<OfProgram & { readonly text: string }, ProgramOutcome> = {
  summary: 'Adds a program, or replaces one that a client has added, and starts it unless autostart is false',
  errors: ['BAD_ARGUMENTS', 'CONFLICT', 'NO_SPACE', 'SHUTTING_DOWN', 'UNAVAILABLE'],
  run: async (controlled, { name, text }) => {
    const { configuration } = controlled
    refuseWhileStopping(controlled)
    refuseName(name)
    refuseOthers(controlled, name)
    await telling(() => configuration.dynamic?.put(name, text))
    await telling(() => configuration.reread())
    const isThere = controlled.supervisor.group(name) !== undefined
    if (isThere) await takeAway(controlled, name)
    await configuration.addGroup(name)
    return { name, status: isThere ? 'replaced' : 'added' }
  },
}

/** Stops and removes a program that a client has added. */
export const removeProgram: Operation<OfProgram, ProgramOutcome> = {
  summary: 'Stops and removes a program that a client has added',
  errors: ['NOT_FOUND', 'CONFLICT', 'SHUTTING_DOWN', 'UNAVAILABLE'],
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

/** What scaling a program has changed. */
export interface Scaled {
  readonly name: string
  readonly numprocs: number
  /** Names of processes. */
  readonly added: readonly string[]
  readonly removed: readonly string[]
}

/** Changes the number of processes of a program. Processes that stay, and do not name the number, keep running. */
export const scaleProgram: Operation<OfProgram & { readonly numprocs: number }, Scaled> = {
  summary:
    'Changes the number of processes of a program; the number counts until numprocs changes in the configuration',
  errors: ['NOT_FOUND', 'BAD_ARGUMENTS', 'CONFLICT', 'ESSENTIAL', 'NO_SPACE', 'SHUTTING_DOWN', 'UNAVAILABLE'],
  run: async (controlled, { name, numprocs }) => {
    const { supervisor, configuration, helper } = controlled
    refuseWhileStopping(controlled)
    const { dynamic } = configuration
    const ofProgram = () => supervisor.services().filter(({ settings }) => settings.program === name)
    if (ofProgram().some(({ settings }) => settings.essential)) throw new ControlError('ESSENTIAL')
    if (dynamic === undefined) throw new ControlError('CONFLICT', OF_FILE)
    const before = ofProgram().map(fullName)
    const isKnown = await telling(() => dynamic.scale(name, numprocs))
    if (isKnown !== true) throw new ControlError('NOT_FOUND', `no such program: ${name}`)
    await telling(() => helper.whileAnswering(configuration.applyProgram(name)))
    const after = ofProgram().map(fullName)
    return { name, numprocs, added: without(after, before), removed: without(before, after) }
  },
}

function fullName({ group, name }: { readonly group: string; readonly name: string }): string {
  return namespec(group, name)
}

function without(names: readonly string[], others: readonly string[]): readonly string[] {
  return names.filter((name) => !others.includes(name))
}

/** Stops and removes a group. */
export async function takeAway({ supervisor, configuration }: Controlled, name: string): Promise<void> {
  await Promise.all((supervisor.group(name) ?? []).map((service) => supervisor.stop(service)))
  await Promise.all((supervisor.group(name) ?? []).map((service) => service.untilAtRest()))
  await configuration.removeGroup(name)
}

/** Whether a client has added a program of that name. Throws when the name belongs to a program of the file. */
function refuseOthers({ supervisor, configuration }: Controlled, name: string): boolean {
  if (configuration.dynamic === undefined) throw new ControlError('CONFLICT', OF_FILE)
  const services = supervisor.group(name)
  if (services?.some(({ settings }) => !settings.dynamic) === true)
    throw new ControlError('CONFLICT', `${name} is in the configuration file`, 'change it there')
  return services !== undefined
}

async function telling<Result>(work: () => Promise<Result> | undefined): Promise<Result | undefined> {
  try {
    return await work()
  } catch (error) {
    if (isFull(error))
      throw new ControlError('NO_SPACE', 'the disk is full: the program cannot be kept; nothing was changed')
    if (!(error instanceof ConfigError)) throw error
    const errors = error.diagnostics.filter(({ severity }) => severity === 'error')
    throw new ControlError('BAD_ARGUMENTS', errors.map(formatDiagnostic).join('\n'))
  }
}

/** Names with another meaning wherever programs are named. */
const RESERVED: Readonly<Record<string, string>> = {
  '': 'is empty',
  '.': 'is a directory',
  '..': 'is a directory',
  all: 'means every process',
  '*': 'means every process of a group',
}

function refuseName(name: string): void {
  const reason = RESERVED[name]
  if (reason !== undefined)
    throw new ControlError('BAD_ARGUMENTS', `a program cannot be called "${name}": that ${reason}`)
}

function isFull(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT')
}
