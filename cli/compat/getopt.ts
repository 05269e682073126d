// Parses command lines as Python's getopt does: short options can be combined, long options can be shortened to any
// unambiguous prefix, and the first word that is no option ends the options. Source: CPython 3.11, getopt.getopt.

/** Short and long names of one option. */
export interface OptionNames {
  /** Name in the result. */
  readonly name: string
  /** One letter; empty when there is none. */
  readonly short: string
  /** Without dashes; empty when there is none. */
  readonly long: string
  readonly takesValue: boolean
}

/** What was typed. */
export interface Typed {
  /** In the order typed; the value of a flag is empty. */
  readonly options: readonly { readonly name: string; readonly typed: string; readonly value: string }[]
  readonly words: readonly string[]
}

/** An invalid command line; the message is the original's. */
export class UsageError extends Error {}

/** Parses the arguments. Throws UsageError. */
export function getopt(argv: readonly string[], known: readonly OptionNames[]): Typed {
  const options: { name: string; typed: string; value: string }[] = []
  const rest = [...argv]
  while (rest[0]?.startsWith('-') && rest[0] !== '-') {
    const word = rest.shift() ?? ''
    if (word === '--') break
    if (word.startsWith('--')) options.push(readLong(word.slice(2), rest, known))
    else options.push(...readShort(word.slice(1), rest, known))
  }
  return { options, words: rest }
}

function readLong(word: string, rest: string[], known: readonly OptionNames[]): Typed['options'][number] {
  const equals = word.indexOf('=')
  const prefix = equals < 0 ? word : word.slice(0, equals)
  const matches = known.filter(({ long }) => long !== '' && long.startsWith(prefix))
  const option = matches.find(({ long }) => long === prefix) ?? matches[0]
  if (option === undefined) throw new UsageError(`option --${prefix} not recognized`)
  if (matches.length > 1 && option.long !== prefix) throw new UsageError(`option --${prefix} not a unique prefix`)
  const typed = `--${option.long}`
  if (!option.takesValue) {
    if (equals >= 0) throw new UsageError(`option ${typed} must not have an argument`)
    return { name: option.name, typed, value: '' }
  }
  const value = equals < 0 ? rest.shift() : word.slice(equals + 1)
  if (value === undefined) throw new UsageError(`option ${typed} requires argument`)
  return { name: option.name, typed, value }
}

function readShort(bunch: string, rest: string[], known: readonly OptionNames[]): Typed['options'][number][] {
  const found: Typed['options'][number][] = []
  for (let index = 0; index < bunch.length; index += 1) {
    const letter = bunch.charAt(index)
    const option = known.find(({ short }) => short === letter)
    const typed = `-${letter}`
    if (option === undefined) throw new UsageError(`option ${typed} not recognized`)
    if (!option.takesValue) found.push({ name: option.name, typed, value: '' })
    else {
      const value = bunch.slice(index + 1) || rest.shift()
      if (value === undefined) throw new UsageError(`option ${typed} requires argument`)
      return [...found, { name: option.name, typed, value }]
    }
  }
  return found
}
