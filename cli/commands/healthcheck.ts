// `kahi healthcheck`: whether the processes of a daemon are ready, for HEALTHCHECK of an image and for probes. Usually the
// native launcher answers by itself (cli/launcher/health.c, with the same texts); this command is for what it does not know:
// --help, --config, addresses on TCP, mistakes, and installations without a compiler.

import { type Arguments, type Command, listOf, textOf } from '../command.ts'
import { type Client, openClient, Refused, type Target, Unreachable } from '../ctl/client.ts'
import { readTarget } from '../ctl/session.ts'
import { defaultSocket, refuseDefaultSocket, thisAsker } from '../default-socket.ts'
import { EXIT } from '../exit-codes.ts'
import { print, printError, printProblem } from '../print.ts'
import { systemClock } from '../../runtime/system/clock.ts'

const DEFAULT_TIMEOUT_S = 10
const MOST_TIMEOUT_S = 86_400

/** errno name → what it means here. */
const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such socket: no daemon runs, or it listens elsewhere',
  ECONNREFUSED: 'no daemon listens on this socket',
  EACCES: 'this user must not connect to the daemon',
  ECONNRESET: 'the daemon closed the connection',
}

/** Asks a daemon whether its processes are ready. */
export const healthcheckCommand: Command = {
  name: 'healthcheck',
  usage: '[-s SOCKET] [--timeout SECONDS] [NAME…]',
  summary: 'Say whether the processes of a running daemon are ready: exit 0 or 1; for HEALTHCHECK and probes',
  options: {
    socket: {
      type: 'string',
      alias: 's',
      summary: 'Where the daemon listens: a path, unix://PATH or http://HOST:PORT; else $KAHI_SOCKET, else the default',
    },
    config: {
      type: 'string',
      alias: 'c',
      summary: 'The configuration of the daemon, which says where it listens; this starts Node.js and is slower',
    },
    timeout: {
      type: 'number',
      summary: 'Seconds until a daemon that does not answer counts as not ready',
      default: DEFAULT_TIMEOUT_S,
    },
  },
  positionals: [
    {
      name: 'names',
      summary:
        'Processes that must be up and ready; without names, all with autostart must have left their start behind',
      required: false,
      many: true,
    },
  ],
  examples: [
    ['kahi healthcheck', 'all processes with autostart'],
    ['kahi healthcheck web', 'web is running, and ready where it has a readiness check'],
    ['HEALTHCHECK CMD ["kahi", "healthcheck", "-s", "/run/supervisor.sock", "web"]', 'in a Dockerfile'],
  ],
  async run(args) {
    const seconds = Number(args.timeout)
    if (!Number.isInteger(seconds) || seconds < 1 || seconds > MOST_TIMEOUT_S) {
      printProblem(`--timeout must be a whole number from 1 to ${MOST_TIMEOUT_S}`, 'kahi healthcheck --help')
      return EXIT.usage
    }
    const refusal = isDefault(args) ? refuseDefaultSocket(thisAsker()) : undefined
    if (refusal !== undefined) {
      printProblem(refusal)
      return EXIT.no
    }
    const target = await findDaemon(args)
    if (target === undefined) return EXIT.usage
    try {
      await within(seconds, ask(openClient(target), listOf(args, 'names')))
      print('ready')
      return EXIT.ok
    } catch (error) {
      return explain(error, target.url.replace('unix://', ''))
    }
  },
}

/** Whether nothing names a socket. */
function isDefault(args: Arguments): boolean {
  return textOf(args, 'socket') === undefined && textOf(args, 'config') === undefined && !process.env.KAHI_SOCKET
}

/** The daemon of --config, else that of --socket, of $KAHI_SOCKET, or the default; a configuration is not searched. */
function findDaemon(args: Arguments): Promise<Target | undefined> {
  if (textOf(args, 'socket') !== undefined || textOf(args, 'config') !== undefined) return readTarget(args)
  const socket = process.env.KAHI_SOCKET || defaultSocket(thisAsker())
  return readTarget({ ...args, socket })
}

function ask(client: Client, names: readonly string[]): Promise<unknown> {
  return client.call('GET /readyz', names.length === 0 ? {} : { query: { process: [...names] } })
}

/** Rejects when the work takes longer. */
async function within(seconds: number, work: Promise<unknown>): Promise<void> {
  let timer = { cancel: () => {} }
  const limit = new Promise<never>((_, reject) => {
    const tooLate = (): void => reject(new Error(`the daemon does not answer within ${seconds} s`))
    timer = systemClock().after(seconds * 1000, tooLate)
  })
  await Promise.race([work, limit]).finally(() => timer.cancel())
}

function explain(error: unknown, where: string): number {
  if (error instanceof Refused) printError(refusalText(error))
  else if (error instanceof Unreachable) {
    const isHintUseful = ['ENOENT', 'ECONNREFUSED'].includes(error.code)
    const hint = isHintUseful ? 'name its socket with --socket PATH or the variable KAHI_SOCKET' : undefined
    printProblem(`${where}: ${REASONS[error.code] ?? error.code}`, hint)
  } else printProblem(`${where}: ${error instanceof Error ? error.message : String(error)}`)
  return EXIT.no
}

function refusalText({ status, pending, message }: Refused): string {
  if (status !== 503) return `error: ${message}`
  return pending.length === 0 ? 'not ready' : `not ready: ${pending.join(', ')}`
}
