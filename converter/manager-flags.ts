// The flags of flush-manager's program `manager`, read as the flag package of Go reads them: one or two dashes, a value
// in the same word behind `=` or in the next word, and an end at the first word that is no flag.
// Source: flush-manager 1.0.0, cmd/manager/main.go; Go 1.23, flag.FlagSet.parseOne.

/** What was typed. */
export interface ManagerFlags {
  readonly command: string
  readonly config: string
  readonly version: boolean
  readonly args: readonly string[]
}

/** A mistake, or the request for help: the text for standard error, and the exit code. */
export interface Refusal {
  readonly text: string
  readonly exitCode: number
}

const DEFAULT_COMMAND = '/usr/local/bin/redis-exporter'
const DEFAULT_CONFIG = '/usr/local/bin/conf/exporter.conf'

const USAGE = [
  'Usage of manager:',
  '  -command string',
  `    \tCommand to execute (default "${DEFAULT_COMMAND}")`,
  '  -config string',
  `    \tConfig file to watch for changes (default "${DEFAULT_CONFIG}")`,
  '  -version',
  '    \tPrint version information',
  '',
].join('\n')

const TRUE = ['1', 't', 'T', 'true', 'TRUE', 'True']
const FALSE = ['0', 'f', 'F', 'false', 'FALSE', 'False']

/** Reads the flags. */
export function readFlags(argv: readonly string[]): ManagerFlags | Refusal {
  const texts: Record<string, string> = { command: DEFAULT_COMMAND, config: DEFAULT_CONFIG }
  let version = false
  let index = 0
  for (; index < argv.length; index += 1) {
    const word = argv[index] ?? ''
    if (word === '--') {
      index += 1
      break
    }
    if (word === '-' || !word.startsWith('-')) break
    const [, name = '', , given] = /^--?([^=]*)(=([^]*))?$/.exec(word) ?? []
    if (name === '' || name.startsWith('-')) return refusal(`bad flag syntax: ${word}`)
    if (name === 'help' || name === 'h') return { text: USAGE, exitCode: 0 }
    if (name === 'version') {
      const value = given ?? 'true'
      if (!TRUE.includes(value) && !FALSE.includes(value))
        return refusal(`invalid boolean value "${value}" for -version: parse error`)
      version = TRUE.includes(value)
      continue
    }
    if (!Object.hasOwn(texts, name)) return refusal(`flag provided but not defined: -${name}`)
    if (given === undefined) index += 1
    const value = given ?? argv[index]
    if (value === undefined) return refusal(`flag needs an argument: -${name}`)
    texts[name] = value
  }
  return { command: texts.command ?? '', config: texts.config ?? '', version, args: argv.slice(index) }
}

function refusal(message: string): Refusal {
  return { text: `${message}\n${USAGE}`, exitCode: 2 }
}
