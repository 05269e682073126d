// Reads command lines and assignments of unit files: quotes, escapes, specifiers and variables. Source: systemd 252,
// systemd.syntax(7), systemd.service(5), systemd.exec(5).

/** What a command line does. */
export interface ReadCommand {
  readonly argv: readonly string[]
  /** What `env` and `setpriv` in front of the command set. */
  readonly directory: string | undefined
  readonly user: string | undefined
  readonly environment: Readonly<Record<string, string>>
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', s: ' ', '\\': '\\', '"': '"', "'": "'" }

/** The words of a value, without quotes, escapes and doubled `%`. */
export function readWords(value: string): readonly string[] {
  const words: string[] = []
  let word: string | undefined
  let quote = ''
  for (let position = 0; position < value.length; position += 1) {
    const one = value.charAt(position)
    if (one === '\\') {
      const hex = /^\\x([0-9a-f]{2})/.exec(value.slice(position))?.[1]
      word =
        (word ?? '') +
        (hex === undefined
          ? (ESCAPES[value.charAt(position + 1)] ?? '')
          : String.fromCharCode(Number.parseInt(hex, 16)))
      position += hex === undefined ? 1 : 3
    } else if (quote !== '') {
      if (one === quote) quote = ''
      else word += one
    } else if (one === '"' || one === "'") {
      quote = one
      word ??= ''
    } else if (/\s/.test(one)) {
      if (word !== undefined) words.push(word)
      word = undefined
    } else word = (word ?? '') + one
  }
  return (word === undefined ? words : [...words, word]).map((found) => found.replaceAll('%%', '%'))
}

/** The command with its wrappers taken apart. */
export function readCommand(value: string): ReadCommand {
  let argv = readWords(value).map((word) => word.replaceAll('$$', '$'))
  let user: string | undefined
  let directory: string | undefined
  const environment: Record<string, string> = {}
  if (argv[0] === '/usr/bin/setpriv' && argv[1] === '--reuid' && argv[5] === '--init-groups') {
    const [, , name = '', , group] = argv
    user = group === name ? name : `${name}:${group ?? ''}`
    argv = argv.slice(6)
  }
  if (argv[0] === '/usr/bin/env') {
    argv = argv.slice(1)
    if (argv[0] === '-C') {
      directory = argv[1]
      argv = argv.slice(2)
    }
    for (let match = /^(\w+)=(.*)$/s.exec(argv[0] ?? ''); match !== null; match = /^(\w+)=(.*)$/s.exec(argv[0] ?? '')) {
      environment[match[1] ?? ''] = match[2] ?? ''
      argv = argv.slice(1)
    }
  }
  return { argv, directory, user, environment }
}

/** The assignments of an environment file. */
export function readEnvironmentFile(text: string): readonly (readonly [name: string, value: string])[] {
  const found = text.matchAll(/^(\w+)=(?:"((?:[^"\\]|\\.)*)"|([^\n]*))$/gms)
  return [...found].map(([, name = '', quoted, plain = '']) => [
    name,
    quoted === undefined ? (plain.split('\n')[0] ?? '') : quoted.replaceAll(/\\(["\\$`])/g, '$1'),
  ])
}
