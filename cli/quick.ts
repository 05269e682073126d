// Runs the commands of `kahi ctl` that are called often without the parser of all commands, which takes longer to load
// than the request takes. Anything that is not plainly one of them is left to that parser: help, mistakes, rare options.

import { parseArgs, type ParseArgsConfig } from 'node:util'
import type { Arguments, Command, OptionSpec } from './command.ts'
import { ctlOptions } from './ctl/options.ts'

const QUICK: Readonly<Record<string, () => Promise<Command>>> = {
  status: async () => (await import('./ctl/status.ts')).statusCommand,
  start: async () => (await import('./ctl/start.ts')).startCommand,
  stop: async () => (await import('./ctl/stop.ts')).stopCommand,
  restart: async () => (await import('./ctl/restart.ts')).restartCommand,
  signal: async () => (await import('./ctl/signal.ts')).signalCommand,
  pid: async () => (await import('./ctl/pid.ts')).pidCommand,
  tail: async () => (await import('./ctl/tail.ts')).tailCommand,
}

/** A command, and what was typed for it. */
export interface Quick {
  readonly command: Command
  readonly args: Arguments
}

/** The command that the words after `kahi ctl` call; undefined when the parser of all commands has to read them. */
export async function readQuick(argv: readonly string[]): Promise<Quick | undefined> {
  const { tokens } = parseArgs({ args: [...argv], options: optionsOf(ctlOptions), strict: false, tokens: true })
  const verb = tokens.find((token) => token.kind === 'positional')
  const load = verb !== undefined && Object.hasOwn(QUICK, verb.value) ? QUICK[verb.value] : undefined
  if (verb === undefined || load === undefined || argv.some((word) => word === '-' || word === '--')) return undefined
  const command = await load()
  const args = readArguments(argv.toSpliced(verb.index, 1), command)
  return args && { command, args }
}

function readArguments(argv: readonly string[], command: Command): Arguments | undefined {
  const specs = { ...ctlOptions, ...command.options }
  try {
    const options = optionsOf(specs)
    const { values, positionals } = parseArgs({ args: [...argv], options, strict: true, allowPositionals: true })
    const [first, ...others] = command.positionals
    const isSimple = first?.many === true && others.length === 0 && (!first.required || positionals.length > 0)
    if (!isSimple || Object.values(values).includes('')) return undefined
    const defaults = Object.entries(specs).map(([name, spec]) => [name, spec.default])
    return { ...Object.fromEntries(defaults), ...values, [first.name]: positionals } as Arguments
  } catch {
    return undefined
  }
}

function optionsOf(specs: Readonly<Record<string, OptionSpec>>): NonNullable<ParseArgsConfig['options']> {
  return Object.fromEntries(
    Object.entries(specs).map(([name, { type, alias, isRepeated }]) => [
      name,
      {
        type: type === 'boolean' ? 'boolean' : 'string',
        ...(alias !== undefined && { short: alias }),
        ...(isRepeated === true && { multiple: true }),
      },
    ]),
  )
}
