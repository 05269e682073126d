// What a process leaves behind in its group. Two questions: is the group that is being stopped empty by now, and
// who goes on after a process that ended alone. Orphans of a group come to the shim, which reports the end of each;
// so there is a timer only for members whose parent is somebody else, of whose end nobody tells us.

import type { LogLevel } from '../../config/config.ts'
import type { Timer } from '../system/clock.ts'
import { groupMembers, isMember } from '../system/process-group.ts'
import type { ServiceContext } from './context.ts'

const FIRST_LOOK_MS = 20
const SLOWEST_LOOK_MS = 1000
const MOST_NAMED = 10

/** What a GroupWatch needs. */
export interface GroupWatchOptions {
  /** Of the process, for messages. */
  readonly name: string
  readonly context: Pick<ServiceContext, 'shim' | 'clock'>
  /** A stop is for the whole group. */
  readonly stopsGroup: boolean
  log(level: LogLevel, message: string): void
}

interface Followed {
  readonly group: number
  readonly tell: (isEmpty: boolean) => void
}

/** Looks after the groups of one service. */
export class GroupWatch {
  readonly #options: GroupWatchOptions
  #survivors: readonly { readonly pid: number; readonly group: number }[] = []
  #looks: Promise<void> = Promise.resolve()
  #followed: Followed | undefined
  #timer: Timer | undefined
  #delayMs = FIRST_LOOK_MS
  #isAsking = false
  #isChanged = false

  constructor(options: GroupWatchOptions) {
    this.#options = options
  }

  /** Processes that went on after the end of theirs and are still there. */
  get survivors(): readonly number[] {
    if (this.#survivors.length === 0) return []
    this.#survivors = this.#survivors.filter(({ pid, group }) => isMember(pid, group))
    return this.#survivors.map(({ pid }) => pid)
  }

  /** Tells whether the group has members, now and whenever that may have changed, until it has none or rest() is called. */
  follow(group: number, tell: (isEmpty: boolean) => void): void {
    this.rest()
    this.#followed = { group, tell }
    this.#delayMs = FIRST_LOOK_MS
    this.#ask(true)
  }

  /** Ends follow(). */
  rest(): void {
    this.#timer?.cancel()
    this.#followed = undefined
  }

  /** An orphan was reaped: it may have been the last of a group. */
  orphanEnded(): void {
    if (this.#followed !== undefined) this.#ask(false)
  }

  /** A process ended and its group is left alone: says who of it goes on. */
  look(group: number): void {
    this.#looks = this.#looks.then(() => this.#look(group))
  }

  /** Resolves when it is known who goes on after ends so far. */
  looked(): Promise<void> {
    return this.#looks
  }

  /** SIGKILL to all that went on; says so. Resolves when the signals are sent. */
  async killSurvivors(): Promise<void> {
    await this.#looks
    const pids = this.survivors
    if (pids.length === 0) return
    const { name, context, log } = this.#options
    log('warn', `killing ${listed(pids)} of '${name}', left over from its group, with SIGKILL`)
    const groups = new Set(this.#survivors.map(({ group }) => group))
    await Promise.allSettled([...groups].map((group) => context.shim.kill(group, 9, 'group')))
  }

  #ask(isLook: boolean): void {
    this.#isChanged = this.#isAsking
    const followed = this.#followed
    if (this.#isAsking || followed === undefined) return
    this.#isAsking = true
    void this.#hasMembers(followed.group).then((isLeft) => {
      this.#isAsking = false
      this.#answer(followed, isLeft, isLook)
      if (this.#isChanged || followed !== this.#followed) this.#ask(true)
    })
  }

  #answer(followed: Followed, isLeft: boolean, isLook: boolean): void {
    if (followed !== this.#followed) return
    const isEmpty = !isLeft || (isLook && this.#isGone(followed.group))
    if (isEmpty) this.rest()
    followed.tell(isEmpty)
  }

  /** Looks into /proc: what waits to be reaped by a stranger is gone for us; whose parent is a stranger is looked at again. */
  #isGone(group: number): boolean {
    const { clock, shim } = this.#options.context
    const members = groupMembers(group)
    const pids = new Set(members.map(({ pid }) => pid))
    const isTold =
      shim.reaper !== undefined && members.every(({ parent }) => parent === shim.reaper || pids.has(parent))
    this.#timer?.cancel()
    if (members.length === 0) return true
    if (isTold) return false
    this.#timer = clock.after(this.#delayMs, () => this.#ask(true))
    this.#delayMs = Math.min(this.#delayMs * 2, SLOWEST_LOOK_MS)
    return false
  }

  /** A group that may not be signalled has members. */
  #hasMembers(group: number): Promise<boolean> {
    return this.#options.context.shim.kill(group, 0, 'group').catch(() => true)
  }

  async #look(group: number): Promise<void> {
    if (!(await this.#hasMembers(group))) return
    const found = groupMembers(group).map(({ pid }) => pid)
    if (found.length === 0) return
    const known = new Set(this.survivors)
    this.#survivors = [...this.#survivors, ...found.filter((pid) => !known.has(pid)).map((pid) => ({ pid, group }))]
    const { name, stopsGroup, log } = this.#options
    const hint = stopsGroup ? '' : '; stopasgroup = true stops them too'
    log('warn', `${listed(found)} of '${name}' ${found.length === 1 ? 'goes' : 'go'} on after its end${hint}`)
  }
}

function listed(pids: readonly number[]): string {
  const more = pids.length > MOST_NAMED ? ` and ${pids.length - MOST_NAMED} more` : ''
  return `${pids.length === 1 ? 'process' : 'processes'} ${pids.slice(0, MOST_NAMED).join(', ')}${more}`
}
