// Watches the process group of a service after its process has ended. It answers two questions: is the group that is
// being stopped empty, and which processes are still running after a process that ended alone? Orphans of a group
// become children of the shim, which reports their ends. Therefore a timer is needed only for members with another
// parent, whose ends are not reported.

import type { LogLevel } from '../../../config/model/log-level.ts'
import type { Timer } from '../../system/clock.ts'
import { groupMembers, isMember } from '../../system/process-group.ts'
import { SIGCONT, SIGKILL, SIGTERM } from '../../../config/values/signal.ts'
import type { ServiceContext } from '../context.ts'

const FIRST_LOOK_MS = 20
const SLOWEST_LOOK_MS = 1000
const MOST_NAMED = 10

/** What a GroupWatch needs. */
export interface GroupWatchOptions {
  /** Name of the process, for messages. */
  readonly name: string
  readonly context: Pick<ServiceContext, 'shim' | 'clock'>
  /**
   * Whether messages name the key that would stop the rest of the group. They do not where a stop applies to the whole
   * group already, and not with the rules of s6, where there is no such key.
   */
  readonly hints: () => boolean
  log(level: LogLevel, message: string): void
}

interface Followed {
  readonly group: number
  readonly tell: (isEmpty: boolean) => void
}

/** Watches the groups of one service. */
export class GroupWatch {
  readonly #options: GroupWatchOptions
  #survivors: readonly { readonly pid: number; readonly group: number }[] = []
  #looks: Promise<void> = Promise.resolve()
  #followed: Followed | undefined
  #timer: Timer | undefined
  #delayMs = FIRST_LOOK_MS
  #isAsking = false
  #isChanged = false
  #isHurried = false
  #wake: () => void = () => {}

  constructor(options: GroupWatchOptions) {
    this.#options = options
  }

  /** Processes that are still running after their service's process ended. */
  get survivors(): readonly number[] {
    if (this.#survivors.length === 0) return []
    this.#survivors = this.#survivors.filter(({ pid, group }) => isMember(pid, group))
    return this.#survivors.map(({ pid }) => pid)
  }

  /** Reports whether the group has members, now and at each possible change, until it has none or rest() is called. */
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

  /** An orphan was reaped: it may have been the last process of a group. */
  orphanEnded(): void {
    if (this.#followed !== undefined) this.#ask(false)
    this.#wake()
  }

  /** A process has ended and its group is not stopped: logs which processes of it are still running. */
  look(group: number): void {
    this.#looks = this.#looks.then(() => this.#look(group))
  }

  /** Resolves when the survivors of all ends so far are known. */
  looked(): Promise<void> {
    return this.#looks
  }

  /**
   * Ends all survivors: SIGTERM and SIGCONT, then SIGKILL to those that are still running after `graceMs`; both are
   * logged. Resolves when the last one has ended or was killed. Source: s6-linux-init 1.2, s6-linux-init-shutdownd.
   */
  async endSurvivors(graceMs: number): Promise<void> {
    await this.#looks
    if (this.survivors.length > 0 && graceMs > 0) {
      this.#sayOf(`with SIGTERM, and with SIGKILL after ${graceMs / 1000} seconds`)
      await this.#signalSurvivors([SIGTERM, SIGCONT])
      await this.#untilGone(graceMs)
    }
    if (this.survivors.length === 0) return
    this.#sayOf('with SIGKILL')
    await this.#signalSurvivors([SIGKILL])
  }

  /** Ends the grace period of endSurvivors() now. */
  hurry(): void {
    this.#isHurried = true
    this.#wake()
  }

  #sayOf(how: string): void {
    const { name, log } = this.#options
    log('warn', `killing ${listed(this.survivors)} of '${name}', left over from its group, ${how}`)
  }

  async #signalSurvivors(signals: readonly number[]): Promise<void> {
    const { shim } = this.#options.context
    const groups = new Set(this.#survivors.map(({ group }) => group))
    for (const signal of signals)
      await Promise.allSettled([...groups].map((group) => shim.kill(group, signal, 'group')))
  }

  /** Looks after each end of an orphan, and periodically, because not all survivors are reaped by the shim. */
  async #untilGone(limitMs: number): Promise<void> {
    const { clock } = this.#options.context
    const endMs = clock.nowMs() + limitMs
    for (let delayMs = FIRST_LOOK_MS; this.survivors.length > 0 && !this.#isHurried; delayMs *= 2) {
      const restMs = endMs - clock.nowMs()
      if (restMs <= 0) return
      await new Promise<void>((resolve) => {
        const timer = clock.after(Math.min(delayMs, SLOWEST_LOOK_MS, restMs), resolve)
        this.#wake = () => {
          timer.cancel()
          resolve()
        }
      })
    }
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

  /**
   * Reads /proc. A zombie whose parent is another process counts as gone. A group with members of another parent is
   * looked at again.
   */
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

  /** Whether the group has members. A group that may not be signalled has some. */
  #hasMembers(group: number): Promise<boolean> {
    return this.#options.context.shim.kill(group, 0, 'group').catch(() => true)
  }

  async #look(group: number): Promise<void> {
    if (!(await this.#hasMembers(group))) return
    const found = groupMembers(group).map(({ pid }) => pid)
    if (found.length === 0) return
    const known = new Set(this.survivors)
    this.#survivors = [...this.#survivors, ...found.filter((pid) => !known.has(pid)).map((pid) => ({ pid, group }))]
    const { name, hints, log } = this.#options
    const hint = !hints() ? '' : '; stopasgroup = true stops them too'
    log(
      'warn',
      `${listed(found)} of '${name}' ${found.length === 1 ? 'is' : 'are'} still running after '${name}' exited${hint}`,
    )
  }
}

function listed(pids: readonly number[]): string {
  const more = pids.length > MOST_NAMED ? ` and ${pids.length - MOST_NAMED} more` : ''
  return `${pids.length === 1 ? 'process' : 'processes'} ${pids.slice(0, MOST_NAMED).join(', ')}${more}`
}
