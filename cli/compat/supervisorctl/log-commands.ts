// Commands for output: tail, maintail, clear, fg. Source: supervisor 4.2.5, supervisorctl.DefaultControllerPlugin.

import { splitNamespec } from '../../../config/model/names.ts'
import { FAULTS } from '../../../runtime/control/xmlrpc/faults.ts'
import type { Value } from '../../../runtime/control/xmlrpc/values.ts'
import { pythonRepr } from '../../../runtime/process/python-repr.ts'
import { RpcFault } from './client.ts'
import type { CtlCommand } from './command.ts'
import { helpFor } from './help.ts'
import type { Info } from './answers.ts'
import { type Session, shownName, wordsOf } from './session.ts'

const DEFAULT_BYTES = 1600
const PRESS = '==> Press Ctrl-C to exit <=='
const RUNNING = 20

/** In the order in which a line is compared with them. */
export const logCommands: readonly CtlCommand[] = [
  { name: 'tail', run: tail },
  { name: 'maintail', run: mainTail },
  { name: 'clear', run: clear },
  { name: 'fg', run: foreground },
]

async function tail(session: Session, line: string): Promise<void> {
  if (!(await session.upcheck())) return
  const words = wordsOf(line)
  if (words.length < 1 || words.length > 3) {
    session.fail(`Error: too ${words.length < 1 ? 'few' : 'many'} arguments`)
    session.output(helpFor('tail'))
    return
  }
  const modifier = words[0]?.startsWith('-') === true ? words[0] : undefined
  const [name, ...channels] = modifier === undefined ? words : words.slice(1)
  const channel = channels.at(-1)?.toLowerCase() ?? 'stdout'
  const bytes = readModifier(modifier)
  if (name === undefined) session.fail('Error: tail requires process name')
  else if (channel !== 'stdout' && channel !== 'stderr') session.fail(`Error: bad channel ${pythonRepr(channel)}`)
  else if (bytes === undefined) session.fail(`Error: bad argument ${modifier ?? ''}`)
  else if (bytes === 'follow') await followOne(session, `/logtail/${name}/${channel}`)
  else {
    const method = channel === 'stdout' ? 'readProcessStdoutLog' : 'readProcessStderrLog'
    await read(session, name, () => session.call(method, name, -bytes, 0))
  }
}

async function mainTail(session: Session, line: string): Promise<void> {
  if (!(await session.upcheck())) return
  const words = wordsOf(line)
  const [modifier] = words
  const bytes = modifier === undefined || modifier.startsWith('-') ? readModifier(modifier) : undefined
  if (words.length > 1) {
    session.fail('Error: too many arguments')
    session.output(helpFor('maintail'))
  } else if (bytes === undefined) session.fail(`Error: bad argument ${modifier ?? ''}`)
  else if (bytes === 'follow') await followOne(session, '/mainlogtail')
  else await read(session, 'supervisord', () => session.call('readLog', -bytes, 0))
}

/** `-100` → 100, `-f` → follow; undefined for anything else. */
function readModifier(modifier: string | undefined): number | 'follow' | undefined {
  if (modifier === undefined) return DEFAULT_BYTES
  if (modifier === '-f') return 'follow'
  return /^-[+-]?\d{1,15}$/.test(modifier) ? Number(modifier.slice(1)) : undefined
}

async function followOne(session: Session, path: string): Promise<void> {
  session.output(PRESS)
  if (await session.follow(path)) session.output('')
}

async function read(session: Session, name: string, ask: () => Promise<Value>): Promise<void> {
  const reasons: Readonly<Record<number, string>> = {
    [FAULTS.NO_FILE]: 'no log file',
    [FAULTS.FAILED]: 'unknown error reading log',
    [FAULTS.BAD_NAME]: 'no such process name',
  }
  try {
    session.output(String(await ask()))
  } catch (error) {
    const reason = error instanceof RpcFault ? reasons[error.code] : undefined
    if (reason === undefined) throw error
    session.fail(`${name}: ERROR (${reason})`)
  }
}

async function clear(session: Session, line: string): Promise<void> {
  if (!(await session.upcheck())) return
  const names = wordsOf(line)
  if (names.length === 0) {
    session.fail('Error: clear requires a process name')
    session.output(helpFor('clear'))
  } else if (names.includes('all')) {
    for (const one of await session.statuses('clearAllProcessLogs'))
      tellCleared(session, one.group, one.name, one.status)
  } else {
    for (const given of names) await clearOne(session, given)
  }
}

async function clearOne(session: Session, given: string): Promise<void> {
  const { group, name } = splitNamespec(given)
  try {
    await session.call('clearProcessLogs', given)
    tellCleared(session, group, name, FAULTS.SUCCESS)
  } catch (error) {
    if (!(error instanceof RpcFault)) throw error
    tellCleared(session, group, name, error.code)
  }
}

function tellCleared(session: Session, group: string, name: string | undefined, code: number): void {
  const shown = shownName(group, name)
  if (code === FAULTS.SUCCESS) session.output(`${shown}: cleared`)
  else if (code === FAULTS.BAD_NAME) session.output(`${shown}: ERROR (no such process)`)
  else if (code === FAULTS.FAILED) session.output(`${shown}: ERROR (failed)`)
  else throw new Error(`Unknown result code ${code} for ${shown}`)
  session.noteFault(code)
}

async function foreground(session: Session, line: string): Promise<void> {
  if (!(await session.upcheck())) return
  const [name, ...more] = wordsOf(line)
  if (name === undefined) {
    session.fail('ERROR: no process name supplied')
    session.output(helpFor('fg'))
  } else if (more.length > 0) session.fail('ERROR: too many process names supplied')
  else if (await isRunning(session, name)) await connect(session, name)
}

async function isRunning(session: Session, name: string): Promise<boolean> {
  try {
    const { state } = (await session.call('getProcessInfo', name)) as Info
    if (state !== RUNNING) session.fail('ERROR: process not running')
    return state === RUNNING
  } catch (error) {
    if (!(error instanceof RpcFault)) throw error
    if (error.code === FAULTS.BAD_NAME) session.fail('ERROR: bad process name supplied')
    else session.output(`ERROR: ${showFault(error)}`)
    return false
  }
}

/** Shows the output of a process and sends it typed lines, until Ctrl-C, end of input, or the end of the process. */
async function connect(session: Session, name: string): Promise<void> {
  session.output(PRESS)
  const stop = new AbortController()
  const streams = ['stdout', 'stderr'].map((stream) => session.follow(`/logtail/${name}/${stream}`, stop))
  const interrupted = new Promise<undefined>((resolve) =>
    stop.signal.addEventListener('abort', () => resolve(undefined)),
  )
  try {
    while (!stop.signal.aborted) {
      const typed = await Promise.race([session.person.ask(''), interrupted])
      if (typed === undefined || !(await sendLine(session, name, typed))) break
    }
    session.output('Exiting foreground')
  } finally {
    stop.abort()
    await Promise.all(streams)
  }
}

/** Sends a line; false when the process has ended. */
async function sendLine(session: Session, name: string, typed: string): Promise<boolean> {
  try {
    await session.call('sendProcessStdin', name, `${typed}\n`)
    const { state } = (await session.call('getProcessInfo', name)) as Info
    if (state !== RUNNING) session.output('Process got killed')
    return state === RUNNING
  } catch (error) {
    if (!(error instanceof RpcFault)) throw error
    session.output(error.code === FAULTS.NOT_RUNNING ? 'Process got killed' : `ERROR: ${showFault(error)}`)
    return false
  }
}

/** A fault as Python prints it. */
function showFault(fault: RpcFault): string {
  return `<Fault ${fault.code}: ${pythonRepr(fault.message)}>`
}
