// Analyses commands that contain a small shell script: what they wait for, what they set, and the remaining command.
// Only a script that is understood completely is split. Texts stay as they are written in kahi.toml, with their
// expansions: so each `$` is doubled, and words can be written back unchanged.

import { basename } from 'node:path'
import { splitCommand } from '../../config/values/command.ts'
import type { Table } from '../../config/keys/document.ts'
import type { Value } from '../../config/model/value.ts'
import { readWait, type Wait } from './wait.ts'

/** What a command line does. */
export interface Reading {
  /** Waits before the command, in order. */
  readonly waits: readonly Wait[]
  /** Seconds of sleep before the command. */
  readonly sleeps: number
  readonly directory?: string | undefined
  readonly environment: Readonly<Record<string, string>>
  readonly limits: Readonly<Record<string, number | string>>
  /** The remaining command. */
  readonly argv: readonly string[]
  /** The script was split completely. */
  readonly isUnwrapped: boolean
  /** Its shell reads start-up files, which may set anything. */
  readonly isLogin: boolean
}

/** A longer script is not analysed. */
const LONGEST_SCRIPT = 4096
const SHELLS = ['sh', 'bash', 'dash', 'ash', 'zsh', 'ksh']
/** Words that only a shell understands. */
const SHELL_WORDS =
  'if for while until case select function time . : [ [[ alias bg break cd command continue declare eval exit export fg getopts hash jobs let local read readonly return set shift shopt source test times trap type typeset ulimit umask unalias unset wait'.split(
    ' ',
  )

/** The words of a command; undefined when there are none. */
export function wordsOf(table: Table, key = 'command'): readonly string[] | undefined {
  const value: Value | undefined = table.entries.find((entry) => entry.key === key)?.value
  if (Array.isArray(value)) return value.map(String)
  const split = typeof value === 'string' ? splitCommand(value) : { words: [] }
  return 'words' in split && split.words.length > 0 ? split.words : undefined
}

/** Analyses the words of a command. */
export function readCommand(argv: readonly string[]): Reading {
  const nothing = { waits: [], sleeps: 0, environment: {}, limits: {}, isUnwrapped: false, isLogin: false }
  const waiting = readWait(argv)
  if (waiting !== undefined) {
    const inner = readCommand(waiting.rest)
    return { ...inner, waits: [waiting.wait, ...inner.waits] }
  }
  const [shell = '', option = '', script, ...more] = argv
  const flags = /^-([a-z]*)c$/.exec(option)?.[1]
  if (!SHELLS.includes(basename(shell)) || flags === undefined || script === undefined || more.length > 0)
    return { ...nothing, argv }
  if (script.length > LONGEST_SCRIPT) return { ...nothing, argv }
  const { waits, sleeps, rest } = peel(script, shell)
  const simple = readSimple(rest)
  const isLogin = flags.includes('l') || flags.includes('i')
  if (simple === undefined)
    return { ...nothing, waits, sleeps, isLogin, argv: rest === script ? argv : [shell, option, rest] }
  const inner = readWait(simple.argv)
  const left = inner === undefined ? simple : { ...simple, argv: inner.rest }
  return { ...left, waits: inner === undefined ? waits : [...waits, inner.wait], sleeps, isLogin, isUnwrapped: true }
}

/** The script of `sh -c`, if the command consists of nothing else. */
export function scriptOf(argv: readonly string[]): string | undefined {
  const [shell = '', option = '', script, ...more] = argv
  const isScript = SHELLS.includes(basename(shell)) && /^-[a-z]*c$/.test(option) && more.length === 0
  return isScript && (script?.length ?? 0) <= LONGEST_SCRIPT ? script : undefined
}

const SLEEP = /^\s*(?:\/(?:usr\/)?bin\/)?sleep\s+(\d+(?:\.\d+)?)([smhd]?)\s*(?:;|&&|\n)\s*(\S.*)$/s
const LOOP = /^\s*(until\s.+?|while\s.+?)\s*[;\n]\s*do\s(.*?)[;\n]\s*done\s*(?:;|&&|\n)\s*(\S.*)$/s
const FIRST = /^\s*([^;&|<>()`$"'\n]+?)\s*(?:;|&&)\s*(\S.*)$/s
const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 }
/** Commands that may be in a waiting loop. */
const IDLE = ['sleep', 'echo', 'printf', 'true', ':', 'date']

interface Peeled {
  readonly waits: readonly Wait[]
  readonly sleeps: number
  readonly rest: string
}

/** Removes statements that only wait from the beginning of a script. */
function peel(script: string, shell: string): Peeled {
  const [, number, unit = '', afterSleep] = SLEEP.exec(script) ?? []
  if (afterSleep !== undefined) {
    const { waits, sleeps, rest } = peel(afterSleep, shell)
    return { waits, sleeps: sleeps + Number(number) * (UNITS[unit] ?? 1), rest }
  }
  const [, head = '', body = '', afterLoop] = LOOP.exec(script) ?? []
  const isIdle = (readStatements(body) ?? [{ words: ['?'] }]).every(({ words: [word = ''] }) =>
    IDLE.includes(basename(word)),
  )
  if (afterLoop !== undefined && isIdle && !/^while\s+(?:true|:|1)$/.test(head)) {
    const { waits, sleeps, rest } = peel(afterLoop, shell)
    const wait: Wait = { command: [shell, '-c', `${head}; do sleep 1; done`], for: readCondition(head) }
    return { waits: [wait, ...waits], sleeps, rest }
  }
  const [, first = '', afterFirst] = FIRST.exec(script) ?? []
  const wait = readWait([...first.split(/\s+/), 'true'])
  if (afterFirst === undefined || wait === undefined) return { waits: [], sleeps: 0, rest: script.trim() }
  const { waits, sleeps, rest } = peel(afterFirst, shell)
  return { waits: [{ ...wait.wait, command: first.split(/\s+/) }, ...waits], sleeps, rest }
}

/** What the condition of a loop waits for. */
function readCondition(head: string): Wait['for'] {
  const nc = /\bnc(?:\s+-\S+(?:\s+\d+(?=\s+\S+\s+\d))?)*\s+([\w.-]+)\s+(\d+)/.exec(head)
  const device = /\/dev\/tcp\/([\w.-]+)\/(\d+)/.exec(head)
  const [, host, port] = nc ?? device ?? []
  if (host !== undefined) return { tcp: `${host}:${port}` }
  const url = /\b(?:curl|wget)\b[^;]*?(https?:\/\/[^\s"';)]+)/.exec(head)?.[1]
  if (url !== undefined && !url.includes('$')) return { http: url }
  const probe = /\b(pg_isready|mysqladmin|redis-cli)\b/.exec(head)?.[1]
  const ports: Readonly<Record<string, string>> = { pg_isready: '5432', mysqladmin: '3306', 'redis-cli': '6379' }
  if (probe !== undefined) {
    const at = /\s(?:-h\s*|--host[= ])([\w.-]+)/.exec(head)?.[1] ?? '127.0.0.1'
    return { tcp: `${at}:${/\s(?:-p\s*|--port[= ])(\d+)/.exec(head)?.[1] ?? ports[probe]}` }
  }
  const [, kind, file] = /(?:\[|test)\s+(?:!\s+)?-([efS])\s+(\/[\w./-]+)/.exec(head) ?? []
  if (file === undefined) return {}
  return kind === 'S' ? { unix: file } : { file }
}

/** One command of a script. */
export interface Statement {
  readonly words: readonly string[]
  /** The operator between it and the next one. */
  readonly joint: string
}

const TOKEN =
  /[ \t]*(?:(&&|;|\n)|((?:%%|%\([^)]*\)[#0\- +]*\d*(?:\.\d+)?[a-z]|'[^']*'|"(?:[^"\\$`]|\\["\\])*"|[\w@+=:,./^-]|(?<=[^\s;&])#)+))[ \t]*/gy

/** The statements of a script that consists only of words; undefined for any other script. */
export function readStatements(script: string): readonly Statement[] | undefined {
  const statements: Statement[] = []
  let words: string[] = []
  TOKEN.lastIndex = 0
  const text = script.trim()
  while (TOKEN.lastIndex < text.length) {
    const [, joint, word] = TOKEN.exec(text) ?? []
    if (word !== undefined) words.push(word)
    else if (joint === undefined || words.length === 0) return undefined
    else {
      statements.push({ words, joint })
      words = []
    }
  }
  if (words.length > 0) statements.push({ words, joint: '' })
  return statements.map(({ words: raw, joint }) => ({ words: raw.map(unquote), joint }))
}

function unquote(word: string): string {
  return word.replaceAll(/'([^']*)'|"((?:[^"\\]|\\["\\])*)"/g, (_, single?: string, double?: string) =>
    single === undefined ? (double ?? '').replaceAll(/\\(["\\])/g, '$1') : single,
  )
}

type Simple = Pick<Reading, 'directory' | 'environment' | 'limits' | 'argv'>

const LIMITS: Readonly<Record<string, string>> = { '-n': 'nofile', '-c': 'core', '-u': 'nproc', '-l': 'memlock' }
const VARIABLE = /^([A-Za-z_]\w*)=(.*)$/s

/** A script that sets some things and then runs one command. */
function readSimple(script: string): Simple | undefined {
  const statements = readStatements(script)
  const last = statements?.at(-1)
  if (statements === undefined || last === undefined) return undefined
  let directory: string | undefined
  const environment: Record<string, string> = {}
  const limits: Record<string, number | string> = {}
  for (const { words, joint } of statements.slice(0, -1)) {
    const [name, first = '', second = '', ...more] = words
    const [, variable, value = ''] = VARIABLE.exec(first) ?? []
    const limit = LIMITS[first]
    if (name === 'cd' && words.length === 2 && joint === '&&' && first.startsWith('/') && directory === undefined)
      directory = first
    else if (name === 'export' && words.length === 2 && variable !== undefined) environment[variable] = value
    else if (name === 'ulimit' && limit !== undefined && more.length === 0 && /^(?:unlimited|\d+)$/.test(second))
      limits[limit] = sizeOf(limit, second)
    else return undefined
  }
  const argv = [...last.words]
  for (let match = VARIABLE.exec(argv[0] ?? ''); match !== null; match = VARIABLE.exec(argv[0] ?? '')) {
    environment[match[1] ?? ''] = match[2] ?? ''
    argv.shift()
  }
  if (argv[0] === 'exec') argv.shift()
  const [command] = argv
  if (command === undefined || command.startsWith('-') || SHELL_WORDS.includes(command) || last.joint !== '')
    return undefined
  return { directory, environment, limits, argv }
}

/** ulimit counts sizes in units of 1024 bytes. */
function sizeOf(limit: string, text: string): number | string {
  if (text === 'unlimited') return text
  return limit === 'core' || limit === 'memlock' ? Number(text) * 1024 : Number(text)
}
