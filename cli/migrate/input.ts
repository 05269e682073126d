// What `kahi migrate PATH` converts: a path, standard input, or without a path the file that supervisord itself would
// use; with the options of its format.

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { ConfigError, type Diagnostic } from '../../config/model/diagnostic.ts'
import { readStandardInput } from '../../config/values/read-text.ts'
import type { Asked, Given, Source } from '../../converter/format.ts'
import { formats } from '../../converter/formats.ts'
import { formatOf, identify } from '../../converter/identify.ts'
import { isDirectory } from '../../converter/folders.ts'
import { type Arguments, listOf, type OptionSpec, STDIN, textOf } from '../command.ts'
import { searchedBySupervisord } from '../../converter/supervisord/search.ts'
import { nearestTree } from './find-trees.ts'

/** The options of all formats, as `kahi migrate` takes them. */
export const formatOptions: Readonly<Record<string, OptionSpec>> = Object.fromEntries(
  formats.flatMap(({ options }) => Object.entries(options)),
)

/** The options of formats that were typed. */
export function givenOptions(args: Arguments): Given {
  const entries = Object.entries(formatOptions).map(([name, { type, many }]) => {
    const value = type === 'boolean' ? args[name] === true : many === true ? listOf(args, name) : textOf(args, name)
    return [name, value] as const
  })
  return Object.fromEntries(entries)
}

/** The source to convert. Throws ConfigError when there is none, or when an option does not belong to its format. */
export function readInput(args: Arguments): Source {
  const { path, sources, given } = wordsOf(args)
  const asked = { format: textOf(args, 'format'), sources, options: given }
  const source = path === undefined ? searchSource(asked) : find(path, asked)
  if (formatOf(source).isNative === true)
    throw wrong(
      `${source.path} is ${formatOf(source).title} already`,
      `kahi check ${source.path} says whether it is valid`,
    )
  checkOptions(source, sources, given)
  return source
}

/** Without another PATH, the last word after an option that takes several is the path. */
function wordsOf(args: Arguments): { path: string | undefined; sources: readonly string[]; given: Given } {
  const given = givenOptions(args)
  const [path, ...sources] = listOf(args, 'path')
  const greedy = Object.keys(given).find((name) => listOf(args, name).length > 1)
  if (path !== undefined || greedy === undefined) return { path, sources, given }
  const words = listOf(args, greedy)
  return { path: words.at(-1), sources, given: { ...given, [greedy]: words.slice(0, -1) } }
}

function find(path: string, asked: Asked): Source {
  if (path === STDIN) return identify(path, { ...asked, text: readStandardInput(path) })
  try {
    return identify(path, asked)
  } catch (error) {
    const tree = error instanceof ConfigError && isDirectory(path) ? nearestTree(path) : undefined
    if (tree === undefined) throw error
    const hint = `kahi migrate ${tree} converts that one, kahi migrate ${path} --out DIR all that is below`
    throw wrong(`${path} is no configuration itself`, hint)
  }
}

function searchSource(asked: Asked): Source {
  const programs = (process.env.PATH ?? '').split(':').map((folder) => join(folder, 'supervisord'))
  const searched = searchedBySupervisord(programs.find((file) => existsSync(file)) ?? '/usr/bin/supervisord')
  const path = searched.find((file) => existsSync(file))
  if (path === undefined)
    throw wrong('No supervisord.conf was found', `name one; supervisord looks for ${searched.join(', ')}`)
  const note: Diagnostic = { severity: 'note', message: `Converting ${path}, the file that supervisord would take` }
  return { ...identify(path, asked), note }
}

/** Reports all options that do not belong to the format. */
function checkOptions(source: Source, sources: readonly string[], given: Given): void {
  const { title, options, takesSources } = formatOf(source)
  const isGiven = (value: Given[string]): boolean =>
    value !== undefined && value !== false && !(Array.isArray(value) && value.length === 0)
  const idle = Object.keys(given).filter((name) => isGiven(given[name]) && !(name in options))
  const errors = idle.map((name): Diagnostic => {
    const message = `${source.path} is ${title}: --${name} does not apply to it`
    return { severity: 'error', message, hint: `leave --${name} out` }
  })
  const further: Diagnostic = {
    severity: 'error',
    message: `${source.path} is ${title}: it is converted alone`,
    hint: 'leave further paths out',
  }
  const found = sources.length > 0 && !takesSources ? [...errors, further] : errors
  if (found.length > 0) throw new ConfigError(found)
}

function wrong(message: string, hint: string): ConfigError {
  return new ConfigError([{ severity: 'error', message, hint }])
}
