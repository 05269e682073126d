// What the runtime asks of whoever is the parent of the services. Two implementations: the native
// helper (client.ts talks to kahi-shim over protocol.md) and, where it cannot run, fallback.ts.
// Nothing here restarts, decides or keeps state between processes of one id but their pipes.

import type { UserIds } from '../../config/config.ts'
import type { GroupLimits, Limits } from '../../config/resource-limits.ts'

/** What most processes do without; only the native helper can give it. */
export interface Attributes {
  readonly nice: number | undefined
  readonly oomScoreAdj: number | undefined
  /** Limits of setrlimit(2) by name. */
  readonly resources: Limits['resources']
  /** Limits through a cgroup; what cannot be had is told in Child.notice. */
  readonly group: GroupLimits | undefined
  /** Numbers of the capabilities to keep; undefined keeps all. */
  readonly capabilities: readonly number[] | undefined
  readonly noNewPrivs: boolean
  /** Signal for the case that the helper ends. */
  readonly deathSignal: number | undefined
}

/** What one process needs to come to life. */
export interface SpawnRequest {
  /** Names the slot: pipes of a slot are kept over restarts, a slot has one live process at most. */
  readonly id: string
  /** Absolute path, or a path relative to `directory`, of the program to execute. */
  readonly file: string
  readonly argv: readonly string[]
  /** The complete environment. */
  readonly environment: Readonly<Record<string, string>>
  readonly directory: string | undefined
  readonly umask: number | undefined
  /** Undefined keeps the daemon's own ids. */
  readonly user: UserIds | undefined
  /** `process-group`: own group in the daemon's session, as supervisord does. `session`: own session. */
  readonly isolation: 'process-group' | 'session'
  /**
   * `pipe`: the write end comes back in Child.stdin and stays open. `inherit`: the daemon's own, and where that is the
   * terminal of the native helper that is our parent, Ctrl-C and the like are for this process.
   */
  readonly stdin: 'pipe' | 'null' | 'inherit'
  readonly stdout: 'pipe' | 'null' | 'inherit'
  /** `stdout`: the same as stdout. */
  readonly stderr: 'pipe' | 'null' | 'inherit' | 'stdout'
  /** A socket that is standard input instead, shared with all that have the same text here (protocol.md, SPAWN). */
  readonly listen?: string | undefined
  /** Names of pipes that are standard input and output instead. All that name one share it, over their restarts (protocol.md, Conduits). */
  readonly reads?: string | undefined
  readonly writes?: string | undefined
  /**
   * Number of a descriptor that the process gets the write end of a new pipe on; the read end comes back in Child.notify.
   * `socket`: what the process sends to the socket in NOTIFY_SOCKET comes out there, line by line.
   */
  readonly notify?: number | 'socket' | undefined
  readonly attributes?: Attributes | undefined
}

/** A process that was started. File descriptors are this process's own, non-blocking, and its to close. */
export interface Child {
  readonly pid: number
  readonly stdin: number | undefined
  /** Only given when the slot's pipe is new: undefined means that the reader from the last start goes on. */
  readonly stdout: number | undefined
  readonly stderr: number | undefined
  readonly notify?: number | undefined
  /** What could not be done for it, for the log. */
  readonly notice?: string | undefined
}

/** How a process ended. Exactly one of `code` and `signal` is a number. */
export interface ExitStatus {
  readonly code: number | undefined
  /** Signal number, real-time signals included. */
  readonly signal: number | undefined
  readonly coreDumped: boolean
}

/** Why a process could not be started; `step` is what failed (`chdir`, `setuid`, `exec`, `fork`, `pipe`, …), `code` the errno name. */
export class SpawnError extends Error {
  readonly step: string
  readonly code: string

  constructor(step: string, code: string) {
    super(`${step}: ${code}`)
    this.name = 'SpawnError'
    this.step = step
    this.code = code
  }
}

/** How sending to syslog went. */
export interface SyslogResult {
  readonly dropped: number
  /** Why the last one was dropped, as the name of an errno; empty when none was. */
  readonly code: string
}

/** What the shim tells. */
export interface ShimEvents {
  /** A service's process ended and was reaped; its pid may be reused from now on. */
  exited(id: string, pid: number, status: ExitStatus): void
  /** A process nobody knows was reaped (an orphan that came to us). */
  orphan(pid: number, status: ExitStatus): void
  /** The shim itself is gone though nobody asked it to: nothing can be supervised any more. */
  lost(reason: string): void
}

/** A process that outlived the brain that started it. */
export interface HeldProcess {
  readonly pid: number
  /** Time since its start. */
  readonly ageMs: number
  /** How and how long ago it ended, when nobody has heard of that yet. */
  readonly end: { readonly status: ExitStatus; readonly agoMs: number } | undefined
}

/** What was held for a service. Descriptors are this process's own, as those of Child. */
export interface HeldSlot {
  readonly id: string
  readonly process: HeldProcess | undefined
  /** What the brain before noted, empty when it noted nothing. */
  readonly note: string
  readonly stdin: number | undefined
  readonly stdout: number | undefined
  readonly stderr: number | undefined
  readonly notify: number | undefined
}

/** A shim that is our parent, and keeps the processes while one brain takes the place of another. */
export interface Keeper {
  readonly pid: number
  /** Whether there was a brain before this one. */
  readonly isSuccession: boolean
  /** All that is held; to be called once, before the first spawn. Ends are told from then on. */
  list(): Promise<readonly HeldSlot[]>
  /** Leaves a text for the next brain; at most 4 KiB, a longer one is not kept. */
  note(id: string, text: string): void
  /** We hear signals now. `on`: when we die we are to be started again, and everything is held until then. */
  survive(on: boolean): Promise<void>
  /** We are about to end so that a new brain takes our place; signals are for it from now on. */
  upgrade(): Promise<void>
  /** From now on ends of processes are the next brain's affair. */
  leave(): void
}

/** Parent of all services. */
export interface Shim {
  /** `native`, or `fallback` with what it cannot do. */
  readonly kind: 'native' | 'fallback'
  /** Sentences for the log at start: what this shim cannot do. */
  readonly limits: readonly string[]
  /** Process that orphans of services come to and whose `orphan` reports tell of their ends; undefined when nobody does. */
  readonly reaper: number | undefined
  /** Undefined unless the shim is our parent. */
  readonly keeper: Keeper | undefined
  /** Starts a process. Rejects with SpawnError; nothing is left behind then. */
  spawn(request: SpawnRequest): Promise<Child>
  /**
   * Sends a signal (0 only asks) to a live process of ours, or to its group, which may outlive its leader.
   * False when nobody is there (ESRCH) or the number is not ours. Rejects with a SpawnError (step `kill`) otherwise.
   */
  kill(pid: number, signal: number, target: 'process' | 'group'): Promise<boolean>
  /** Sets the soft limit that processes inherit from now on, and the hard one where it is lower. Rejects with SpawnError. */
  limit(resource: 'nofile' | 'nproc', soft: number): Promise<void>
  /** Makes the pipe of a slot hold more; all such pipes together at most 32 MB. Rejects with a SpawnError when that is not possible. */
  enlargePipe(id: string, stream: 'stdout' | 'stderr', bytes: number): Promise<void>
  /** Sends complete messages to the syslog socket at `path` without waiting. Gives how many it did not take, and why. Rejects with SpawnError. */
  syslog(path: string, messages: readonly string[]): Promise<SyslogResult>
  /** Makes a FIFO with that mode, unless there is one. Rejects with SpawnError. */
  makeFifo(path: string, mode: number): Promise<void>
  /** Holds a POSIX write lock on a file, which is made when it is missing, until unlock(). Rejects with SpawnError, EAGAIN when another process has it. */
  lock(path: string): Promise<void>
  unlock(path: string): void
  /** Lets the process of a slot that `reads` come to the end of its input once all that write there have ended. */
  endInput(id: string): void
  /** Drops the slot: its pipes are closed. Its process, if any, must have ended. */
  forget(id: string): void
  /** Ends the shim; what still lives is killed with SIGKILL, group by group. Resolves when the shim is gone. */
  close(): Promise<void>
}
