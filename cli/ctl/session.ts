// What every verb of ctl does first: finds the daemon, checks that it answers, and prints an error when it does not. The exit
// codes are those of supervisorctl. Source: supervisor 4.2.5, supervisorctl.Controller.upcheck and onecmd.

import { ConfigError } from '../../config/model/diagnostic.ts'
import { systemClock } from '../../runtime/system/clock.ts'
import { type Arguments, flagOf, textOf } from '../command.ts'
import { CTL_EXIT, EXIT } from '../exit-codes.ts'
import { print, printDiagnostics, printError, printProblem } from '../print.ts'
import { type Client, openClient, Refused, type Target, Unreachable } from './client.ts'
import { findTarget, findTargets } from './target.ts'

const START_HINT =
  'start one: kahi daemon -c FILE; if it listens elsewhere: kahi ctl -c FILE, -s SOCKET or $KAHI_SOCKET'

/** How often a socket is tried that is not there yet. */
const TRY_MS = 50
const MOST_SECONDS = 1e6

/** How a verb is run. */
interface Running {
  /** It has an option --timeout of its own. */
  readonly hasOwnTimeout?: boolean
  /** Ask for the version first, so that a daemon that is absent is reported as such. */
  readonly asksFirst?: boolean
  /** It draws on the terminal, or follows: not for several daemons. */
  readonly isForOne?: boolean
}

/** Runs a verb with the daemon, or the daemons, that the arguments name. Gives the exit code. */
export async function withDaemon(
  args: Arguments,
  verb: (client: Client) => Promise<number>,
  { hasOwnTimeout = false, asksFirst = true, isForOne = false }: Running = {},
): Promise<number> {
  const targets = await reportMistakes(() => findTargets(args))
  const patience = readSeconds(args, 'wait-socket')
  const limit = readSeconds(args, 'timeout')
  if (targets === undefined || patience === undefined || limit === undefined) return EXIT.usage
  const run = async (target: Target): Promise<number> => {
    const client = openClient(target)
    try {
      if (asksFirst || patience > 0) await untilAnswered(client, patience)
      const work = verb(client)
      return hasOwnTimeout || limit === 0 ? await work : await within(limit, work)
    } catch (error) {
      return explain(error, client.url, args)
    }
  }
  const [first, ...others] = targets
  if (first === undefined || others.length === 0) return first === undefined ? EXIT.usage : run(first)
  if (isForOne) {
    printProblem('this command works with one daemon', 'give one --addr')
    return EXIT.usage
  }
  return (await import('./several.ts')).forEach(targets, flagOf(args, 'json'), run)
}

/** The seconds of an option, 0 when it is not given; prints the reason and gives undefined when they are invalid. */
export function readSeconds(args: Arguments, name: string): number | undefined {
  const text = textOf(args, name) ?? '0'
  const seconds = text.trim() === '' ? NaN : Number(text)
  if (seconds >= 0 && seconds <= MOST_SECONDS) return seconds
  printProblem(`--${name} must be a number of seconds from 0 to ${MOST_SECONDS}, not "${text}"`)
  return undefined
}

/** Finds the daemon; prints the reason when its file is invalid. */
export async function readTarget(args: Arguments): Promise<Target | undefined> {
  return reportMistakes(() => findTarget(args))
}

/** What the function gives; prints the reason when a file is invalid. */
async function reportMistakes<T>(find: () => Promise<T>): Promise<T | undefined> {
  try {
    return await find()
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    printDiagnostics(error.diagnostics)
    return undefined
  }
}

/** Prints an error. Gives the exit code. */
export function explain(error: unknown, url: string, args: Arguments = {}): number {
  const { code, message, hint, exitCode } = explanation(error, url, textOf(args, 'username') !== undefined)
  if (flagOf(args, 'json')) print(JSON.stringify({ error: message, code, ...(hint !== undefined && { hint }) }))
  else print(hint === undefined ? message : `${message}\n  hint: ${hint}`)
  return exitCode
}

interface Explanation {
  readonly code: string
  readonly message: string
  readonly hint?: string
  readonly exitCode: number
}

function explanation(error: unknown, url: string, hasName: boolean): Explanation {
  if (error instanceof Unreachable) return explainUnreachable(error, url)
  if (!(error instanceof Refused)) throw error
  const { code, status } = error
  const exitCode = CTL_EXIT.generic
  if (status === 401) return { code, exitCode, ...notLetIn(url, hasName) }
  return {
    code,
    exitCode,
    message: code === 'SHUTTING_DOWN' ? 'error: the daemon is shutting down' : `error: ${error.message}`,
  }
}

function notLetIn(url: string, hasName: boolean): Pick<Explanation, 'message' | 'hint'> {
  return hasName
    ? { message: `error: ${url} does not accept this user name and password` }
    : {
        message: `error: ${url} requires a user name and a password`,
        hint: '-u NAME -p PASSWORD, or -c FILE with the configuration of the daemon',
      }
}

function explainUnreachable({ code }: Unreachable, url: string): Explanation {
  const message = `error: no daemon listens on ${url}`
  const start = { code, message, hint: START_HINT }
  if (code === 'ECONNREFUSED') return { ...start, exitCode: CTL_EXIT.insufficientPrivileges }
  if (code === 'ENOENT') return { ...start, exitCode: CTL_EXIT.notRunning }
  const reason = code === 'EACCES' ? 'permission denied' : code
  const isUntrusted = /CERT|SELF_SIGNED|UNABLE_TO/.test(code)
  return {
    code,
    message: `error: ${url}: ${reason}`,
    exitCode: CTL_EXIT.generic,
    ...(isUntrusted && { hint: 'give --cacert FILE, or --fingerprint SHA256' }),
  }
}

/** Resolves when a daemon answers; while there is none at the address, it is tried for so many seconds. */
async function untilAnswered(client: Client, seconds: number): Promise<void> {
  const clock = systemClock()
  const deadline = clock.nowMs() + seconds * 1000
  for (;;) {
    try {
      const { version } = (await client.call('GET /api/v1/version')) as { readonly version?: unknown }
      if (typeof version === 'string') return
      throw new Refused(200, 'SERVER_ERROR', 'unexpected answer; is this a kahi daemon?')
    } catch (error) {
      const isAbsent = error instanceof Unreachable && ['ENOENT', 'ECONNREFUSED', 'ECONNRESET'].includes(error.code)
      if (!isAbsent || clock.nowMs() >= deadline) throw error
    }
    await new Promise<void>((resolve) => clock.after(TRY_MS, resolve))
  }
}

/** The exit code of the work, or that of a time-out. What the daemon was asked for continues. */
async function within(seconds: number, work: Promise<number>): Promise<number> {
  let timer = { cancel: () => {} }
  const limit = new Promise<number>((resolve) => {
    timer = systemClock().after(seconds * 1000, () => {
      printError(`error: not done within ${seconds} s; the daemon continues`)
      resolve(EXIT.late)
    })
  })
  work.catch(() => {})
  return Promise.race([work, limit]).finally(() => timer.cancel())
}
