// Tells the events of the daemon in the log lines of `manager`, which users search with grep.
// Source: flush-manager 1.0.0, internal/manager/manager.go, internal/process/process.go, internal/watcher/watcher.go.

import type { DaemonOptions } from '../../../runtime/daemon/options.ts'
import type { ManagerFlags } from '../../../converter/manager-flags.ts'
import type { ManagerLog } from './log.ts'
import { type FileState, stateOf } from './watched-file.ts'

type Observe = NonNullable<DaemonOptions['observe']>
type RuntimeEvent = Parameters<Parameters<Parameters<Observe>[0]['on']>[0]>[0]
type Of<Type extends RuntimeEvent['type']> = Extract<RuntimeEvent, { readonly type: Type }>

const LIMIT = '10s'

/** Writes the lines; `hasFailed` when the command could not be started. */
export class Teller {
  hasFailed = false
  readonly #log: ManagerLog
  readonly #flags: ManagerFlags
  readonly #isWatching: boolean
  #file: FileState | undefined
  #isRestart = false
  #isOver = false
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
    else if (event.type === 'log' && event.message.startsWith('spawnerr: '))
      this.#problem = event.message.slice('spawnerr: '.length)
  }

  #changed({ to, pid }: Of<'process-state'>): void {
    const { command, args } = this.#flags
    if (to === 'starting') this.#log.info(`Starting child process: ${command} [${args.join(' ')}]`)
    if (to === 'stopping') this.#log.info(`Stopping child process (PID: ${pid}) with timeout: ${LIMIT}`)
    if (to !== 'fatal') return
    this.hasFailed = true
    this.#log.error(`Failed to start child process: failed to start process: ${this.#problem}`)
    this.#log.error(`Manager error: failed to start child process: failed to start process: ${this.#problem}`)
  }

  #started(pid: number): void {
    this.#starts += 1
    this.#log.info(`Child process started with PID: ${pid}`)
    if (this.#starts === 1) this.#begun()
    else this.#log.info('Child process restarted successfully after config change')
    this.#isRestart = false
  }

  #begun(): void {
    const { command, config } = this.#flags
    this.#log.info(`Manager started, child process: ${command}`)
    if (this.#isWatching) {
      this.#log.info(`Starting file watcher for ${config}`)
      this.#log.debug('Started polling file changes every 5s')
    }
    if (config !== '') this.#log.info(`Watching config file: ${config}`)
    this.#log.info('Entering main event loop')
  }

  #exited({ pid, code, signal }: Of<'process-exited'>): void {
    if (this.#isRestart || this.#isOver) {
      this.#log.info(`Child process (PID: ${pid}) stopped gracefully`)
      return
    }
    const error = signal === null ? (code === 0 ? '' : `exit status ${code}`) : `signal: ${signal}`
    if (error === '') this.#log.info('Child process exited normally')
    else {
      this.#log.info(`Child process exited abnormally: ${error}`)
      this.#log.error(`Child process exited with error: ${error}`)
    }
    this.#shuttingDown()
  }

  #fileChanged({ path, change }: Of<'file-changed'>): void {
    const [old, now] = [this.#file, stateOf(path)]
    this.#file = now ?? old
    this.#log.debug(`Fsnotify event: ${change} ${path}`)
    this.#log.info(
      `File change detected: old_mtime=${old?.time}, new_mtime=${now?.time}, old_inode=${old?.inode}, new_inode=${now?.inode}`,
    )
    this.#log.info('File change confirmed after debounce period')
    this.#log.info('Config file change detected, restarting child process...')
    this.#log.info('Restarting child process...')
    this.#isRestart = true
  }

  #shuttingDown(): void {
    if (!this.#isOver) this.#log.info('Shutting down manager...')
    this.#isOver = true
  }
}
