// What a command of a shell is about: its program without what stands before it, the packages that it installs.

import { posix } from 'node:path'
import type { Command, Word } from './instructions.ts'

/** Programs in front of another program, and which of their options take a word. */
const PREFIXES: Readonly<Record<string, readonly string[]>> = {
  sudo: ['-u', '-g', '-h', '-p', '-C'],
  env: ['-u', '-C', '-S'],
  exec: ['-a'],
  command: [],
  eatmydata: [],
  nice: ['-n'],
  ionice: ['-c', '-n'],
  time: [],
  tini: ['-p', '-e'],
  'tini-static': ['-p', '-e'],
  'dumb-init': ['-r', '--rewrite'],
  catatonit: [],
  busybox: [],
}
/** Programs in front of another program that take a user first. */
const AS_USER = ['gosu', 'su-exec', 'setuidgid', 's6-setuidgid']

/** The words from the program on, without assignments and programs that only run another one. */
export function programWords<Each extends { readonly text: string }>(words: readonly Each[]): readonly Each[] {
  let rest = words
  for (;;) {
    const [first] = rest
    if (first === undefined) return rest
    const name = posix.basename(first.text)
    if (/^[A-Za-z_]\w*=/.test(first.text)) rest = rest.slice(1)
    else if (AS_USER.includes(name)) rest = rest.slice(2)
    else if (PREFIXES[name] !== undefined) rest = skipOptions(rest.slice(1), PREFIXES[name])
    else return rest
  }
}

function skipOptions<Each extends { readonly text: string }>(
  words: readonly Each[],
  taking: readonly string[],
): readonly Each[] {
  let at = 0
  while (words[at]?.text.startsWith('-') === true) {
    const option = words[at]?.text ?? ''
    at += taking.includes(option) ? 2 : 1
    if (option === '--') break
  }
  return words.slice(at)
}

/** The kinds of installers; `other` is a script whose name says that it installs packages. */
export type Installer = 'apt' | 'apk' | 'rpm' | 'pip' | 'other'

/** A command that installs packages. */
export interface Installing {
  readonly by: Installer
  readonly packages: readonly Word[]
}

const VERBS: Readonly<Record<string, readonly [Installer, RegExp]>> = {
  'apt-get': ['apt', /^install$/],
  apt: ['apt', /^install$/],
  aptitude: ['apt', /^install$/],
  apk: ['apk', /^add$/],
  yum: ['rpm', /^(?:local)?install$/],
  dnf: ['rpm', /^install$/],
  microdnf: ['rpm', /^install$/],
  tdnf: ['rpm', /^install$/],
  zypper: ['rpm', /^(?:install|in)$/],
  pip: ['pip', /^install$/],
  pip2: ['pip', /^install$/],
  pip3: ['pip', /^install$/],
  pipx: ['pip', /^install$/],
  easy_install: ['pip', /^$/],
}
/** Options whose value is the next word. */
const TAKING =
  /^(?:-o|-t|-c|-X|-r|-e|-i|-f|--virtual|--repository|--target-release|--option|--config-file|--requirement|--constraint|--index-url|--extra-index-url|--trusted-host|--target|--prefix|--root)$/
const SCRIPT = /^(?:[\w.-]*-)?(?:apt|apk|install|installpkg|install[_-]packages?)(?:-[\w.-]*)?(?:\.sh)?$/

/** The packages that a command installs; undefined when it installs none. */
export function installingOf(command: Command): Installing | undefined {
  const words = programWords(command.words)
  const [first, ...rest] = words
  if (first === undefined) return undefined
  const name = posix.basename(first.text)
  if (/^python[\d.]*$/.test(name) && rest[0]?.text === '-m') return ofVerb(['pip', /^install$/], rest.slice(2))
  if (name === 'uv' && rest[0]?.text === 'pip') return ofVerb(['pip', /^install$/], rest.slice(1))
  const verb = VERBS[/^pip3?\.\d+$/.test(name) ? 'pip' : name]
  if (verb !== undefined) return ofVerb(verb, rest)
  if (!SCRIPT.test(name)) return undefined
  return { by: 'other', packages: rest.filter(({ text }) => !text.startsWith('-')) }
}

function ofVerb([by, verb]: readonly [Installer, RegExp], words: readonly Word[]): Installing | undefined {
  const at = verb.source === '^$' ? -1 : words.findIndex(({ text }) => verb.test(text))
  if (at < 0 && verb.source !== '^$') return undefined
  const packages: Word[] = []
  for (let index = at + 1; index < words.length; index += 1) {
    const word = words[index]
    if (word === undefined) break
    if (TAKING.test(word.text)) index += 1
    else if (!word.text.startsWith('-')) packages.push(word)
  }
  return { by, packages }
}
