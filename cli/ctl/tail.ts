// `kahi ctl tail`. Source: supervisor 4.2.5, DefaultControllerPlugin.do_tail and _tailf.

import { StringDecoder } from 'node:string_decoder'
import { splitNamespec } from '../../config/model/names.ts'
import { ERRORS } from '../../runtime/control/operations/errors.ts'
import { onSignals } from '../../runtime/system/signals.ts'
import { type Command, flagOf, listOf } from '../command.ts'
import { CTL_EXIT } from '../exit-codes.ts'
import { print, printError } from '../print.ts'
import { type Client, Refused, Unreachable } from './client.ts'
import { fullName } from './names.ts'
import { withDaemon } from './session.ts'

const DEFAULT_BYTES = 1600
/** How much of the existing log `tail -f` shows. */
const BACKLOG_BYTES = 1024

interface Request {
  readonly name: string
  readonly stream: string
  readonly bytes: number
}

/** Shows the end of the output of a process. */
export const tailCommand: Command = {
  name: 'tail',
  usage: '[-f | -BYTES] NAME [stdout|stderr]',
  summary: 'Show the end of the output of a process',
  options: { follow: { type: 'boolean', alias: 'f', summary: 'Follow the output until Ctrl-C' } },
  positionals: [
    { name: 'words', summary: '-BYTES (1600; -0 for all), a process, stdout or stderr', required: false, many: true },
  ],
  examples: [
    ['kahi ctl tail web', 'the last 1600 bytes of its standard output'],
    ['kahi ctl tail -100 web stderr', 'the last 100 bytes of its standard error'],
    ['kahi ctl tail -f web', 'follow it'],
  ],
  run: (args) =>
    withDaemon(
      args,
      async (client) => {
        const request = readRequest(listOf(args, 'words'))
        if (typeof request === 'string') {
          print(`Error: ${request}`)
          return CTL_EXIT.generic
        }
        const isJson = flagOf(args, 'json')
        return flagOf(args, 'follow') ? followLog(client, request, isJson) : showEnd(client, request, isJson)
      },
      { isForOne: true },
    ),
}

/** Parses the arguments; a text is an error message. */
function readRequest(words: readonly string[]): Request | string {
  const [first = ''] = words
  const isCount = /^-\d+$/.test(first)
  if (first.startsWith('-') && !isCount) return `bad argument ${first}`
  const [name, channel, ...more] = isCount ? words.slice(1) : words
  if (name === undefined) return isCount ? 'tail requires process name' : 'too few arguments'
  if (more.length > 0) return 'too many arguments'
  const stream = (channel ?? 'stdout').toLowerCase()
  if (stream !== 'stdout' && stream !== 'stderr') return `bad channel '${stream}'`
  return { name, stream, bytes: isCount ? Number(first.slice(1)) : DEFAULT_BYTES }
}

async function showEnd(client: Client, { name, stream, bytes }: Request, isJson: boolean): Promise<number> {
  try {
    const end = await client.call('GET /api/v1/processes/{name}/log/{stream}', {
      path: { name: fullName(splitNamespec(name)), stream },
      query: { length: bytes },
    })
    if (isJson) print(JSON.stringify({ name, stream, text: end.toString('utf8') }))
    else process.stdout.write(Buffer.concat([end, Buffer.from('\n')]))
    return CTL_EXIT.success
  } catch (error) {
    if (isJson || !(error instanceof Refused) || !['NOT_FOUND', 'NO_LOG'].includes(error.code)) throw error
    print(`${name}: ERROR (${error.code === 'NO_LOG' ? ERRORS.NO_LOG.text : 'no such process name'})`)
    return CTL_EXIT.generic
  }
}

/** Gives 0 in every case, as supervisorctl does. */
async function followLog(client: Client, { name, stream }: Request, isJson: boolean): Promise<number> {
  if (!isJson) print('==> Press Ctrl-C to exit <==')
  const interrupt = new AbortController()
  const undo = onSignals({ SIGINT: () => interrupt.abort(), SIGTERM: () => interrupt.abort() })
  const given = { path: { name: fullName(splitNamespec(name)), stream }, query: { backlog: BACKLOG_BYTES } }
  const decoder = new StringDecoder('utf8')
  const shownChunk = (chunk: Buffer): Buffer | string =>
    isJson ? `${JSON.stringify({ name, stream, text: decoder.write(chunk) })}\n` : chunk
  const write = (chunk: Buffer): void => void process.stdout.write(shownChunk(chunk))
  try {
    await client.follow('GET /api/v1/processes/{name}/log/{stream}/stream', given, write, interrupt.signal)
  } catch (error) {
    if (error instanceof Refused)
      printError(`${client.url}/logtail/${name}/${stream} Cannot read, status code ${error.status}`)
    else if (!(error instanceof Unreachable)) throw error
    else if (!interrupt.signal.aborted) printError(`${client.url} closed the connection: ${error.code}`)
  } finally {
    undo()
  }
  if (interrupt.signal.aborted && !isJson) print('')
  return CTL_EXIT.success
}
