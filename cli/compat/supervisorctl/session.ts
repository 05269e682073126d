// What the commands of supervisorctl share: the daemon that they control, the output, the exit code, and the input of
// the user. Source: supervisor 4.2.5, supervisorctl.Controller.

import { namespec } from '../../../config/model/names.ts'
import { FAULTS } from '../../../runtime/control/xmlrpc/faults.ts'
import type { Value } from '../../../runtime/control/xmlrpc/values.ts'
import { CTL_EXIT } from '../../exit-codes.ts'
import { type Info, infosIn, type Status, statusesIn } from './answers.ts'
import { type Address, BadStatus, call, follow, RpcFault } from './client.ts'

/** The version of the interface that both sides must have. */
const API_VERSION = '3.0'
/** Exit code of upcheck when they differ. */
const NOT_INSTALLED = 5

/** The user at the keyboard. */
export interface Person {
  /**
   * Asks a question; undefined at the end of the input. After Ctrl-C there is no answer, if a callback handles Ctrl-C.
   */
  ask(question: string): Promise<string | undefined>
  /** As ask(), without showing the typed text. */
  askHidden(question: string): Promise<string | undefined>
  /** Sets the callback for Ctrl-C; the one that was set last is called. Gives a function that removes it. */
  onInterrupt(callback: () => void): () => void
}

/** A required question was not answered. */
export class EndOfInput extends Error {}

/** One run of supervisorctl. */
export class Session {
  address: Address
  exitStatus: number = CTL_EXIT.success
  /** Whether the user is asked before the daemon is ended. */
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

  /** Prints an error and sets the exit code. */
  fail(text: string, status: number = CTL_EXIT.generic): void {
    this.output(text)
    this.exitStatus = status
  }

  /** Calls a method of the daemon. */
  call(method: string, ...parameters: readonly Value[]): Promise<Value> {
    return call(this.address, method, parameters)
  }

  /** The status of all processes. */
  async infos(): Promise<readonly Info[]> {
    return infosIn(await this.call('getAllProcessInfo'))
  }

  /** Calls a method that gives results for several processes. */
  async statuses(method: string, ...parameters: readonly Value[]): Promise<readonly Status[]> {
    return statusesIn(await this.call(method, ...parameters))
  }

  /** Prints the data of a path. Gives true when Ctrl-C has ended it. */
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

  /** Asks before something that cannot be undone, if there is a user to ask. */
  async confirm(question: string): Promise<boolean> {
    if (!this.isInteractive) return true
    const answer = await this.person.ask(question)
    if (answer === undefined) throw new EndOfInput()
    return answer.toLowerCase().startsWith('y')
  }

  /** Whether a daemon of the right kind answers; prints the error otherwise. */
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

  /** Sets the exit code for a fault; `ignored` does not count as an error. */
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

/** The name of a process in results; a group that was named as a whole has no process name. */
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
