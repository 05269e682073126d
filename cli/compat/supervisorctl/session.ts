// What the commands of supervisorctl share: the daemon they speak to, what is printed, the exit status, and the person at
// the keyboard. Source: supervisor 4.2.5, supervisorctl.Controller.

import { namespec } from '../../../config/config.ts'
import { FAULTS } from '../../../runtime/control/xmlrpc/faults.ts'
import type { Value } from '../../../runtime/control/xmlrpc/values.ts'
import { CTL_EXIT } from '../../exit-codes.ts'
import { type Address, BadStatus, call, follow, RpcFault } from './client.ts'

/** The version of the interface that both sides must speak. */
const API_VERSION = '3.0'
/** What upcheck ends with when they do not. */
const NOT_INSTALLED = 5

/** The person at the keyboard. */
export interface Person {
  /** Asks; undefined at the end of the input. At Ctrl-C nobody answers, if somebody is told of that. */
  ask(question: string): Promise<string | undefined>
  /** As ask(), without showing what is typed. */
  askHidden(question: string): Promise<string | undefined>
  /** Calls back at Ctrl-C, unless somebody asks for that later; returns what undoes that. */
  onInterrupt(callback: () => void): () => void
}

/** A question that must be answered was not. */
export class EndOfInput extends Error {}

/** A process as the daemon shows it. */
export type Info = Readonly<Record<string, Value>>

/** How it went for one process. */
export interface Status {
  readonly group: string
  readonly name: string
  readonly status: number
  readonly description: string
}

/** One run of supervisorctl. */
export class Session {
  address: Address
  exitStatus: number = CTL_EXIT.success
  /** Whether questions are asked before the daemon is ended. */
  readonly isInteractive: boolean
  readonly person: Person

  constructor(address: Address, isInteractive: boolean, person: Person) {
    this.address = address
    this.isInteractive = isInteractive
    this.person = person
  }

  /** Prints a line. */
  output(text: string): void {
    process.stdout.write(`${text}\n`)
  }

  /** Says what went wrong, with the exit status for it. */
  fail(text: string, status: number = CTL_EXIT.generic): void {
    this.output(text)
    this.exitStatus = status
  }

  /** Calls a method of the daemon. */
  call(method: string, ...parameters: readonly Value[]): Promise<Value> {
    return call(this.address, method, parameters)
  }

  /** All processes. */
  async infos(): Promise<readonly Info[]> {
    return (await this.call('getAllProcessInfo')) as readonly Info[]
  }

  /** Calls a method that answers for several processes. */
  async statuses(method: string, ...parameters: readonly Value[]): Promise<readonly Status[]> {
    return (await this.call(method, ...parameters)) as unknown as readonly Status[]
  }

  /** Prints what comes on a path until Ctrl-C, which is told by true. */
  async follow(path: string, stop = new AbortController()): Promise<boolean> {
    const undo = this.person.onInterrupt(() => stop.abort())
    try {
      await follow(this.address, path, (chunk) => void process.stdout.write(chunk), stop.signal)
    } catch (error) {
      if (!stop.signal.aborted) process.stderr.write(`${this.address.url}${path} ${whyNot(error)}\n`)
    } finally {
      undo()
    }
    return stop.signal.aborted
  }

  /** Asks before something that cannot be undone, where somebody is there to be asked. */
  async confirm(question: string): Promise<boolean> {
    if (!this.isInteractive) return true
    const answer = await this.person.ask(question)
    if (answer === undefined) throw new EndOfInput()
    return answer.toLowerCase().startsWith('y')
  }

  /** Whether a daemon of the right kind answers; says what is wrong otherwise. */
  async upcheck(): Promise<boolean> {
    try {
      const version = await this.call('getVersion')
      if (version === API_VERSION) return true
      this.fail(
        `Sorry, this version of supervisorctl expects to talk to a server with API version ${API_VERSION}, but the remote version is ${String(version)}.`,
        NOT_INSTALLED,
      )
      return false
    } catch (error) {
      return this.#explain(error)
    }
  }

  /** Ends with what a fault means; `ignored` means nothing. */
  noteFault(code: number, ignored?: number): void {
    if (code === ignored || code === FAULTS.SUCCESS) return
    const isDead = ([FAULTS.SPAWN_ERROR, FAULTS.ABNORMAL_TERMINATION, FAULTS.NOT_RUNNING] as number[]).includes(code)
    this.exitStatus = isDead ? CTL_EXIT.notRunning : CTL_EXIT.generic
  }

  #explain(error: unknown): false {
    if (error instanceof RpcFault && error.code === FAULTS.UNKNOWN_METHOD) {
      this.fail(
        'Sorry, supervisord responded but did not recognize the supervisor namespace commands that supervisorctl uses to control it.  Please check that the [rpcinterface:supervisor] section is enabled in the configuration file (see sample.conf).',
        CTL_EXIT.unimplemented,
      )
      return false
    }
    const code = codeOf(error)
    if (code === 'ECONNREFUSED') this.fail(`${this.address.url} refused connection`, CTL_EXIT.insufficientPrivileges)
    else if (code === 'ENOENT') this.fail(`${this.address.url} no such file`, CTL_EXIT.notRunning)
    else throw error
    return false
  }
}

/** A name in its two parts; no name means all of a group. Source: supervisor 4.2.5, options.split_namespec. */
export function splitNamespec(text: string): { readonly group: string; readonly name: string | undefined } {
  const colon = text.indexOf(':')
  if (colon < 0) return { group: text, name: text }
  const name = text.slice(colon + 1)
  return { group: text.slice(0, colon), name: name === '' || name === '*' ? undefined : name }
}

/** The name of a process in answers, where a group that was asked for has none. */
export function shownName(group: string, name: string | undefined): string {
  return namespec(group, name ?? 'None')
}

/** The words of a line. */
export function wordsOf(text: string): readonly string[] {
  return text.split(/\s+/).filter((word) => word !== '')
}

/** The errno name of an error of the system; undefined for others. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}

function whyNot(error: unknown): string {
  if (error instanceof BadStatus) return `Cannot read, status code ${error.status}`
  return `Cannot connect, error: ${codeOf(error) ?? String(error)}`
}
