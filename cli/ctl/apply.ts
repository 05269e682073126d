// `kahi ctl apply`: reads the configuration again and applies what differs, or only says what that would be.

import type { ChangeReport, ValueChange } from '../../runtime/plan/change-report.ts'
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
    'dry-run': { type: 'boolean', summary: 'Say what would change, and why, and change nothing' },
    json: { type: 'boolean', summary: 'Print the report as JSON' },
  },
  positionals: [],
  examples: [
    ['kahi ctl apply --dry-run', 'what differs from what runs: each key, before and after'],
    ['kahi ctl apply', 'as SIGHUP to the daemon; a file that cannot be used changes nothing and ends with 2'],
  ],
  run: (args) => withDaemon(args, (client) => apply(client, args)),
}

async function apply(client: Client, args: Arguments): Promise<number> {
  const isDry = flagOf(args, 'dry-run')
  try {
    const report = await client.post<ChangeReport>('/api/v1/apply', { dry_run: isDry })
    if (flagOf(args, 'json')) print(JSON.stringify(report, null, 2))
    else for (const line of reportLines(report, isDry)) print(line)
    return EXIT.ok
  } catch (error) {
    if (!(error instanceof Refused) || error.code !== 'CANT_REREAD') throw error
    printError(`${error.message}\nnothing was changed`)
    return EXIT.usage
  }
}

function reportLines(report: ChangeReport, isDry: boolean): readonly string[] {
  const { added, removed, changed, unchanged, essential, oneshots, needsRestart } = report
  const verb = isDry
    ? { add: 'would add', remove: 'would remove', change: 'would change' }
    : { add: 'added', remove: 'removed', change: 'changed' }
  const lines = [
    ...[...removed, ...oneshots.removed].map((name) => `${verb.remove}: ${name}`),
    ...changed.flatMap(({ name, kept, values }) => [
      `${verb.change}: ${name}${kept.length === 0 ? '' : ` (${kept.join(', ')} ${kept.length === 1 ? 'goes' : 'go'} on)`}`,
      ...values.map((value) => `  ${describeValue(value, name)}`),
    ]),
    ...[...added, ...oneshots.added].map((name) => `${verb.add}: ${name}`),
    ...oneshots.changed.map((name) => `${verb.change}: ${name} (a oneshot: it is not run again)`),
    ...essential.map((name) => `${name} is essential: it stays as it is`),
    ...needsRestart.map((what) => `${what}: only a new start of kahi applies that`),
  ]
  return [...(lines.length === 0 ? ['nothing differs'] : lines), `unchanged: ${unchanged.length}`]
}

function describeValue({ subject, key, before, after }: ValueChange, group: string): string {
  return `${subject === group ? '' : `${subject} `}${key}: ${shownValue(before)} -> ${shownValue(after)}`
}

function shownValue(value: unknown): string {
  const text = value === undefined || value === null ? 'none' : JSON.stringify(value)
  return text.length <= WIDTH ? text : `${text.slice(0, WIDTH)}...`
}
