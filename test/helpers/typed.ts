// Compares the commands of kahi in a page with the existing commands and options.

import type { Command } from '../../cli/command.ts'
import { commands } from '../../cli/commands/list.ts'

const COMMON = ['help', 'h']

/** A call of kahi at the beginning of a command: also by its path, as the words of CMD, and after `sudo` or `exec`. */
const CALL = /(?:^|\$ |[;|&] |CMD |sudo |exec )(?:[\w/.-]*\/)?kahi ([^|;&>#…\n]*)/gm

/** The commands and options in a page that do not exist: `kahi ctl stauts`, `kahi check --jsno`. */
export function unknownWords(text: string): readonly string[] {
  const fenced = [...text.matchAll(/^```(?:sh|console|dockerfile)\b.*\n([\s\S]*?)^```$/gm)].map(
    ([, inner = '']) => inner,
  )
  const inline = [...text.replaceAll(/^```[\s\S]*?^```$/gm, '').matchAll(/`([^`\n]+)`/g)].map(([, inner = '']) => inner)
  const calls = [...fenced, ...inline].flatMap((code) => [...code.matchAll(CALL)])
  return calls.flatMap(([, words = '']) => mistakesIn(words.trim().split(/\s+/)))
}

/** Without the words after `--`, which are those of another program. */
function mistakesIn(all: readonly string[]): readonly string[] {
  const words = all.includes('--') ? all.slice(0, all.indexOf('--')) : all
  const flags = words.filter((word) => /^--?[a-z]/.test(word))
  const plain = words.filter((word) => !word.startsWith('-'))
  const [name = ''] = plain
  const first = commands.find((command) => command.name === name)
  if (first === undefined) return /^(?:-|$|[A-Z]+$)/.test(words[0] ?? '') ? [] : [`kahi ${name}`]
  if (first.raw === true || parsesItself(first)) return []
  const below = first.commands === undefined ? undefined : findBelow(first.commands, plain.slice(1))
  if (
    first.commands !== undefined &&
    below === undefined &&
    plain.length > 1 &&
    plain.slice(1).some((word) => /^[a-z]+$/.test(word))
  )
    return [`kahi ${words.join(' ')}`]
  const known = new Set([...COMMON, ...[first, below].flatMap(namesOf)])
  return flags.filter((flag) => !known.has(flagName(flag))).map((flag) => `kahi ${words.join(' ')}: ${flag}`)
}

/** The programs that kahi replaces read their own options. */
function parsesItself({ options, commands: below }: Command): boolean {
  return Object.keys(options).length === 0 && below === undefined
}

/** The first word that is a command; words before it are values of options. */
function findBelow(list: readonly Command[], words: readonly string[]): Command | undefined {
  return words.map((word) => list.find((command) => command.name === word)).find((command) => command !== undefined)
}

function flagName(flag: string): string {
  return flag
    .replace(/^--?(?:no-)?/, '')
    .replace(/=.*$/, '')
    .replace(/[^a-z0-9-].*$/, '')
}

function namesOf(command: Command | undefined): readonly string[] {
  return Object.entries(command?.options ?? {}).flatMap(([name, { alias = [] }]) => [name, ...[alias].flat()])
}
