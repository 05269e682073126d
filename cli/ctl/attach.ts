// `kahi ctl attach`: connects the terminal with a process: what is typed becomes its standard input, its output is
// shown, and signals are passed on.

import { namespec, splitNamespec } from '../../config/model/names.ts'
import type { EventObject } from '../../runtime/control/operations/shapes/events.ts'
import { onSignals } from '../../runtime/system/signals.ts'
import { type Command, flagOf, textOf } from '../command.ts'
import { CTL_EXIT } from '../exit-codes.ts'
import { print, printError } from '../print.ts'
import { type Client, Refused } from './client.ts'
import { fullName } from './names.ts'
import { withDaemon } from './session.ts'
import { hear } from './stream.ts'

/** These are passed on to the process. */
const PASSED: readonly NodeJS.Signals[] = ['SIGINT', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2', 'SIGWINCH']
/** These end the connection; the process keeps running. */
const LEAVING: readonly NodeJS.Signals[] = ['SIGTERM', 'SIGHUP']

/** The body of a request is limited. */
const PIECE = /[^]{1,8192}/g

/** Connects the terminal with a process. */
export const attachCommand: Command = {
  name: 'attach',
  usage: '[--no-stdin] NAME',
  summary: 'Show the output of a process, pass input and signals on to it, and end with its exit code',
  options: {
    stdin: { type: 'boolean', default: true, summary: 'Pass on what is typed; --no-stdin only shows the output' },
  },
  positionals: [{ name: 'name', summary: 'A process', required: true }],
  examples: [['kahi ctl attach console', 'Ctrl-C goes to the process; Ctrl-D (end of input) leaves it']],
  run: (args) =>
    withDaemon(
      args,
      async (client) => {
        const text = textOf(args, 'name') ?? ''
        const name = fullName(splitNamespec(text))
        try {
          const { pid } = await client.call('GET /api/v1/processes/{name}', { path: { name } })
          if (pid !== 0)
            return await attach(client, name, { isJson: flagOf(args, 'json'), hasInput: flagOf(args, 'stdin') })
          if (flagOf(args, 'json')) print(JSON.stringify({ error: 'error: not running', code: 'NOT_RUNNING' }))
          else print(`${text}: ERROR (not running)`)
          return CTL_EXIT.notRunning
        } catch (error) {
          if (!(error instanceof Refused) || error.code !== 'NOT_FOUND' || flagOf(args, 'json')) throw error
          print(`${text}: ERROR (${error.message})`)
          return CTL_EXIT.generic
        }
      },
      { isForOne: true },
    ),
}

interface How {
  readonly isJson: boolean
  readonly hasInput: boolean
}

async function attach(client: Client, name: string, how: How): Promise<number> {
  const leave = new AbortController()
  const ask = (work: Promise<unknown>): void =>
    void work.catch((error: unknown) => printError(`error: ${messageOf(error)}`))
  const pass = (signal: NodeJS.Signals) => () =>
    ask(client.call('POST /api/v1/processes/{name}/signal', { path: { name }, body: { signal } }))
  const undo = onSignals({
    ...Object.fromEntries(PASSED.map((signal) => [signal, pass(signal)])),
    ...Object.fromEntries(LEAVING.map((signal) => [signal, () => leave.abort()])),
  })
  let exitCode: number = CTL_EXIT.success
  const ended = (event: unknown): void => {
    const { group, name: own, code, signal } = event as Extract<EventObject, { type: 'process-exited' }>
    if (fullName(splitNamespec(namespec(group, own))) !== name) return
    exitCode = code ?? 128 + (signal ?? 0)
    // the daemon has sent all output before; an answer that is sent after it comes when it was read
    void client
      .call('GET /api/v1/version')
      .catch(() => {})
      .then(() => setImmediate(() => leave.abort()))
  }
  const query = { types: ['process-exited'] }
  try {
    const outputs = (['stdout', 'stderr'] as const).map((stream) =>
      showOutput(client, { name, stream, ...how }, leave.signal),
    )
    const end = hear(client, 'GET /api/v1/events/stream', { query }, { take: ended }, leave.signal)
    if (how.hasInput) passInput(client, name, leave)
    await Promise.all([...outputs, end])
  } catch (error) {
    if (!leave.signal.aborted) throw error
  } finally {
    undo()
  }
  return exitCode
}

interface Shown extends How {
  readonly name: string
  readonly stream: 'stdout' | 'stderr'
}

/** A stream without a log shows nothing. */
async function showOutput(client: Client, { name, stream, isJson }: Shown, stop: AbortSignal): Promise<void> {
  const write = (chunk: Buffer): void => {
    if (isJson) print(JSON.stringify({ stream, text: chunk.toString('utf8') }))
    else process[stream].write(chunk)
  }
  try {
    await client.follow('GET /api/v1/processes/{name}/log/{stream}/stream', { path: { name, stream } }, write, stop)
  } catch (error) {
    if (!(error instanceof Refused) || error.code !== 'NO_LOG') throw error
  }
}

/** Pieces are sent one after the other. The end of the input on a terminal leaves the process. */
function passInput(client: Client, name: string, leave: AbortController): void {
  let last: Promise<unknown> = Promise.resolve()
  process.stdin.setEncoding('utf8')
  process.stdin.on('data', (text: string) => {
    const pieces = text.match(PIECE) ?? []
    for (const piece of pieces)
      last = last
        .then(() => client.call('POST /api/v1/processes/{name}/stdin', { path: { name }, body: { text: piece } }))
        .catch((error: unknown) => printError(`error: ${messageOf(error)}`))
  })
  process.stdin.on('end', () => {
    if (process.stdin.isTTY) void last.then(() => leave.abort())
  })
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
