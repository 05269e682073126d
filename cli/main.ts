// Chooses the program to run: by the name that kahi was called with, then by the first word. Only the code of that
// program is loaded. This is the only place that ends the process.

import { basename } from 'node:path'
import { parseArgs } from 'node:util'
import type { Arguments } from './command.ts'
import { EXIT } from './exit-codes.ts'
import type { RunArguments } from './run/arguments.ts'

/** The programs that kahi replaces, by name. */
const PERSONALITIES: ReadonlyMap<string, (calledAs: string, argv: readonly string[]) => Promise<number>> = new Map([
  ['supervisord', async (...given) => (await import('./compat/supervisord.ts')).supervisordMain(...given)],
  ['supervisorctl', runSupervisorctl],
  ['echo_supervisord_conf', async () => (await import('./compat/sample-conf.ts')).echoConfiguration()],
  ['s6-rc', async (_, argv) => (await import('./compat/s6/rc.ts')).s6RcMain(argv)],
  ['s6-rc-db', async (_, argv) => whenWritten((await import('./compat/s6/rc-db.ts')).s6RcDbMain(argv))],
  ['init-s6', async (...given) => (await import('./compat/init-s6.ts')).initMain(...given)],
  ['manager', async (_, argv) => (await import('./compat/manager/main.ts')).managerMain(argv)],
  ['pidproxy', async (...given) => (await import('./compat/pidproxy.ts')).pidproxyMain(...given)],
])

async function main(calledAs: string, argv: readonly string[]): Promise<number> {
  const [word = '', ...rest] = argv
  const name = basename(calledAs)
  const own = PERSONALITIES.get(name === 'init' ? 'init-s6' : name)
  if (own !== undefined) return own(calledAs, argv)
  const named = PERSONALITIES.get(word)
  if (named !== undefined) return named(calledAs, rest)
  const daemonArguments = word === 'daemon' ? readDaemonArguments(rest) : undefined
  if (daemonArguments !== undefined) {
    const { runDaemonCommand } = await import('./commands/run-daemon.ts')
    return runDaemonCommand(daemonArguments)
  }
  const runArguments = word === 'run' ? await readRun(rest) : undefined
  if (runArguments !== undefined) return (await import('./run/run.ts')).runOne(runArguments)
  process.stdout.on('error', endOnBrokenPipe)
  const quick = word === 'ctl' ? await (await import('./quick.ts')).readQuick(rest) : undefined
  if (quick !== undefined) return quick.command.run(quick.args)
  if (word === '__complete') return whenWritten((await import('./complete.ts')).answerCompletion(rest))
  const { runKahi } = await import('./kahi.ts')
  return whenWritten(runKahi(argv))
}

async function readRun(argv: readonly string[]): Promise<RunArguments | undefined> {
  return (await import('./run/arguments.ts')).readRunArguments(argv)
}

async function runSupervisorctl(calledAs: string, argv: readonly string[]): Promise<number> {
  process.stdout.on('error', endOnBrokenPipe)
  const { supervisorctlMain } = await import('./compat/supervisorctl/main.ts')
  return whenWritten(supervisorctlMain(calledAs, argv))
}

/** The options of `kahi daemon`; undefined for everything that the full parser has to explain. */
function readDaemonArguments(argv: readonly string[]): Arguments | undefined {
  try {
    const options = {
      config: { type: 'string', short: 'c' },
      'log-format': { type: 'string' },
      survive: { type: 'boolean' },
    } as const
    const { values } = parseArgs({ args: [...argv], options, strict: true, allowPositionals: false })
    const format = values['log-format']
    return format === undefined || ['auto', 'text', 'json'].includes(format) ? { ...values } : undefined
  } catch {
    return undefined
  }
}

/** Ends `kahi … | head` without a message. */
function endOnBrokenPipe(error: NodeJS.ErrnoException): void {
  process.exit(error.code === 'EPIPE' ? EXIT.ok : EXIT.refused)
}

/** Waits until the readers of both streams have taken everything: a pipe holds 64 KB, and the end of the process drops the rest. */
async function whenWritten(code: Promise<number>): Promise<number> {
  const ended = await code
  for (const stream of [process.stdout, process.stderr]) {
    if (stream.writableLength === 0) continue
    await new Promise<void>((resolve) => {
      stream.once('error', () => resolve())
      stream.write('', () => resolve())
    })
  }
  return ended
}

function showBug(error: unknown): number {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
  process.stderr.write(`internal error: ${text}\n`)
  return EXIT.bug
}

const calledAs = process.env.KAHI_ARGV0 ?? process.argv[1] ?? 'kahi'
delete process.env.KAHI_ARGV0
process.exit(await main(calledAs, process.argv.slice(2)).catch(showBug))
