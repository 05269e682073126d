// The process groups of the fallback. A group outlives its leader while it has members, and the kernel gives its number to no
// other process so long. The end of the last member is not reported, so the members are remembered with their start times:
// while one of them is there, the group was ours all the time, and so are its other members.

import { existsSync } from 'node:fs'
import { groupMembers, startOf } from '../../system/process-group.ts'
import { errorCode } from '../preflight.ts'
import { Guardian } from './guardian.ts'

/** Pid → start time. */
type Members = ReadonlyMap<number, string>

/** All groups that the fallback has made and that are not known to be empty. */
export class Groups {
  readonly #guardian = new Guardian()
  /** Undefined while the leader has not been reaped: then no other process can have the number. */
  readonly #groups = new Map<number, Members | undefined>()

  /** A group whose leader was just started. */
  add(group: number): void {
    if (this.#groups.has(group)) this.#guardian.remove(group) // its number was given away again, so it was empty
    this.#groups.set(group, undefined)
    this.#guardian.add(group, startOf(group))
  }

  /** The leader has ended. */
  leaderEnded(group: number): void {
    if (!this.#groups.has(group)) return
    const members: Members = existsSync(`/proc/${group}`) ? new Map() : membersOf(group)
    this.#groups.set(group, members)
    this.#guardian.leaderEnded(group, members)
    this.prune()
  }

  /** Forgets groups that have neither a leader nor members: their numbers may be used again. */
  prune(): void {
    for (const group of this.#groups.keys()) this.#isOurs(group)
  }

  /** Signals a group; false when it is none of ours or empty. Throws the error of the system. */
  signal(group: number, signal: number): boolean {
    if (!this.#isOurs(group)) return false
    try {
      process.kill(-group, signal)
      return true
    } catch (error) {
      if (errorCode(error) !== 'ESRCH') throw error
      this.prune()
      return false
    }
  }

  /** Sends SIGKILL to all groups. */
  killAll(): void {
    for (const group of this.#groups.keys()) {
      if (!this.#isOurs(group)) continue
      try {
        process.kill(-group, 'SIGKILL')
      } catch {
        // it is empty, or may not be signalled
      }
    }
  }

  /** Ends the shell that would kill the groups after a crash; it kills what is left. */
  async close(): Promise<void> {
    await this.#guardian.close()
    this.#groups.clear()
  }

  #isOurs(group: number): boolean {
    if (!this.#groups.has(group)) return false
    const known = this.#groups.get(group)
    if (known === undefined) return true
    const found = membersOf(group)
    const isSame = [...found].some(([pid, start]) => known.get(pid) === start)
    if (isSame) {
      this.#groups.set(group, found)
      this.#guardian.leaderEnded(group, found)
    } else {
      this.#groups.delete(group)
      this.#guardian.remove(group)
    }
    return isSame
  }
}

function membersOf(group: number): Members {
  return new Map(groupMembers(group).map(({ pid, start }) => [pid, start]))
}
