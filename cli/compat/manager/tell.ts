// Tells the events of the daemon in the log lines of `manager`, which users search with grep.
// Source: flush-manager 1.0.0, internal/manager/manager.go, internal/process/process.go, internal/watcher/watcher.go.

import type { DaemonOptions } from '../../../runtime/daemon/options.ts'
import type { ManagerFlags } from '../../../converter/manager-flags.ts'
import { signalWord, startProblem } from './go-words.ts'
import type { ManagerLog } from './log.ts'
import { type FileState, stateOf } from './watched-file.ts'

type Observe = NonNullable<DaemonOptions['observe']>
type RuntimeEvent = Parameters<Parameters<Parameters<Observe>[0]['on']>[0]>[0]
type Of<Type extends RuntimeEvent['type']> = Extract<RuntimeEvent, { readonly type: Type }>

const LIMIT = '10s'
/** Names of operations of fsnotify. */
const OPERATIONS = { content: 'WRITE', created: 'CREATE', target: 'CREATE', removed: 'REMOVE' } as const

/** Writes the lines; `hasFailed` when the command could not be started. */
export class Teller {
  hasFailed = false
  readonly #log: ManagerLog
  readonly #flags: ManagerFlags
  readonly #isWatching: boolean
  #file: FileState | undefined
  #isRestart = false
  #isOver = false
  #isKilled = false
  #starts = 0
  #problem = ''

  constructor(log: ManagerLog, flags: ManagerFlags, isWatching: boolean) {
    this.#log = log
    this.#flags = flags
    this.#isWatching = isWatching
    if (!isWatching) return
    this.#file = stateOf(flags.config)
    log.debug(`Initial file state: mtime=${this.#file?.time}, inode=${this.#file?.inode}`)
  }

  /** The daemon has got the signal that ends it. */
  signalled(name: string): void {
    if (!this.#isOver) this.#log.info(`Received signal: ${name}, shutting down gracefully...`)
    this.#shuttingDown()
  }

  /** The daemon has ended. */
  ended(): void {
    if (this.hasFailed) return
    this.#log.info('Manager shutdown complete')
    this.#log.info('Manager exiting normally')
  }

  take(event: RuntimeEvent): void {
    if (event.type === 'process-state') this.#changed(event)
    else if (event.type === 'process-started') this.#started(event.pid)
    else if (event.type === 'process-exited') this.#exited(event)
    else if (event.type === 'file-changed') this.#fileChanged(event)
    else if (event.type === 'log') this.#logged(event.message)
  }

  #logged(message: string): void {
    const [, problem] = /^spawnerr: (.*)$/s.exec(message) ?? []
    if (problem !== undefined) this.#problem = problem
    const [, reason] = /^child is not restarted: (.*?)(?:; its process keeps running)?$/s.exec(message) ?? []
    if (reason !== undefined) this.#notRestarted(reason)
    const [, pid] = /^killing '.*' \((\d+)\) with SIGKILL$/.exec(message) ?? []
    if (pid === undefined || this.#isKilled) return
    this.#isKilled = true
    this.#log.info(`Timeout waiting for graceful shutdown, sending SIGKILL to process (PID: ${pid})`)
  }

  /** The original stops the command before it looks, and ends. */
  #notRestarted(reason: string): void {
    this.#isRestart = false
    const problem = startProblem(this.#flags.command, reason)
    this.#log.error(`Failed to restart process: failed to start process: ${problem}`)
  }

  #changed({ to, pid }: Of<'process-state'>): void {
    const { command, args } = this.#flags
    if (to === 'starting') this.#log.info(`Starting child process: ${command} [${args.join(' ')}]`)
    if (to === 'stopping') {
      this.#log.info(`Stopping child process (PID: ${pid}) with timeout: ${LIMIT}`)
      this.#log.debug(`Sent SIGTERM to process (PID: ${pid}), waiting for graceful shutdown...`)
    }
    if (to === 'fatal') this.#failed()
  }

  #failed(): void {
    this.hasFailed = true
    const problem = startProblem(this.#flags.command, this.#problem)
    const [what, error] =
      this.#starts === 0
        ? ['start child process', `failed to start child process: failed to start process: ${problem}`]
        : ['restart process', `failed to start process: ${problem}`]
    this.#log.error(`Failed to start process: ${problem}`)
    this.#log.error(`Failed to ${what}: failed to start process: ${problem}`)
    this.#log.error(`Manager error: ${error}`)
  }

  #started(pid: number): void {
    this.#starts += 1
    this.#log.info(`Child process started with PID: ${pid}`)
    if (this.#starts === 1) this.#begun()
    else {
      this.#log.info('Child process restarted successfully after config change')
      this.#log.debug('Process exit was due to restart, continuing...')
    }
    this.#isRestart = false
    this.#isKilled = false
  }

  #begun(): void {
    const { command, config } = this.#flags
    this.#log.info(`Manager started, child process: ${command}`)
    if (this.#isWatching) this.#log.info(`Starting file watcher for ${config}`)
    if (config !== '') this.#log.info(`Watching config file: ${config}`)
    this.#log.info('Entering main event loop')
    if (!this.#isWatching) return
    this.#log.debug('Started polling file changes every 5s')
    this.#log.debug('Started fsnotify event loop')
  }

  #exited(event: Of<'process-exited'>): void {
    const { pid } = event
    if (this.#isRestart || this.#isOver) {
      if (this.#isRestart) this.#log.debug('Process exited due to restart request')
      if (!this.#isKilled) this.#log.info(`Child process (PID: ${pid}) stopped gracefully`)
      if (this.#isRestart) this.#log.info('Restarting child process after stop')
      return
    }
    const error = errorOf(event)
    this.#log.info(error === '' ? 'Child process exited normally' : `Child process exited abnormally: ${error}`)
    if (error === '') this.#log.info('Child process exited normally')
    else this.#log.error(`Child process exited with error: ${error}`)
    this.#shuttingDown()
    this.#log.info(`Stopping child process (PID: ${pid}) with timeout: ${LIMIT}`)
    this.#log.debug('Process already finished')
  }

  #fileChanged({ path, change }: Of<'file-changed'>): void {
    const [old, now] = [this.#file, stateOf(path)]
    this.#file = now ?? old
    this.#log.debug(`Fsnotify event: ${OPERATIONS[change]} ${this.#flags.config}`)
    this.#log.info(
      `File change detected: old_mtime=${old?.time}, new_mtime=${now?.time}, old_inode=${old?.inode}, new_inode=${now?.inode}`,
    )
    this.#log.info('File change confirmed after debounce period')
    this.#log.info('Config file change detected, restarting child process...')
    this.#log.info('Restarting child process...')
    this.#isRestart = true
  }

  #shuttingDown(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#log.info('Shutting down manager...')
    this.#log.debug('Context cancelled')
    if (this.#isWatching) {
      this.#log.debug('Closing file watcher')
      this.#log.debug('Polling stopped due to context cancellation')
      this.#log.debug('Fsnotify watcher stopped due to context cancellation')
    }
    this.#log.debug('File watcher closed')
  }
}

function errorOf({ code, signal, coreDumped }: Of<'process-exited'>): string {
  if (signal !== null) return `signal: ${signalWord(signal)}${coreDumped ? ' (core dumped)' : ''}`
  return code === 0 ? '' : `exit status ${code}`
}
