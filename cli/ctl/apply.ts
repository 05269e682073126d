// `kahi ctl apply`: reads the configuration again and applies the differences, or only shows them.

import type { Value } from '../../config/model/value.ts'
import { writeValue } from '../../config/toml/write.ts'
import type { ChangesObject } from '../../runtime/control/operations/shapes/daemon.ts'
import { type Arguments, type Command, flagOf } from '../command.ts'
import { EXIT } from '../exit-codes.ts'
import { print, printError } from '../print.ts'
import { type Client, Refused } from './client.ts'
import { withDaemon } from './session.ts'

/** Longer values are cut. */
const WIDTH = 120

/** Applies the configuration on disk. */
export const applyCommand: Command = {
  name: 'apply',
  usage: '[--dry-run] [--json]',
  summary: 'Read the configuration again and apply it: only what differs is stopped, started or restarted',
  options: {
    'dry-run': { type: 'boolean', summary: 'Report what would change, and why, and change nothing' },
    json: { type: 'boolean', summary: 'Print the report as JSON' },
  },
  positionals: [],
  examples: [
    ['kahi ctl apply --dry-run', 'the differences from the configuration in force: each key, before and after'],
    ['kahi ctl apply', 'as SIGHUP to the daemon; an invalid file changes nothing and ends with 2'],
  ],
  run: (args) => withDaemon(args, (client) => apply(client, args)),
}

async function apply(client: Client, args: Arguments): Promise<number> {
  const isDry = flagOf(args, 'dry-run')
  try {
    const report = await client.call('POST /api/v1/apply', { body: { dry_run: isDry } })
    if (flagOf(args, 'json')) print(JSON.stringify(report, null, 2))
    else for (const line of reportLines(report, isDry)) print(line)
    return EXIT.ok
  } catch (error) {
    if (!(error instanceof Refused) || error.code !== 'CANT_REREAD') throw error
    printError(`${error.message}\nnothing was changed`)
    return EXIT.usage
  }
}

function reportLines(report: ChangesObject, isDry: boolean): readonly string[] {
  const { added, removed, changed, relinked, unchanged, essential, oneshots, receivers, needs_restart } = report
  const verb = isDry
    ? { add: 'would add', remove: 'would remove', change: 'would change' }
    : { add: 'added', remove: 'removed', change: 'changed' }
  const lines = [
    ...[...removed, ...oneshots.removed, ...receivers.removed].map((name) => `${verb.remove}: ${name}`),
    ...changed.flatMap((group) => [
      `${verb.change}: ${group.name}${whatHappens(group)}`,
      ...group.values.map((value) => `  ${describeValue(value, group.name)}`),
    ]),
    ...relinked.flatMap((value) => [
      `${verb.change}: ${value.subject} (nothing restarts)`,
      `  ${describeValue(value, value.subject)}`,
    ]),
    ...[...added, ...oneshots.added, ...receivers.added].map((name) => `${verb.add}: ${name}`),
    ...oneshots.changed.map((name) => `${verb.change}: ${name} (a oneshot: it is not run again)`),
    ...essential.map((name) => `${name} is essential: it stays as it is`),
    ...needs_restart.map((what) => `${what}: only a restart of kahi applies that`),
  ]
  return [...(lines.length === 0 ? ['nothing differs'] : lines), `unchanged: ${unchanged.length}`]
}

/** ` (restarts)`, ` (restarts x; y, z keep running)`. */
function whatHappens({ name, kept, restarted }: ChangesObject['changed'][number]): string {
  const isAlone = restarted.length === 1 && restarted[0] === name
  const said = [
    restarted.length === 0 ? 'nothing restarts' : isAlone ? 'restarts' : `restarts ${restarted.join(', ')}`,
    kept.length === 0 || restarted.length === 0
      ? ''
      : `${kept.join(', ')} ${kept.length === 1 ? 'keeps' : 'keep'} running`,
  ].filter((words) => words !== '')
  return said.length === 0 ? '' : ` (${said.join('; ')})`
}

function describeValue(
  { subject, key, before, after, effect }: ChangesObject['changed'][number]['values'][number],
  group: string,
): string {
  return `${subject === group ? '' : `${subject} `}${key}: ${shownValue(before)} -> ${shownValue(after)} (${effect})`
}

function shownValue(value: unknown): string {
  const text = value === undefined || value === null ? 'none' : writeValue(value as Value)
  return text.length <= WIDTH ? text : `${text.slice(0, WIDTH)}...`
}
