// The options of supervisord: which key of [supervisor] each sets. Source: supervisor 4.2.5, ServerOptions.__init__.

import type { Place } from '../../config/model/diagnostic.ts'
import type { Document, Entry, Table } from '../../config/keys/document.ts'
import { escapeAll } from '../../config/values/expand.ts'
import { supervisorKeys } from '../../config/keys/supervisor.ts'
import { ValueError } from '../../config/values/values.ts'
import { getopt, type OptionNames, UsageError } from './getopt.ts'

/** The arguments of the command line. */
export interface SupervisordArguments {
  readonly help: boolean
  readonly version: boolean
  readonly configuration: string | undefined
  /** Entries that have priority over those of the file. */
  readonly settings: readonly Entry[]
}

type SettingName = keyof typeof supervisorKeys

const SETTINGS: readonly (readonly [short: string, long: string, key: SettingName, takesValue: boolean])[] = [
  ['n', 'nodaemon', 'nodaemon', false],
  ['s', 'silent', 'silent', false],
  ['u', 'user', 'user', true],
  ['m', 'umask', 'umask', true],
  ['d', 'directory', 'directory', true],
  ['l', 'logfile', 'logfile', true],
  ['y', 'logfile_maxbytes', 'logfile_maxbytes', true],
  ['z', 'logfile_backups', 'logfile_backups', true],
  ['e', 'loglevel', 'log_level', true],
  ['j', 'pidfile', 'pidfile', true],
  ['i', 'identifier', 'identifier', true],
  ['q', 'childlogdir', 'childlogdir', true],
  ['k', 'nocleanup', 'nocleanup', false],
  ['a', 'minfds', 'minfds', true],
  ['t', 'strip_ansi', 'strip_ansi', false],
  ['', 'minprocs', 'minprocs', true],
]

const OPTIONS: readonly OptionNames[] = [
  { name: 'help', short: 'h', long: 'help', takesValue: false },
  { name: 'help', short: '?', long: '', takesValue: false },
  { name: 'version', short: 'v', long: 'version', takesValue: false },
  { name: 'configuration', short: 'c', long: 'configuration', takesValue: true },
  { name: 'profile_options', short: '', long: 'profile_options', takesValue: true },
  ...SETTINGS.map(([short, long, name, takesValue]) => ({ name, short, long, takesValue })),
]

/** The file name in places of command line options. */
export const COMMAND_LINE = 'command line'
const PLACE: Place = { file: COMMAND_LINE, line: 1, column: 1 }

/** Parses the arguments. Throws UsageError with the original's texts. */
export function parseSupervisordArguments(argv: readonly string[]): SupervisordArguments {
  const { options, words } = getopt(argv, OPTIONS)
  const help = options.some(({ name }) => name === 'help')
  if (words.length > 0 && !help) {
    throw new UsageError(`positional arguments are not supported: [${words.map((word) => `'${word}'`).join(', ')}]`)
  }
  const settings: Entry[] = []
  for (const { name, typed, value } of options) {
    const row = SETTINGS.find(([, , key]) => key === name)
    if (row === undefined) continue
    if (settings.some(({ key }) => key === name)) throw new UsageError(`conflicting command line option '${typed}'`)
    settings.push({ key: name, value: row[3] ? escapeAll(checkValue(row[2], typed, value)) : true, place: PLACE })
  }
  const configuration = options.findLast(({ name }) => name === 'configuration')?.value
  return { help, version: options.some(({ name }) => name === 'version'), configuration, settings }
}

/** The document, with the settings of the command line in place of its own. */
export function applySettings(document: Document, settings: readonly Entry[]): Document {
  const override = (table: Table): Table => {
    const kept = table.entries.filter(({ key }) => !settings.some((setting) => setting.key === key))
    return table.kind === 'supervisor' ? { ...table, entries: [...kept, ...settings] } : table
  }
  return { ...document, tables: document.tables.map(override) }
}

function checkValue(key: SettingName, typed: string, value: string): string {
  try {
    supervisorKeys[key].type.fromText(value)
    return value
  } catch (error) {
    if (!(error instanceof ValueError)) throw error
    throw new UsageError(`invalid value for ${typed} '${value}': ${error.message}`)
  }
}
