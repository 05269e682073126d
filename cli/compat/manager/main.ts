// `manager`: the program of flush-manager. It runs a command as the first process of a container, and restarts it when
// its configuration file changes, also one of a ConfigMap. kahi runs the command; these files have the flags and the log
// lines. Source: flush-manager 1.0.0, cmd/manager/main.go and internal/manager/manager.go.

import { resolve } from 'node:path'
import type { Value } from '../../../config/model/value.ts'
import type { Document, Entry } from '../../../config/keys/document.ts'
import { escapeAll } from '../../../config/values/expand.ts'
import { onSignals } from '../../../runtime/system/signals.ts'
import { type ManagerFlags, readFlags } from '../../../converter/manager-flags.ts'
import { managerLog, type ManagerLog } from './log.ts'
import { Teller } from './tell.ts'
import { describeFile } from './watched-file.ts'

const VERSION = '1.0.0'
const PLACE = { file: 'command line', line: 1, column: 1 }
/** Go's names of the two signals that end it. */
const ENDING: Readonly<Partial<Record<NodeJS.Signals, string>>> = { SIGTERM: 'terminated', SIGINT: 'interrupt' }

/** Runs as manager would. It ends with 0, however the command ends, and with 1 when it cannot be started. */
export async function managerMain(argv: readonly string[]): Promise<number> {
  const flags = readFlags(argv)
  if ('text' in flags) {
    process.stderr.write(flags.text)
    return flags.exitCode
  }
  if (flags.version) {
    process.stdout.write(`flush-manager version ${VERSION}\n`)
    return 0
  }
  return run(flags, managerLog())
}

async function run(flags: ManagerFlags, log: ManagerLog): Promise<number> {
  const pid = Number(/^(1):/.exec(process.env.KAHI_SHIM_PARENT ?? '')?.[1] ?? process.pid)
  log.info(`=== Flush Manager v${VERSION} starting ===`)
  log.info(`PID: ${pid}`)
  log.info(`Configuration: command=${flags.command}, config_file=${flags.config}, args=[${flags.args.join(' ')}]`)
  log.info(`Initializing manager with command: ${flags.command}`)
  if (flags.command === '') return fail(log, 'command cannot be empty')
  const isWatching = describeFile(flags.config, log)
  if (typeof isWatching === 'object') {
    const { problem } = isWatching
    log.error(`Failed to create file watcher: ${problem}`)
    return fail(log, `failed to create file watcher: ${problem}`)
  }
  const told = new Teller(log, flags, isWatching)
  log.info('Manager initialized successfully')
  log.info('Starting manager run loop...')
  log.debug('Signal handlers registered for SIGINT and SIGTERM')
  const undo = onSignals(
    Object.fromEntries(Object.entries(ENDING).map(([name, word]) => [name, () => told.signalled(word ?? name)])),
  )
  const { runProgram } = await import('../../run/run.ts')
  const code = await runProgram(() => documentOf(flags, isWatching), {
    signals: { SIGTERM: 'stop', SIGINT: 'stop', SIGHUP: 'nothing', SIGUSR1: 'nothing', SIGUSR2: 'nothing' },
    observe: (events) => void events.on((event) => told.take(event)),
  })
  undo()
  if (told.hasFailed) return 1
  if (code !== 0) return code
  told.ended()
  return 0
}

function fail(log: ManagerLog, reason: string): number {
  log.error(`Failed to create manager: ${reason}`)
  return 1
}

function documentOf({ command, args, config }: ManagerFlags, isWatching: boolean): Document {
  const program = {
    command: [command, ...args].map(escapeAll),
    startsecs: 0,
    startretries: 0,
    stdio: 'inherit',
    autorestart: false,
    exit_code: 0,
    ...(isWatching && { watch: { paths: [escapeAll(resolve(config))], ignore_removed: true } }),
  }
  return {
    file: PLACE.file,
    here: process.cwd(),
    tables: [
      // all lines are those of manager
      { kind: 'supervisor', name: '', place: PLACE, entries: entriesOf({ main: 'child', silent: true }) },
      { kind: 'programs', name: 'child', place: PLACE, entries: entriesOf(program) },
    ],
  }
}

function entriesOf(values: Readonly<Record<string, Value>>): readonly Entry[] {
  return Object.entries(values).map(([key, value]) => ({ key, value, place: PLACE }))
}
