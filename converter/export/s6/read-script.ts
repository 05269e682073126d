// Reads a script of sh or execline as far as the s6 targets write them: a line sets something, and the last command is
// the program behind the programs that change its surroundings.

import { lexExecline } from '../../execline/lexer.ts'

/** What a script does. Variables are shown as `${X}` and `${X:-default}`. */
export interface ScriptFacts {
  readonly argv: readonly string[]
  readonly directory: string | undefined
  readonly umask: number | undefined
  readonly user: string | undefined
  readonly nice: number | undefined
  readonly environment: Readonly<Record<string, string>>
}

interface Mutable {
  argv: readonly string[]
  directory: string | undefined
  umask: number | undefined
  user: string | undefined
  nice: number | undefined
  environment: Record<string, string>
}

/** Programs in front of the command, with the number of their arguments behind options. */
const WRAPPERS: Readonly<Record<string, number>> = {
  's6-softlimit': 0,
  's6-notifyoncheck': 0,
  's6-notify-fd-from-socket': 0,
  's6-ipcserver-socketbinder': 1,
}
/** Their options without a value. */
const FLAGS = new Set(['-H', '-h', '-d', '-B', '-U', '-Uz', '-nB'])

/** Reads the text of a script. */
export function readScript(text: string): ScriptFacts {
  const facts: Mutable = {
    argv: [],
    directory: undefined,
    umask: undefined,
    user: undefined,
    nice: undefined,
    environment: {},
  }
  const [first = ''] = text.split('\n')
  const isShell = first.startsWith('#!') && !first.includes('execlineb')
  if (isShell) readShell(text, facts)
  else readExecline(text, facts)
  return facts
}

function readShell(text: string, facts: Mutable): void {
  const body = text.split('\n').slice(1)
  const at = body.findIndex((line) => line.startsWith('exec ') && !/^exec 2?>/.test(line))
  const before = at < 0 ? body.join('\n') : body.slice(0, at).join('\n')
  if (at < 0) {
    const rest = body.slice(body.findIndex((line) => !line.startsWith('#')))
    const moves = /^cd (.*)$/.exec(rest[0] ?? '')
    facts.directory = moves?.[1]
    facts.argv = [
      ...shellOf(text),
      '-c',
      rest
        .slice(moves === null ? 0 : 1)
        .join('\n')
        .trimEnd(),
    ]
    return
  }
  for (const words of commandsOf(before)) readSetting(words, facts)
  unwrap((shellWords(body.slice(at).join('\n').trimEnd()) ?? []).slice(1), facts)
}

function shellOf(text: string): readonly string[] {
  const line = text.split('\n')[0]?.replace(/^#!(?:\/command\/with-contenv )?/, '') ?? ''
  return [line]
}

/** The commands of a script, one a line; quotes may go over lines. */
function commandsOf(text: string): readonly (readonly string[])[] {
  const found: (readonly string[])[] = []
  let open = ''
  for (const line of text.split('\n')) {
    if (open === '' && line.startsWith('#')) continue
    const whole = open === '' ? line : `${open}\n${line}`
    const words = shellWords(whole)
    open = words === undefined ? whole : ''
    if (words !== undefined) found.push(words)
  }
  return found
}

const ESCAPED = /["$`\\]/

/** The words of a command line of sh; undefined when a quote is open. Variables stay as they are written. */
function shellWords(line: string): readonly string[] | undefined {
  const words: string[] = []
  let word: string | undefined
  let quote = ''
  for (let at = 0; at < line.length; at += 1) {
    const [character = '', next = ''] = [line[at], line[at + 1]]
    if (quote === "'" && character !== "'") word = `${word ?? ''}${character}`
    else if (character === '\\' && quote === '' && next === '\n') at += 1
    else if (character === '\\' && (quote === '' || ESCAPED.test(next) || next === '}')) {
      word = `${word ?? ''}${next}`
      at += 1
    } else if (quote === '' && /["']/.test(character)) [quote, word] = [character, word ?? '']
    else if (character === quote) quote = ''
    else if (quote === '' && /\s/.test(character)) {
      if (word !== undefined) words.push(word)
      word = undefined
    } else word = `${word ?? ''}${character}`
  }
  if (quote !== '') return undefined
  return word === undefined ? words : [...words, word]
}

function readSetting([command = '', ...words]: readonly string[], facts: Mutable): void {
  if (command === 'cd') facts.directory = words[0]
  if (command === 'umask') facts.umask = Number.parseInt(words[0] ?? '', 8)
  if (command === 'export')
    for (const word of words.filter((one) => !/^(?:HOME=\$\(homeof|USER=|LOGNAME=)/.test(one) || words.length === 1))
      facts.environment[word.slice(0, word.indexOf('='))] = word.slice(word.indexOf('=') + 1)
}

function unwrap(words: readonly string[], facts: Mutable): void {
  const [program = '', ...rest] = words
  if (program === 'nice') {
    facts.nice = Number(rest[1])
    return unwrap(rest.slice(2), facts)
  }
  if (program === 'execline-cd') {
    facts.directory = rest[0]
    return unwrap(rest.slice(1), facts)
  }
  if (program === 's6-setuidgid') {
    facts.user = rest[0]
    return unwrap(rest.slice(1), facts)
  }
  if (program === 's6-envuidgid') {
    facts.user = rest[1]
    return unwrap(rest.slice(2), facts)
  }
  if (program === 's6-applyuidgid') {
    if (rest[0] === '-u') facts.user = rest[1]
    return unwrap(rest.slice(rest[0] === '-u' ? 2 : 1), facts)
  }
  if (program === 'setpriv') return unwrap(privileges(rest, facts), facts)
  const more = WRAPPERS[program]
  if (more === undefined) facts.argv = words
  else unwrap(rest.slice(optionsIn(rest) + more), facts)
}

function optionsIn(words: readonly string[]): number {
  let count = 0
  while (words[count]?.startsWith('-') === true) count += FLAGS.has(words[count] ?? '') ? 1 : 2
  return count
}

function privileges(words: readonly string[], facts: Mutable): readonly string[] {
  let at = 0
  let [user, group]: (string | undefined)[] = []
  while (words[at]?.startsWith('--') === true) {
    const option = words[at]
    if (option === '--reuid') user = words[at + 1]
    if (option === '--regid') group = words[at + 1]
    at += option === '--init-groups' || option === '--no-new-privs' ? 1 : 2
  }
  if (user !== undefined) facts.user = group === undefined || group === '${gid}' ? user : `${user}:${group}`
  return words.slice(at)
}

/** A script of execline is one command line, so each program stands before the rest. */
function readExecline(text: string, facts: Mutable): void {
  const lexed = lexExecline(text.replace(/^#![^\n]*\n/, ''), '')
  let words = 'words' in lexed ? lexed.words.map((word) => ({ ...word })) : []
  const defaults = new Map<string, string>()
  const take = (count: number): readonly string[] => {
    const taken = words.slice(0, count).map((word) => word.text)
    words = words.slice(count)
    return taken
  }
  for (;;) {
    const program = words[0]?.text
    if (program === 'with-contenv') take(1)
    else if (program === 'multisubstitute') take(1)
    else if (words[0]?.isEnd === true) take(1)
    else if (program === 'importas') {
      const [, , fallback = '', name = ''] = take(5)
      defaults.set(name, fallback)
    } else if (program === 'redirfd') take(4)
    else if (program === 'fdmove') take(4)
    else if (program === 'execline-cd') facts.directory = take(2)[1]
    else if (program === 'execline-umask') facts.umask = Number.parseInt(take(2)[1] ?? '', 8)
    else if (program === 'foreground' || program === 'backtick') {
      const end = words.findIndex((word) => word.isEnd)
      take(end + 1)
    } else if (program === 'export') {
      const [, name = '', value = ''] = take(3)
      facts.environment[name] = value
    } else break
  }
  unwrap(
    words.map((word) => word.text),
    facts,
  )
  showDefaults(facts, defaults)
}

function showDefaults(facts: Mutable, defaults: ReadonlyMap<string, string>): void {
  const show = (text: string): string =>
    text.replaceAll(/(\\*)\$\{(\w+)\}/g, (all, slashes: string, name: string) => {
      const fallback = defaults.get(name)
      if (fallback === undefined) return String(all)
      const isEscaped = slashes.length % 2 === 1
      const left = slashes.slice(0, Math.floor(slashes.length / 2))
      return `${left}\${${name}${isEscaped || fallback === '' ? '' : `:-${fallback}`}}`
    })
  facts.argv = facts.argv.map(show)
  facts.directory = facts.directory === undefined ? undefined : show(facts.directory)
  facts.environment = Object.fromEntries(Object.entries(facts.environment).map(([name, value]) => [name, show(value)]))
}
