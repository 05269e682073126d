// Commands for the configuration and for the daemon itself. Source: supervisor 4.2.5,
// supervisorctl.DefaultControllerPlugin.

import { compareText } from '../../../config/model/compare.ts'
import { namespec } from '../../../config/model/names.ts'
import { NO_SUCH_GROUP } from '../../../runtime/control/operations/errors.ts'
import { FAULTS } from '../../../runtime/control/xmlrpc/faults.ts'
import type { Value } from '../../../runtime/control/xmlrpc/values.ts'
import { type Changes, changesIn, infosIn } from './answers.ts'
import { RpcFault } from './client.ts'
import type { CtlCommand } from './command.ts'
import { helpFor } from './help.ts'
import { status } from './process-commands.ts'
import { codeOf, type Session, wordsOf } from './session.ts'

/** In the order in which a line is compared with them. */
export const configCommands: readonly CtlCommand[] = [
  { name: 'avail', run: alone('avail', avail) },
  { name: 'reread', run: alone('reread', reread) },
  { name: 'add', run: add },
  { name: 'remove', run: remove },
  { name: 'update', run: update },
  { name: 'reload', run: alone('reload', reload) },
  { name: 'shutdown', run: alone('shutdown', shutdown) },
  { name: 'version', run: alone('version', version) },
  { name: 'open', run: open },
]

/** A command that takes no arguments. */
function alone(name: string, run: (session: Session) => Promise<void>): CtlCommand['run'] {
  return async (session, line) => {
    if (line === '') {
      await run(session)
      return
    }
    session.fail(`Error: ${name} accepts no arguments`)
    session.output(helpFor(name))
  }
}

/** Calls a method. A fault that `texts` knows is printed, and undefined is given. */
async function calling(
  session: Session,
  texts: Readonly<Record<number, string>>,
  method: string,
  ...parameters: readonly Value[]
): Promise<Value | undefined> {
  try {
    return await session.call(method, ...parameters)
  } catch (error) {
    const text = error instanceof RpcFault ? texts[error.code] : undefined
    if (text === undefined) throw error
    session.fail(text)
    return undefined
  }
}

async function avail(session: Session): Promise<void> {
  const texts = { [FAULTS.SHUTDOWN_STATE]: 'ERROR: supervisor shutting down' }
  const rows = await calling(session, texts, 'getAllConfigInfo')
  for (const row of rows === undefined ? [] : infosIn(rows)) {
    const name = namespec(String(row.group), String(row.name)).padEnd(32)
    const use = (row.inuse === true ? 'in use' : 'avail').padEnd(9)
    const start = (row.autostart === true ? 'auto' : 'manual').padEnd(9)
    session.output(`${name} ${use} ${start} ${String(row.group_prio)}:${String(row.process_prio)}`)
  }
}

async function readChanges(session: Session, shuttingDown: string, isQuiet: boolean): Promise<Changes | undefined> {
  try {
    return changesIn(await session.call('reloadConfig'))
  } catch (error) {
    if (!(error instanceof RpcFault)) throw error
    if (error.code === FAULTS.SHUTDOWN_STATE) session.fail(shuttingDown)
    else if (error.code === FAULTS.CANT_REREAD && isQuiet) session.fail(`ERROR: ${error.message}`)
    else throw error
    return undefined
  }
}

async function reread(session: Session): Promise<void> {
  const changes = await readChanges(session, 'ERROR: supervisor shutting down', true)
  if (changes === undefined) return
  const words = ['available', 'changed', 'disappeared']
  const lines = changes.flatMap((names, index) => names.map((name) => [name, words[index] ?? ''] as const))
  for (const [name, word] of lines.sort((a, b) => compareText(a[0], b[0]))) session.output(`${name}: ${word}`)
  if (lines.length === 0) session.output('No config updates to processes')
}

async function add(session: Session, line: string): Promise<void> {
  for (const name of wordsOf(line)) {
    try {
      await session.call('addProcessGroup', name)
      session.output(`${name}: added process group`)
    } catch (error) {
      if (!(error instanceof RpcFault)) throw error
      if (error.code === FAULTS.SHUTDOWN_STATE) session.fail('ERROR: shutting down')
      else if (error.code === FAULTS.ALREADY_ADDED) session.output('ERROR: process group already active')
      else if (error.code === FAULTS.BAD_NAME) session.fail(`ERROR: no such process/group: ${name}`)
      else throw error
    }
  }
}

async function remove(session: Session, line: string): Promise<void> {
  for (const name of wordsOf(line)) {
    const texts = {
      [FAULTS.STILL_RUNNING]: `ERROR: process/group still running: ${name}`,
      [FAULTS.BAD_NAME]: `ERROR: no such process/group: ${name}`,
    }
    if ((await calling(session, texts, 'removeProcessGroup', name)) === undefined) continue
    session.output(`${name}: removed process group`)
  }
}

async function update(session: Session, line: string): Promise<void> {
  const changes = await readChanges(session, 'ERROR: already shutting down', false)
  if (changes === undefined) return
  const [added, changed, removed] = changes
  const words = wordsOf(line)
  const meant = new Set(words.includes('all') ? [] : words)
  if (meant.size > 0) await checkGroups(session, meant, added)
  const isMeant = (group: string): boolean => meant.size === 0 || meant.has(group)
  for (const group of removed.filter(isMeant)) await updateOne(session, group, 'removed')
  for (const group of changed.filter(isMeant)) await updateOne(session, group, 'updated')
  for (const group of added.filter(isMeant)) {
    await session.call('addProcessGroup', group)
    session.output(`${group}: added process group`)
  }
}

async function checkGroups(session: Session, meant: ReadonlySet<string>, added: readonly string[]): Promise<void> {
  const known = new Set([...(await session.infos()).map((info) => String(info.group)), ...added])
  for (const group of meant) if (!known.has(group)) session.fail(`ERROR: ${NO_SUCH_GROUP}: ${group}`)
}

async function updateOne(session: Session, group: string, what: 'removed' | 'updated'): Promise<void> {
  const results = await session.statuses('stopProcessGroup', group)
  session.output(`${group}: stopped`)
  if (what === 'removed' && results.some((result) => result.status === FAULTS.FAILED)) {
    session.fail(`${group}: has problems; not removing`)
    return
  }
  await session.call('removeProcessGroup', group)
  if (what === 'updated') await session.call('addProcessGroup', group)
  session.output(`${group}: ${what} process group`)
}

async function reload(session: Session): Promise<void> {
  if (!(await session.confirm('Really restart the remote supervisord process y/N? '))) return
  const texts = { [FAULTS.SHUTDOWN_STATE]: 'ERROR: already shutting down' }
  if ((await calling(session, texts, 'restart')) !== undefined) session.output('Restarted supervisord')
}

async function shutdown(session: Session): Promise<void> {
  if (!(await session.confirm('Really shut the remote supervisord process down y/N? '))) return
  try {
    await session.call('shutdown')
    session.output('Shut down')
  } catch (error) {
    const { url } = session.address
    if (error instanceof RpcFault && error.code === FAULTS.SHUTDOWN_STATE)
      session.output('ERROR: already shutting down')
    else if (codeOf(error) === 'ECONNREFUSED') session.fail(`ERROR: ${url} refused connection (already shut down?)`)
    else if (codeOf(error) === 'ENOENT') session.fail(`ERROR: ${url} no such file (already shut down?)`)
    else throw error
  }
}

async function version(session: Session): Promise<void> {
  if (await session.upcheck()) session.output(String(await session.call('getSupervisorVersion')))
}

async function open(session: Session, line: string): Promise<void> {
  if (!/^(?:unix|http):/.test(line)) {
    session.fail('ERROR: url must be http:// or unix://')
    return
  }
  session.address = { ...session.address, url: line }
  const { exitStatus } = session
  await status(session, '')
  session.exitStatus = exitStatus
}
