// Commands for processes: status, start, stop, restart, signal, pid. Texts and exit codes are supervisorctl's. Source:
// supervisor 4.2.5, supervisorctl.DefaultControllerPlugin.

import { namespec, splitNamespec } from '../../../config/model/names.ts'
import { FAULTS } from '../../../runtime/control/xmlrpc/faults.ts'
import { CTL_EXIT, STATUS_EXIT } from '../../exit-codes.ts'
import { notFound } from '../../ctl/names.ts'
import { RpcFault } from './client.ts'
import type { CtlCommand } from './command.ts'
import { helpFor } from './help.ts'
import type { Info, Status } from './answers.ts'
import { type Session, shownName, wordsOf } from './session.ts'

/** STOPPED, EXITED, FATAL and UNKNOWN. */
const AT_REST: readonly unknown[] = [0, 100, 200, 1000]

/** One verb for processes: the methods that it calls, and how it shows the results. */
interface Verb {
  readonly one: string
  readonly group: string
  readonly all: string
  readonly before: readonly string[]
  show(status: Status): string
  /** A fault that does not count as an error. */
  readonly ignored: number | undefined
  /** Exit code for a group that does not exist. */
  readonly noGroup: number
}

const START: Verb = {
  one: 'startProcess',
  group: 'startProcessGroup',
  all: 'startAllProcesses',
  before: [],
  show: (status) => showStatus(status, 'started', START_TEXTS),
  ignored: FAULTS.ALREADY_STARTED,
  noGroup: CTL_EXIT.invalidArguments,
}

const STOP: Verb = {
  one: 'stopProcess',
  group: 'stopProcessGroup',
  all: 'stopAllProcesses',
  before: [],
  show: (status) => showStatus(status, 'stopped', SIGNAL_TEXTS),
  ignored: FAULTS.NOT_RUNNING,
  noGroup: CTL_EXIT.generic,
}

const SIGNAL: Omit<Verb, 'before'> = {
  one: 'signalProcess',
  group: 'signalProcessGroup',
  all: 'signalAllProcesses',
  show: (status) => showStatus(status, 'signalled', SIGNAL_TEXTS),
  ignored: undefined,
  noGroup: CTL_EXIT.generic,
}

const START_TEXTS: Readonly<Record<number, string>> = {
  [FAULTS.BAD_NAME]: 'no such process',
  [FAULTS.NO_FILE]: 'no such file',
  [FAULTS.NOT_EXECUTABLE]: 'file is not executable',
  [FAULTS.ALREADY_STARTED]: 'already started',
  [FAULTS.SPAWN_ERROR]: 'spawn error',
  [FAULTS.ABNORMAL_TERMINATION]: 'abnormal termination',
}

const SIGNAL_TEXTS: Readonly<Record<number, string>> = {
  [FAULTS.BAD_NAME]: 'no such process',
  [FAULTS.BAD_SIGNAL]: 'bad signal name',
  [FAULTS.NOT_RUNNING]: 'not running',
}

/** In the order in which a line is compared with them. */
export const processCommands: readonly CtlCommand[] = [
  { name: 'status', run: status },
  { name: 'pid', run: pid },
  { name: 'start', run: start },
  { name: 'stop', run: stop },
  { name: 'restart', run: restart },
  { name: 'signal', run: signal },
]

/** Prints all processes, or the named ones. */
export async function status(session: Session, line: string): Promise<void> {
  if (!(await session.upcheck())) {
    session.exitStatus = STATUS_EXIT.unknown
    return
  }
  const all = await session.infos()
  const names = wordsOf(line)
  const shown =
    names.length === 0 || names.includes('all') ? all : names.flatMap((name) => findInfos(session, all, name))
  const width = Math.max(30, ...shown.map(nameOf).map(({ length }) => length)) + 3
  for (const info of shown) {
    session.output(`${nameOf(info).padEnd(width)}${String(info.statename).padEnd(10)}${String(info.description)}`)
  }
  if (shown.some(({ state }) => AT_REST.includes(state))) session.exitStatus = STATUS_EXIT.notRunning
}

function findInfos(session: Session, all: readonly Info[], wanted: string): readonly Info[] {
  const { group, name } = splitNamespec(wanted)
  const found = all.filter((info) => info.group === group && (name === undefined || info.name === name))
  if (found.length > 0) return found
  session.fail(notFound({ group, name }, wanted), STATUS_EXIT.unknown)
  return []
}

function nameOf(info: Info): string {
  return namespec(String(info.group), String(info.name))
}

async function pid(session: Session, line: string): Promise<void> {
  if (!(await session.upcheck())) return
  const names = wordsOf(line)
  if (names.length === 0) session.output(String(await session.call('getPID')))
  else if (names.includes('all')) for (const info of await session.infos()) session.output(String(info.pid))
  else for (const name of names) await pidOf(session, name)
}

async function pidOf(session: Session, name: string): Promise<void> {
  try {
    const info = (await session.call('getProcessInfo', name)) as Info
    session.output(String(info.pid))
    if (info.pid === 0) session.exitStatus = CTL_EXIT.notRunning
  } catch (error) {
    if (!(error instanceof RpcFault) || error.code !== FAULTS.BAD_NAME) throw error
    session.fail(`No such process ${name}`)
  }
}

async function start(session: Session, line: string): Promise<void> {
  if (!(await session.upcheck())) return
  const names = wordsOf(line)
  if (names.length > 0) await doTo(session, START, names)
  else complain(session, 'start', 'Error: start requires a process name', CTL_EXIT.invalidArguments)
}

async function stop(session: Session, line: string): Promise<void> {
  if (!(await session.upcheck())) return
  const names = wordsOf(line)
  if (names.length > 0) await doTo(session, STOP, names)
  else complain(session, 'stop', 'Error: stop requires a process name')
}

async function restart(session: Session, line: string): Promise<void> {
  if (!(await session.upcheck())) return
  if (wordsOf(line).length === 0) {
    complain(session, 'restart', 'Error: restart requires a process name')
    return
  }
  await stop(session, line)
  await start(session, line)
}

async function signal(session: Session, line: string): Promise<void> {
  if (!(await session.upcheck())) return
  const [which, ...names] = wordsOf(line)
  if (which !== undefined && names.length > 0) await doTo(session, { ...SIGNAL, before: [which] }, names)
  else complain(session, 'signal', 'Error: signal requires a signal name and a process name')
}

function complain(session: Session, command: string, text: string, exitStatus?: number): void {
  session.fail(text, exitStatus)
  session.output(helpFor(command))
}

async function doTo(session: Session, verb: Verb, names: readonly string[]): Promise<void> {
  if (names.includes('all')) {
    report(session, verb, await session.statuses(verb.all, ...verb.before))
    return
  }
  for (const name of names) {
    const target = splitNamespec(name)
    if (target.name === undefined) await doToGroup(session, verb, target.group)
    else await doToOne(session, verb, name, { group: target.group, name: target.name })
  }
}

async function doToGroup(session: Session, verb: Verb, group: string): Promise<void> {
  try {
    report(session, verb, await session.statuses(verb.group, group, ...verb.before))
  } catch (error) {
    if (!(error instanceof RpcFault) || error.code !== FAULTS.BAD_NAME) throw error
    session.fail(notFound({ group, name: undefined }), verb.noGroup)
  }
}

async function doToOne(
  session: Session,
  verb: Verb,
  given: string,
  target: { readonly group: string; readonly name: string },
): Promise<void> {
  try {
    await session.call(verb.one, given, ...verb.before)
    session.output(verb.show({ ...target, status: FAULTS.SUCCESS, description: '' }))
  } catch (error) {
    if (!(error instanceof RpcFault)) throw error
    report(session, verb, [{ ...target, status: error.code, description: error.message }])
  }
}

function report(session: Session, verb: Verb, statuses: readonly Status[]): void {
  for (const one of statuses) {
    session.output(verb.show(one))
    session.noteFault(one.status, verb.ignored)
  }
}

function showStatus(
  { group, name, status: code, description }: Status,
  done: string,
  texts: Readonly<Record<number, string>>,
): string {
  if (code === FAULTS.SUCCESS) return `${shownName(group, name)}: ${done}`
  const text = texts[code]
  if (text !== undefined) return `${shownName(group, name)}: ERROR (${text})`
  if (code === FAULTS.FAILED && texts === SIGNAL_TEXTS) return description
  throw new Error(`Unknown result code ${code} for ${shownName(group, name)}`)
}
