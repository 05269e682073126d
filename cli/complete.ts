// `kahi __complete WORD…`: the words that may come next, for the scripts of shells. The last word is the one that is being
// typed. Names of programs come from the daemon that the other words name, if it answers.

import { namespec } from '../config/model/names.ts'
import { tableRows } from '../config/keys/tables.ts'
import type { Arguments, Command, OptionSpec, PositionalSpec } from './command.ts'
import { commands } from './commands/list.ts'
import { COMPLETION_SCRIPTS } from './completion-scripts.ts'
import { openClient } from './ctl/client.ts'
import { findTarget } from './ctl/target.ts'
import { EXIT } from './exit-codes.ts'
import { print } from './print.ts'

const SIGNALS = ['HUP', 'INT', 'QUIT', 'USR1', 'USR2', 'TERM', 'KILL', 'STOP', 'CONT', 'WINCH']

interface Candidate {
  readonly word: string
  readonly note: string
}

/** Where the typed words lead. */
interface Position {
  readonly command: Command | undefined
  /** The commands that may come next. */
  readonly below: readonly Command[]
  readonly options: Readonly<Record<string, OptionSpec>>
  readonly isCtl: boolean
  /** How many arguments that are no options came. */
  readonly arguments: number
  /** Values of options so far. */
  readonly values: Arguments
  /** The option whose value is typed now. */
  readonly open: readonly [string, OptionSpec] | undefined
}

/** Prints what may come next, one word a line, each with a tab and what it means. */
export async function answerCompletion(words: readonly string[]): Promise<number> {
  const typed = words.at(-1) ?? ''
  const position = locate(words.slice(0, -1))
  const all = await candidates(position, typed)
  for (const { word, note } of all) if (word.startsWith(typed)) print(`${word}\t${note}`)
  return EXIT.ok
}

function locate(words: readonly string[]): Position {
  let at: Position = {
    command: undefined,
    below: commands,
    options: {},
    isCtl: false,
    arguments: 0,
    values: {},
    open: undefined,
  }
  for (const word of words) at = after(at, word)
  return at
}

function after(at: Position, word: string): Position {
  if (at.open !== undefined) return { ...at, values: { ...at.values, [at.open[0]]: word }, open: undefined }
  if (word.startsWith('-')) {
    const [name = '', value] = word.replace(/^-+/, '').split('=')
    const found = Object.entries(at.options).find(([long, { alias }]) => long === name || alias === name)
    if (found === undefined || found[1].type === 'boolean') return at
    return value === undefined ? { ...at, open: found } : { ...at, values: { ...at.values, [found[0]]: value } }
  }
  const next = at.below.find(({ name }) => name === word)
  if (next === undefined) return { ...at, arguments: at.arguments + 1 }
  return {
    ...at,
    command: next,
    below: next.commands ?? [],
    options: { ...at.options, ...next.options },
    isCtl: at.isCtl || next.name === 'ctl',
    arguments: 0,
  }
}

async function candidates(at: Position, typed: string): Promise<readonly Candidate[]> {
  if (at.open !== undefined) {
    const [name, { choices = [], summary }] = at.open
    if (choices.length > 0) return choices.map((word) => ({ word, note: summary }))
    return name === 'process' ? names(at.values) : []
  }
  if (typed.startsWith('-'))
    return [
      ...Object.entries(at.options).map(([name, { summary }]) => ({ word: `--${name}`, note: summary })),
      { word: '--help', note: 'Explain this command' },
    ]
  if (at.below.length > 0) return at.below.map(({ name, summary }) => ({ word: name, note: summary }))
  return argumentWords(at)
}

async function argumentWords({ command, isCtl, arguments: count, values }: Position): Promise<readonly Candidate[]> {
  const { positionals = [] } = command ?? {}
  const last = positionals.at(-1)
  const spec: PositionalSpec | undefined = positionals[count] ?? (last?.many === true ? last : undefined)
  if (spec?.name === 'shell') return Object.keys(COMPLETION_SCRIPTS).map((word) => ({ word, note: 'a shell' }))
  if (spec?.name === 'table') return tableRows.map(({ kind, doc }) => ({ word: kind, note: doc }))
  if (!isCtl || spec === undefined || command?.name === 'add') return []
  if (command?.name === 'signal' && count === 0) return SIGNALS.map((word) => ({ word, note: `SIG${word}` }))
  return names(values)
}

/** Names of processes with their states, and of groups; nothing when no daemon answers. */
async function names(values: Arguments): Promise<readonly Candidate[]> {
  try {
    const processes = await openClient(await findTarget(values)).call('GET /api/v1/processes')
    const groups = processes.filter(({ group, name }) => group !== name).map(({ group }) => group)
    return [
      ...processes.map((one) => ({
        word: namespec(one.group, one.name),
        note: `${one.state} ${one.description}`.trim(),
      })),
      ...[...new Set(groups)].map((group) => ({ word: `${group}:*`, note: 'all of a group' })),
    ]
  } catch {
    return []
  }
}
