// A shim without processes: tests read its requests and decide their results. Spawns are answered at once unless delay() was
// called. Every process runs until exit(), or until it gets a signal of `dieOn`.

import type {
  Child,
  ExitStatus,
  Keeper,
  Shim,
  SpawnError,
  SpawnRequest,
  SyslogResult,
} from '../../runtime/shim/shim.ts'

/** A signal that was sent. */
export interface SentSignal {
  readonly pid: number
  readonly signal: number
  readonly target: 'process' | 'group'
}

/** How a process ends in tests: an exit code. */
export function exitCode(code: number): ExitStatus {
  return { code, signal: undefined, coreDumped: false }
}

/** How a process ends in tests: a signal. */
export function deathBy(signal: number): ExitStatus {
  return { code: undefined, signal, coreDumped: false }
}

/** Records requests and simulates processes. */
export class FakeShim implements Shim {
  readonly kind = 'native'
  readonly limits: readonly string[] = []
  readonly reaper = undefined
  isAnswering = true
  keeper: Keeper | undefined
  readonly spawned: SpawnRequest[] = []
  /** The sent signals, without signal 0. */
  readonly signals: SentSignal[] = []
  readonly forgotten: string[] = []
  /** `PATH MESSAGE` of all messages to syslog. */
  readonly toSyslog: string[] = []
  /** Ids with a live process. No process of its group outlives it. */
  readonly live = new Map<string, number>()
  /** Signals that end a process at once. */
  dieOn: readonly number[] = [15, 9]
  /** Thrown instead of spawning. */
  spawnError: SpawnError | undefined
  /** Thrown instead of sending a signal. */
  killError: Error | undefined
  onExit: (id: string, pid: number, status: ExitStatus) => void = () => {}
  /** The pid of the next process. */
  nextPid = 100
  #delayed: (() => void)[] | undefined

  responds(): Promise<boolean> {
    return Promise.resolve(this.isAnswering)
  }

  abandon(): void {}

  /** Answers spawns only at release(). */
  delay(): void {
    this.#delayed = []
  }

  release(): void {
    for (const answer of this.#delayed ?? []) answer()
    this.#delayed = undefined
  }

  spawn(request: SpawnRequest): Promise<Child> {
    this.spawned.push(request)
    return new Promise((resolve, reject) => {
      const answer = (): void => {
        if (this.spawnError !== undefined) {
          reject(this.spawnError)
          return
        }
        const pid = this.nextPid++
        this.live.set(request.id, pid)
        resolve({ pid, stdin: undefined, stdout: undefined, stderr: undefined })
      }
      if (this.#delayed === undefined) answer()
      else this.#delayed.push(answer)
    })
  }

  kill(pid: number, signal: number, target: 'process' | 'group'): Promise<boolean> {
    if (signal !== 0) this.signals.push({ pid, signal, target })
    if (this.killError !== undefined) return Promise.reject(this.killError)
    const id = [...this.live].find(([, live]) => live === pid)?.[0]
    if (id !== undefined && this.dieOn.includes(signal)) setImmediate(() => this.exit(id, deathBy(signal)))
    return Promise.resolve(id !== undefined)
  }

  /** Ends the live process of a slot. */
  exit(id: string, status: ExitStatus): void {
    const pid = this.live.get(id)
    if (pid === undefined) return
    this.live.delete(id)
    this.onExit(id, pid, status)
  }

  signalStrays(): Promise<number> {
    return Promise.resolve(0)
  }

  limit(): Promise<void> {
    return Promise.resolve()
  }

  enlargePipe(): Promise<void> {
    return Promise.resolve()
  }

  syslog(path: string, messages: readonly string[]): Promise<SyslogResult> {
    this.toSyslog.push(...messages.map((message) => `${path} ${message}`))
    return Promise.resolve({ dropped: 0, code: '' })
  }

  makeFifo(): Promise<void> {
    return Promise.resolve()
  }

  lock(): Promise<void> {
    return Promise.resolve()
  }

  unlock(): void {}

  endInput(): void {}

  killLeftovers(): void {}

  collect(): void {}

  forget(id: string): void {
    this.forgotten.push(id)
  }

  close(): Promise<void> {
    return Promise.resolve()
  }
}
