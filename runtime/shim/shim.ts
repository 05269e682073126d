// What the runtime asks of the parent of the services. There are two implementations: client.ts, which talks to the
// native helper kahi-shim over protocol.md, and fallback.ts, where the helper cannot run. A shim restarts nothing and
// decides nothing. Between two processes of a slot it keeps only their pipes.

import type { UserIds } from '../../config/model/machine.ts'
import type { GroupLimits, Limits } from '../../config/model/resource-limits.ts'

/** Settings that most processes do without. Only the native helper supports them. */
export interface Attributes {
  readonly nice: number | undefined
  readonly oomScoreAdj: number | undefined
  /** Limits of setrlimit(2) by name. */
  readonly resources: Limits['resources']
  /** Limits that need a cgroup; those that cannot be set are reported in Child.notice. */
  readonly group: GroupLimits | undefined
  /** Numbers of the capabilities to keep; undefined keeps all. */
  readonly capabilities: readonly number[] | undefined
  readonly noNewPrivs: boolean
  /** The signal that the process gets when the helper ends. */
  readonly deathSignal: number | undefined
}

/** All settings of a process that is to be started. */
export interface SpawnRequest {
  /** The id of the slot. The pipes of a slot are kept over restarts; a slot has one running process at most. */
  readonly id: string
  /** Absolute path of the program to execute, or a path relative to `directory`. */
  readonly file: string
  readonly argv: readonly string[]
  /** The complete environment. */
  readonly environment: Readonly<Record<string, string>>
  readonly directory: string | undefined
  readonly umask: number | undefined
  /** Undefined keeps the daemon's own user and groups. */
  readonly user: UserIds | undefined
  /** `process-group`: an own process group in the daemon's session, as supervisord does. `session`: an own session. */
  readonly isolation: 'process-group' | 'session'
  /**
   * `pipe`: the write end comes back in Child.stdin and stays open. `inherit`: the daemon's own standard input; if that
   * is the terminal of the native helper that is our parent, Ctrl-C and other terminal signals go to this process.
   */
  readonly stdin: 'pipe' | 'null' | 'inherit'
  readonly stdout: 'pipe' | 'null' | 'inherit'
  /** `stdout`: the same as stdout. */
  readonly stderr: 'pipe' | 'null' | 'inherit' | 'stdout'
  /** The streams whose new pipes the shim shall read into journals, if it can (protocol.md, "Journals"). */
  readonly journals?: readonly ('stdout' | 'stderr')[]
  /**
   * Text that identifies a socket which becomes standard input. All processes with the same text share the socket
   * (protocol.md, SPAWN).
   */
  readonly listen?: string | undefined
  /**
   * Names of pipes that become standard input and standard output. All processes with the same name share one pipe,
   * over their restarts (protocol.md, "Conduits").
   */
  readonly reads?: string | undefined
  readonly writes?: string | undefined
  /**
   * Number of the descriptor on which the process gets the write end of a new pipe; the read end comes back in
   * Child.notify. `socket`: the process gets a socket in NOTIFY_SOCKET, and each message it sends there comes out of
   * Child.notify as lines.
   */
  readonly notify?: number | 'socket' | undefined
  readonly attributes?: Attributes | undefined
}

/**
 * A process that was started. The file descriptors belong to the daemon process: they are non-blocking, and it closes
 * them.
 */
export interface Child {
  readonly pid: number
  readonly stdin: number | undefined
  /** Only given when the pipe of the slot is new; undefined means that the pipe of the last start is used again. */
  readonly stdout: number | undefined
  readonly stderr: number | undefined
  /** The journals of these pipes, open for reading and writing; where there is one the pipe is not to be read. */
  readonly stdoutJournal?: number | undefined
  readonly stderrJournal?: number | undefined
  readonly notify?: number | undefined
  /** A message for the log about a setting that could not be applied. */
  readonly notice?: string | undefined
}

/** How a process ended. Exactly one of `code` and `signal` is a number. */
export interface ExitStatus {
  readonly code: number | undefined
  /** Signal number; real-time signals are included. */
  readonly signal: number | undefined
  readonly coreDumped: boolean
}

/** What a process has used, as the kernel counted it when it was reaped. */
export interface Usage {
  readonly cpuUserMs: number
  readonly cpuSystemMs: number
  /** The most memory that this process, or one of its children that it waited for, had at one time. */
  readonly peakMemoryBytes: number
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

/** The result of sending to syslog. */
export interface SyslogResult {
  readonly dropped: number
  /** Why the last message was dropped, as the name of an errno; empty when none was. */
  readonly code: string
}

/** What the shim reports. */
export interface ShimEvents {
  /** A service's process ended and was reaped; its pid may be reused from now on. */
  exited(id: string, pid: number, status: ExitStatus, usage?: Usage): void
  /** A process that belongs to no service was reaped: an orphan that became a child of the shim. */
  orphan(pid: number, status: ExitStatus): void
  /** The shim has ended though close() was not called: services cannot be supervised any more. */
  lost(reason: string): void
  /**
   * The shim does not answer requests any more, or answers again. Requests that were sent meanwhile are carried out
   * late.
   */
  stalled?(isAnswering: boolean): void
}

/** A process that outlived the daemon process that started it. */
export interface InheritedProcess {
  readonly pid: number
  /** Time since its start. */
  readonly ageMs: number
  /** How it ended, and how long ago, when no daemon process has acknowledged that yet. */
  readonly end: { readonly status: ExitStatus; readonly agoMs: number } | undefined
}

/** A slot that outlived the daemon process that used it. The descriptors belong to this process, as those of Child. */
export interface InheritedSlot {
  readonly id: string
  readonly process: InheritedProcess | undefined
  /** The text that the previous daemon process left with note(); empty when it left none. */
  readonly note: string
  readonly stdin: number | undefined
  readonly stdout: number | undefined
  readonly stderr: number | undefined
  readonly stdoutJournal?: number | undefined
  readonly stderrJournal?: number | undefined
  readonly notify: number | undefined
}

/** A shim that is our parent. It keeps the processes while one daemon process takes the place of another. */
export interface Keeper {
  readonly pid: number
  /** Whether the shim has started a daemon process before this one. */
  readonly isSuccession: boolean
  /** All slots; to be called once, before the first spawn. Ends of processes are reported from then on. */
  list(): Promise<readonly InheritedSlot[]>
  /** Leaves a text for the next daemon process: at most 4 KiB, a longer one is not kept. */
  note(id: string, text: string): void
  /**
   * Says that this process handles signals from now on. `on`: when it dies, the shim keeps all processes and starts
   * another daemon process.
   */
  survive(on: boolean): Promise<void>
  /**
   * Says that this process is about to end and another daemon process takes its place. From now on signals are kept for
   * that one.
   */
  upgrade(): Promise<void>
  /** From now on ends of processes are left to the next daemon process. */
  leave(): void
}

/** The parent of all services. */
export interface Shim {
  /** `native` is the helper, `fallback` the implementation without it. */
  readonly kind: 'native' | 'fallback'
  /** Sentences for the log at start: what this shim cannot do. */
  readonly limits: readonly string[]
  /**
   * The process that orphans of services become children of, and that reports their ends with `orphan`; undefined when
   * there is none.
   */
  readonly reaper: number | undefined
  /** Undefined unless the shim is our parent. */
  readonly keeper: Keeper | undefined
  /** Starts a process. Rejects with SpawnError; then no process and no pipe is left. */
  spawn(request: SpawnRequest): Promise<Child>
  /**
   * Sends a signal (0 only asks) to a running process of the shim, or to its group, which may outlive its leader. False
   * when there is no such process (ESRCH), or when it is not one of the shim. Rejects with a SpawnError (step `kill`)
   * otherwise.
   */
  kill(pid: number, signal: number, target: 'process' | 'group'): Promise<boolean>
  /**
   * Sends a signal (0 only counts) to all processes below the shim that have left the groups of their services. Gives how
   * many there are; 0 where that is not known.
   */
  signalStrays(signal: number): Promise<number>
  /**
   * Sets the soft limit that processes inherit from now on, and raises the hard limit where it is lower. Rejects with
   * SpawnError.
   */
  limit(resource: 'nofile' | 'nproc', soft: number): Promise<void>
  /** Asks for output after `position` in a journal. `ready` is called once, when there is some. */
  collect(id: string, stream: 'stdout' | 'stderr', position: number, ready: () => void): void
  /**
   * Enlarges the pipe of a slot; all enlarged pipes together have at most 32 MiB. Rejects with a SpawnError when that
   * is not possible.
   */
  enlargePipe(id: string, stream: 'stdout' | 'stderr', bytes: number): Promise<void>
  /**
   * Sends complete messages to the syslog socket at `path` without waiting. Gives the number of messages that the
   * socket did not accept, and why. Rejects with SpawnError.
   */
  syslog(path: string, messages: readonly string[]): Promise<SyslogResult>
  /** Makes a FIFO with that mode, unless there is one. Rejects with SpawnError. */
  makeFifo(path: string, mode: number): Promise<void>
  /**
   * Takes a POSIX write lock on a file until unlock(). A missing file is made. Rejects with SpawnError: EAGAIN when
   * another process has the lock.
   */
  lock(path: string): Promise<void>
  unlock(path: string): void
  /** The process of a slot that `reads` gets end of file as soon as all writers have ended. */
  endInput(id: string): void
  /** Kills what is left in the cgroups of a slot, where it has any: also processes that left their group and session. */
  killLeftovers(id: string): void
  /** Removes the slot and closes its pipes. Its process, if any, must have ended. */
  forget(id: string): void
  /** False from the moment that requests stay unanswered until the next answer. */
  readonly isAnswering: boolean
  /** Asks whether the shim answers. Resolves after two seconds at most. */
  responds(): Promise<boolean>
  /** Kills a shim that does not answer. Its processes end with it, and `lost` is reported. */
  abandon(): void
  /**
   * Ends the shim. Processes that are still running are killed with SIGKILL, group by group. Resolves when the shim has
   * ended.
   */
  close(): Promise<void>
}
