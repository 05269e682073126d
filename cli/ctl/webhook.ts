// `kahi ctl webhook`: how webhooks are doing, and a test of one. `kahi ctl log-target`: how log targets are doing.

import type { LogTargetObject, WebhookObject } from '../../runtime/control/operations/shapes/deliveries.ts'
import { type Command, flagOf, textOf } from '../command.ts'
import { CTL_EXIT, EXIT } from '../exit-codes.ts'
import { print, printProblem } from '../print.ts'
import { type Client, Refused } from './client.ts'
import { withDaemon } from './session.ts'

const json = { json: { type: 'boolean', summary: 'Print the answer of the daemon as JSON' } } as const

/** Shows webhooks, or tests one. */
export const webhookCommand: Command = {
  name: 'webhook',
  usage: '[test NAME] [--json]',
  summary: 'Show what became of the events for webhooks, or send a test to one and show the answer',
  options: json,
  positionals: [
    { name: 'action', summary: 'test', required: false },
    { name: 'name', summary: 'The webhook to test', required: false },
  ],
  examples: [
    ['kahi ctl webhook', 'each webhook: its state, and the events that were sent, failed, were dropped, and wait'],
    ['kahi ctl webhook test ops', 'sends a test; the exit code is 0 when the server took it'],
  ],
  run: async (args) => {
    const [action, name] = [textOf(args, 'action'), textOf(args, 'name')]
    if (action !== undefined && (action !== 'test' || name === undefined)) {
      printProblem(
        action === 'test' ? 'name the webhook: kahi ctl webhook test NAME' : `there is no action "${action}"`,
      )
      return EXIT.usage
    }
    return withDaemon(args, (client) =>
      name === undefined ? listWebhooks(client, flagOf(args, 'json')) : testOne(client, name, flagOf(args, 'json')),
    )
  },
}

/** Shows log targets. */
export const logTargetCommand: Command = {
  name: 'log-target',
  usage: '[--json]',
  summary: 'Show what became of the lines for log targets',
  options: json,
  positionals: [],
  examples: [['kahi ctl log-target', 'each log target: its state, and the lines that were sent and dropped']],
  run: (args) =>
    withDaemon(args, async (client) => {
      const all = await client.call('GET /api/v1/log-targets')
      if (flagOf(args, 'json')) print(JSON.stringify(all, null, 2))
      else for (const line of all.length === 0 ? ['there are no log targets'] : all.map(targetLine)) print(line)
      return EXIT.ok
    }),
}

async function listWebhooks(client: Client, isJson: boolean): Promise<number> {
  const all = await client.call('GET /api/v1/webhooks')
  if (isJson) print(JSON.stringify(all, null, 2))
  else for (const line of all.length === 0 ? ['there are no webhooks'] : all.map(webhookLine)) print(line)
  return EXIT.ok
}

async function testOne(client: Client, name: string, isJson: boolean): Promise<number> {
  try {
    const result = await client.call('POST /api/v1/webhooks/{name}/test', { path: { name } })
    const answer = result.status === 0 ? '' : ` (status ${result.status})`
    if (isJson) print(JSON.stringify(result, null, 2))
    else print(result.sent === 'yes' ? `${name}: sent${answer}` : `${name}: ERROR (${result.error})`)
    return result.sent === 'yes' ? CTL_EXIT.success : CTL_EXIT.generic
  } catch (error) {
    if (!(error instanceof Refused) || error.code !== 'NOT_FOUND') throw error
    print(`${name}: ERROR (${error.message})`)
    return CTL_EXIT.generic
  }
}

function webhookLine({ name, state, sent, failed, dropped, queued, url, last_error: error }: WebhookObject): string {
  return `${name}  ${state}  sent ${sent}, failed ${failed}, dropped ${dropped}, queued ${queued}  ${url}${because(error)}`
}

function targetLine(target: LogTargetObject): string {
  const { name, state, kind, url, sent_lines: sent, dropped_lines: dropped, queued_bytes: bytes } = target
  const counts = `sent ${sent}, dropped ${dropped}, queued ${Math.ceil(bytes / 1024)} KiB`
  return `${name}  ${state}  ${kind}  ${counts}  ${url}${because(target.last_error)}`
}

function because(error: string): string {
  return error === '' ? '' : `  (${error})`
}
