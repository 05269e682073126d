// Methods for processes and groups. Source: supervisor 4.2.5, rpcinterface.SupervisorNamespaceRPCInterface.

import { ControlError } from '../operations/errors.ts'
import { findService } from '../operations/find.ts'
import { signalGroup, startGroup, stopGroup } from '../operations/groups.ts'
import { list, sendInput, signal, start, stop } from '../operations/processes.ts'
import { showProcess } from '../operations/process-object.ts'
import type { ProcessObject } from '../operations/shapes/process.ts'
import type { Controlled } from '../operations/supervised.ts'
import type { Method, Parameter } from './method.ts'
import { about, readProcess, readTarget, showOutcomes } from './targets.ts'
import type { Value } from './values.ts'

/** The parameter for a process. */
export const NAME: Parameter = { name: 'name', type: 'string', help: 'The process: its name, or group:name' }
const GROUP: Parameter = { name: 'name', type: 'string', help: 'The group' }
const WAIT: Parameter = {
  name: 'wait',
  type: 'boolean',
  help: 'Answer when it is done, not when it has begun',
  fallback: true,
}
const SIGNAL: Parameter = { name: 'signal', type: 'string', help: 'The signal, by name or number' }
const STATUSES = ['array', 'A struct for each process: name, group, status, description'] as const
const DONE = ['boolean', 'Always true'] as const

/** The order has no meaning. */
export const processMethods: readonly Method[] = [
  {
    name: 'supervisor.getProcessInfo',
    help: 'The status of a process',
    parameters: [NAME],
    returns: ['struct', 'Its status as a struct'],
    call: ({ supervisor }, given) =>
      about(given.text(0), () => showInfo(showProcess(findService(supervisor, readProcess(given.text(0))).info()))),
  },
  {
    name: 'supervisor.getAllProcessInfo',
    help: 'The status of all processes, sorted by group and name',
    parameters: [],
    returns: ['array', 'The structs of getProcessInfo'],
    call: async (controlled) => (await list.run(controlled, {})).map(showInfo),
  },
  {
    name: 'supervisor.startProcess',
    help: 'Starts a process, or with group:* a group',
    parameters: [NAME, WAIT],
    returns: DONE,
    call: (controlled, given) => {
      const wait = given.flag(1)
      return oneOrGroup(given.text(0), {
        one: (name) => startOne(controlled, name, wait),
        group: (group) => startAll(controlled, group, wait, given.text(0)),
      })
    },
  },
  {
    name: 'supervisor.startProcessGroup',
    help: 'Starts all processes of a group that are not running',
    parameters: [GROUP, WAIT],
    returns: STATUSES,
    call: (controlled, given) => startAll(controlled, given.text(0), given.flag(1)),
  },
  {
    name: 'supervisor.startAllProcesses',
    help: 'Starts all processes that are not running',
    parameters: [WAIT],
    returns: STATUSES,
    call: (controlled, given) => startAll(controlled, undefined, given.flag(0)),
  },
  {
    name: 'supervisor.stopProcess',
    help: 'Stops a process, or with group:* a group',
    parameters: [NAME, WAIT],
    returns: DONE,
    call: (controlled, given) => {
      const wait = given.flag(1)
      return oneOrGroup(given.text(0), {
        one: (name) => stop.run(controlled, { name, wait, alone: true }),
        group: (group) => stopAll(controlled, group, wait, given.text(0)),
      })
    },
  },
  {
    name: 'supervisor.stopProcessGroup',
    help: 'Stops all processes of a group that are running',
    parameters: [GROUP, WAIT],
    returns: STATUSES,
    call: (controlled, given) => stopAll(controlled, given.text(0), given.flag(1)),
  },
  {
    name: 'supervisor.stopAllProcesses',
    help: 'Stops all processes that are running',
    parameters: [WAIT],
    returns: STATUSES,
    call: (controlled, given) => stopAll(controlled, undefined, given.flag(0)),
  },
  {
    name: 'supervisor.signalProcess',
    help: 'Sends a signal to a process, or with group:* to a group',
    parameters: [NAME, SIGNAL],
    returns: DONE,
    call: (controlled, given) => {
      const which = given.text(1)
      return oneOrGroup(given.text(0), {
        one: (name) => signal.run(controlled, { name, signal: which }),
        group: (group) => signalAll(controlled, group, which, given.text(0)),
        badSignal: which,
      })
    },
  },
  {
    name: 'supervisor.signalProcessGroup',
    help: 'Sends a signal to the processes of a group',
    parameters: [GROUP, SIGNAL],
    returns: STATUSES,
    call: (controlled, given) => signalAll(controlled, given.text(0), given.text(1)),
  },
  {
    name: 'supervisor.signalAllProcesses',
    help: 'Sends a signal to all processes',
    parameters: [SIGNAL],
    returns: STATUSES,
    call: (controlled, given) => signalAll(controlled, undefined, given.text(0)),
  },
  {
    name: 'supervisor.sendProcessStdin',
    help: 'Writes to the standard input of a process',
    parameters: [NAME, { name: 'chars', type: 'string', help: 'What is written, as UTF-8' }],
    returns: DONE,
    call: (controlled, given) =>
      about(given.text(0), () => sendInput.run(controlled, { text: given.text(1), name: readProcess(given.text(0)) })),
  },
]

interface Either {
  one(name: string): unknown
  group(group: string): Promise<Value>
  /** The text of a fault about the signal. */
  readonly badSignal?: string
}

/** Calls `one` for a process, or `group` for a group, depending on the name. */
function oneOrGroup(given: string, { one, group, badSignal }: Either): Promise<Value> {
  const target = readTarget(given)
  const { name } = target
  if (name === undefined) return group(target.group)
  const work = async (): Promise<true> => {
    await one(name)
    return true
  }
  return about(given, work, badSignal === undefined ? {} : { BAD_SIGNAL: badSignal })
}

/**
 * A client that does not wait gets no fault when the start has no effect, for example because the process is being
 * stopped. Source: supervisor 4.2.5, startProcess.
 */
async function startOne(controlled: Controlled, name: string, wait: boolean): Promise<void> {
  try {
    await start.run(controlled, { name, wait })
  } catch (error) {
    if (wait || !(error instanceof ControlError) || error.code !== 'ABNORMAL_TERMINATION') throw error
  }
}

function startAll(controlled: Controlled, group: string | undefined, wait: boolean, subject = group): Promise<Value> {
  return about(subject, async () => showOutcomes(await startGroup.run(controlled, { group, wait, asDone: true })))
}

function stopAll(controlled: Controlled, group: string | undefined, wait: boolean, subject = group): Promise<Value> {
  return about(subject, async () =>
    showOutcomes(await stopGroup.run(controlled, { group, wait, alone: true, asDone: true })),
  )
}

function signalAll(controlled: Controlled, group: string | undefined, which: string, subject = group): Promise<Value> {
  return about(subject, async () =>
    showOutcomes(await signalGroup.run(controlled, { group, signal: which, failsEach: true }), which),
  )
}

/** A process as supervisord shows it. Source: supervisor 4.2.5, SupervisorNamespaceRPCInterface.getProcessInfo. */
function showInfo(one: ProcessObject): Value {
  return {
    name: one.name,
    group: one.group,
    start: one.start,
    stop: one.stop,
    now: one.now,
    state: one.statecode,
    statename: one.state,
    spawnerr: one.spawnerr,
    exitstatus: one.exitstatus,
    logfile: one.stdout_logfile,
    stdout_logfile: one.stdout_logfile,
    stderr_logfile: one.stderr_logfile,
    pid: one.pid,
    description: one.description,
  }
}
