// Reads the arguments of `kahi run`: the options, then the command, which begins behind `--` or with the first word that
// is no option.

import { parseArgs } from 'node:util'
import { nearest } from '../../config/values/nearest.ts'
import type { Arguments, OptionSpec } from '../command.ts'
import { RUN_OPTIONS } from './options.ts'

/** What was typed; `problem` says what is wrong with it. */
export interface RunArguments {
  readonly options: Arguments
  readonly command: readonly string[]
  readonly problem?: string
}

const SPECS: Readonly<Record<string, OptionSpec>> = RUN_OPTIONS

/** The arguments; undefined for the help, and without a command. */
export function readRunArguments(argv: readonly string[]): RunArguments | undefined {
  const options = Object.fromEntries(
    Object.entries(SPECS).map(([name, { alias, many }]) => [
      name,
      { type: 'string' as const, ...(alias !== undefined && { short: alias }), multiple: many === true },
    ]),
  )
  const config = { options, allowPositionals: true, tokens: true } as const
  const { tokens } = parseArgs({ ...config, args: [...argv], strict: false })
  const first = tokens.find(({ kind }) => kind !== 'option')
  const own = argv.slice(0, first?.index)
  const command = first === undefined ? [] : argv.slice(first.kind === 'positional' ? first.index : first.index + 1)
  if (command.length === 0 || own.includes('--help') || own.includes('-h')) return undefined
  const { tokens: given, values } = parseArgs({ ...config, args: own, strict: false })
  const problem = given.map((token) => (token.kind === 'option' ? problemOf(token) : undefined)).find(Boolean)
  return { options: values, command, ...(problem !== undefined && { problem }) }
}

interface Given {
  readonly name: string
  readonly rawName: string
  readonly value?: string | undefined
}

function problemOf({ name, rawName, value }: Given): string | undefined {
  const spec = SPECS[name]
  if (spec === undefined) {
    const close = nearest(name, Object.keys(SPECS))
    return `unknown option ${rawName}${close === undefined ? '' : `; did you mean --${close}?`}`
  }
  if (value === undefined) return `${rawName} needs a value`
  const { choices } = spec
  if (choices === undefined || choices.includes(value)) return undefined
  return `${rawName} must be one of ${choices.join(', ')}, not "${value}"`
}
