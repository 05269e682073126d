// `kahi ctl status`. Source: supervisor 4.2.5, DefaultControllerPlugin.do_status and _show_statuses.

import { append } from '../../config/model/append.ts'
import type { UsageObject } from '../../runtime/control/operations/shapes/usage.ts'
import type { ProcessObject } from '../../runtime/control/operations/shapes/process.ts'
import { type Arguments, type Command, flagOf, listOf } from '../command.ts'
import { CTL_EXIT, EXIT, STATUS_EXIT } from '../exit-codes.ts'
import { print, printError } from '../print.ts'
import type { Client } from './client.ts'
import { namedIn, notFound, suggestionFor } from './names.ts'
import { withDaemon } from './session.ts'
import { statusLines } from './status-lines.ts'
import { loadsOf, usageTable } from './usage-table.ts'

const STOPPED_STATES = ['STOPPED', 'EXITED', 'FATAL', 'UNKNOWN']

/** Shows processes and their states. */
export const statusCommand: Command = {
  name: 'status',
  usage: '[--wide] [--json] [NAME... | GROUP:* | all]',
  summary: 'Show processes and their states',
  options: {
    json: { type: 'boolean', summary: 'Print the processes as a JSON array; with --wide each has its usage' },
    wide: { type: 'boolean', alias: 'w', summary: 'Show CPU, memory, files, threads, processes and sockets too' },
  },
  positionals: [
    { name: 'names', summary: 'Processes, groups as GROUP:*; all when none is named', required: false, many: true },
  ],
  examples: [
    ['kahi ctl status', 'all; ends with 3 when one of them is stopped, exited or fatal'],
    ['kahi ctl status --wide', 'what each uses; CPU is the average of its life, kahi ctl top shows the present'],
    ['kahi ctl status --json web', 'one, for scripts'],
  ],
  async run(args) {
    let wasReached = false
    const exitCode = await withDaemon(args, (client) => {
      wasReached = true
      return showStatus(client, args)
    })
    const isAbsent = exitCode === CTL_EXIT.notRunning || exitCode === CTL_EXIT.insufficientPrivileges
    return !wasReached && isAbsent ? STATUS_EXIT.unknown : exitCode
  },
}

async function showStatus(client: Client, args: Arguments): Promise<number> {
  const all = await client.call('GET /api/v1/processes')
  const names = listOf(args, 'names')
  const { found, unknown } =
    names.length === 0 || names.includes('all') ? { found: all, unknown: [] } : pick(all, names)
  const usages = flagOf(args, 'wide') ? await client.call('GET /api/v1/usage') : undefined
  if (flagOf(args, 'json')) print(JSON.stringify(usages === undefined ? found : withUsage(found, usages), null, 2))
  for (const message of unknown) (flagOf(args, 'json') ? printError : print)(message)
  if (!flagOf(args, 'json'))
    for (const line of usages === undefined ? statusLines(found, terminalWidth()) : wideLines(found, usages))
      print(line)
  if (found.some(isDown)) return STATUS_EXIT.notRunning
  return unknown.length > 0 ? STATUS_EXIT.unknown : EXIT.ok
}

function withUsage(found: readonly ProcessObject[], usages: readonly UsageObject[]): readonly object[] {
  return found.map((one) => ({
    ...one,
    usage: usages.find(({ group, name }) => group === one.group && name === one.name),
  }))
}

function wideLines(found: readonly ProcessObject[], usages: readonly UsageObject[]): readonly string[] {
  return usageTable(loadsOf(found, usages, []), terminalWidth() ?? Infinity)
}

/** Undefined without a terminal; some terminals do not know their width. */
function terminalWidth(): number | undefined {
  return process.stdout.isTTY ? process.stdout.columns || 80 : undefined
}

/** A oneshot that has done its work is EXITED, and counts as up. */
function isDown({ kind, state }: ProcessObject): boolean {
  return STOPPED_STATES.includes(state) && !(kind === 'oneshot' && state === 'EXITED')
}

/** In the order of the names; a name that was given twice is shown twice. */
function pick(all: readonly ProcessObject[], names: readonly string[]): { found: ProcessObject[]; unknown: string[] } {
  const found: ProcessObject[] = []
  const unknown: string[] = []
  for (const text of names) {
    const named = namedIn(text, all)
    const matching = all.filter(
      ({ group, name }) => group === named.group && (named.name === undefined || name === named.name),
    )
    append(found, matching)
    if (matching.length > 0) continue
    unknown.push(notFound(named, text, suggestionFor(text, all)))
  }
  return { found, unknown }
}
