// Advice about commands: programs that wait, programs that start others, and shells around a single command.

import { basename, resolve as resolvePath } from 'node:path'
import type { Document, Table } from '../../config/keys/document.ts'
import type { Value } from '../../config/model/value.ts'
import { oneshotKeys } from '../../config/keys/oneshot.ts'
import { namesIn } from '../../config/values/expand.ts'
import { ValueError } from '../../config/values/values.ts'
import { type Advice, type Change, isGrouped, isOn, placeOf, programsOf, textIn } from './advice.ts'
import type { FindsProgram } from './executable.ts'
import { isTimed } from './schedules.ts'
import { type Reading, readCommand, readStatements, scriptOf, type Statement, wordsOf } from './shell.ts'
import type { Wait } from './wait.ts'

/** A program that sleeps longer than this does not wait for a start. */
const LONGEST_WAIT = 600

/** Programs that wait, by themselves or with a helper, before their command runs: depends_on and ready do the same. */
export function adviseOnWaits(document: Document): readonly Advice[] {
  return programsOf(document).flatMap((table) => {
    const words = wordsOf(table)
    if (words === undefined || findControl(words) !== undefined) return []
    const reading = readCommand(words)
    const isSleeping = reading.sleeps > 0 && reading.sleeps <= LONGEST_WAIT
    if (reading.waits.length === 0 && !isSleeping) return []
    if (basename(reading.argv[0] ?? '') === 'sleep') return []
    const needs = reading.waits.map((wait, index) => needOf(document, table, wait, index))
    const earlier = isSleeping && needs.length === 0 ? startedBefore(document, table) : []
    const names = [...needs.map(({ name }) => name), ...earlier]
    const self: Change = {
      table,
      set: { command: reading.argv, ...rest(table, reading), ...dependencies(table, names) },
      ...(names.length === 0 ? { note: 'and depends_on = ["NAME"], with the name of what it waits for' } : {}),
    }
    const what = needs.length > 0 ? 'it polls until something is available' : `it sleeps ${reading.sleeps} s first`
    const reason = `${what}; with depends_on kahi starts it when that is ready, and shows that it waits`
    const changes = [...needs.flatMap(({ changes: own }) => own), self]
    return [{ kind: 'wait', place: placeOf(table, 'command'), program: table.name, reason, certain: false, changes }]
  })
}

interface Need {
  readonly name: string
  readonly changes: readonly Change[]
}

/** The dependency that replaces a wait: another program with a readiness check, or else a oneshot that waits. */
function needOf(document: Document, table: Table, wait: Wait, index: number): Need {
  const provider = findProvider(document, table, wait)
  if (provider !== undefined) {
    const ready = { ...wait.for, deadline: 60 }
    return { name: provider.name, changes: [{ table: provider, set: { ready } }] }
  }
  const name = `${table.name}-waits${index === 0 ? '' : `-${index + 1}`}`
  return { name, changes: [{ table: { kind: 'oneshots', name }, set: { up: wait.command } }] }
}

const LOCAL = /^(?:localhost|127(?:\.\d+){3}|0\.0\.0\.0|::1)$/
/** Servers by their default ports. */
const SERVERS: Readonly<Record<string, RegExp>> = {
  '2379': /etcd/,
  '3306': /mysqld|mariadbd/,
  '4646': /nomad/,
  '5432': /postgres/,
  '5672': /rabbitmq-server/,
  '6379': /redis-server/,
  '8500': /consul/,
  '9000': /php-fpm/,
  '11211': /memcached/,
  '27017': /mongod/,
}

function findProvider(document: Document, self: Table, wait: Wait): Table | undefined {
  const { tcp, http, file, unix } = wait.for
  const url = http !== undefined && URL.canParse(http) ? new URL(http) : undefined
  const [host = '', port = ''] = tcp?.split(':') ?? [url?.hostname ?? '', url?.port || '80']
  const path = file ?? unix
  const others = programsOf(document).filter((table) => table !== self)
  const found = others.filter((table) => {
    const command = readCommand(wordsOf(table) ?? []).argv.join(' ')
    if (path !== undefined) return command.includes(path)
    if (table.name === host) return true
    if (!LOCAL.test(host)) return false
    return SERVERS[port]?.test(command) === true || new RegExp(`(?<!\\d)${port}(?!\\d)`).test(command)
  })
  return found.length === 1 ? found[0] : undefined
}

/** Programs that the daemon starts before this one. */
function startedBefore(document: Document, self: Table): readonly string[] {
  const priorityOf = (table: Table): number => Number(textIn(table, 'priority') ?? 999)
  const earlier = programsOf(document).filter((table) => priorityOf(table) < priorityOf(self))
  return earlier.filter((table) => (textIn(table, 'autostart') ?? 'true') === 'true').map(({ name }) => name)
}

/** The key with further names. */
function dependencies(table: Table, names: readonly string[]): Readonly<Record<string, Value>> {
  const known = textIn(table, 'depends_on')?.split(',') ?? []
  return names.length === 0 ? {} : { depends_on: [...new Set([...known, ...names])] }
}

const CONTROL = /\bsupervisorctl\s+(?:-\S+\s+\S+\s+)*(start|restart)\s+([\w.:*-]+(?:\s+[\w.:*-]+)*)/

/** Finds a script that starts or restarts other programs. */
function findControl(
  words: readonly string[],
): { readonly verb: string; readonly names: readonly string[] } | undefined {
  const isClient = basename(words[0] ?? '') === 'supervisorctl'
  const [, verb, names] = CONTROL.exec(scriptOf(words) ?? (isClient ? words.join(' ') : '')) ?? []
  return verb === undefined || names === undefined ? undefined : { verb, names: names.split(/\s+/) }
}

/** The script with kahi's client in place of supervisord's; a variable tells programs the address of the daemon. */
function throughKahi({ tables }: Document, words: readonly string[]): readonly string[] | undefined {
  const script = scriptOf(words)
  const server = tables.some(({ kind }) => kind.startsWith('server.')) ? ' -s $$SUPERVISOR_SERVER_URL' : ''
  const client = script?.replaceAll(
    /(?:[\w./-]*\/)?\bsupervisorctl(?:\s+-\S+\s+\S+)*(?=\s+(?:re)?start\s)/g,
    () => `kahi ctl${server}`,
  )
  return client === undefined ? undefined : [...words.slice(0, -1), client]
}

/** Programs that start or restart others. */
export function adviseOnRestarts(document: Document): readonly Advice[] {
  const programs = programsOf(document)
  return programs.flatMap((table) => {
    const words = wordsOf(table) ?? []
    const { verb, names = [] } = findControl(words) ?? {}
    const targets = names.flatMap((name) => programs.find((other) => other.name === name && other !== table) ?? [])
    if (verb === undefined || targets.length === 0 || targets.length < names.length || isTimed(words)) return []
    const isStarter = verb === 'start' && targets.every((target) => textIn(target, 'autostart') === 'false')
    const list = targets.map(({ name }) => name)
    const common = { kind: 'restart', place: placeOf(table, 'command'), program: table.name, certain: false } as const
    if (isStarter) return adviseOnStarter(document, table, targets).map((one) => ({ ...common, ...one }))
    const command = throughKahi(document, words)
    if (command === undefined) return []
    const reason = `kahi ctl does it for ${list.join(', ')} in one request, and a restart keeps dependents running`
    return [{ ...common, reason, changes: [{ table, set: { command } }] }]
  })
}

/**
 * Advice on a program that starts others: it is removed when it does nothing else, and becomes a oneshot when it does
 * something else before.
 */
function adviseOnStarter(
  document: Document,
  table: Table,
  targets: readonly Table[],
): readonly Pick<Advice, 'reason' | 'changes'>[] {
  const { waits, argv } = readCommand(wordsOf(table) ?? [])
  const work = workBefore(argv)
  if (work === undefined) return []
  const needs = waits.map((wait, index) => needOf(document, table, wait, index))
  const list = targets.map(({ name }) => name).join(', ')
  const before = work === '' ? needs.map(({ name }) => name) : [table.name]
  const note = { note: 'and depends_on = ["NAME"], with the name of what it has to wait for' }
  const starts = targets.map((target): Change => {
    const set = { autostart: true, ...dependencies(target, before) }
    return { table: target, set, ...(before.length === 0 ? note : {}) }
  })
  const after = needs.flatMap((need) => need.changes)
  if (work === '') {
    const reason = `it only starts ${list} later: depends_on does that, and again at each start`
    return [{ reason, changes: [...after, ...starts, { table, becomes: null }] }]
  }
  if (isGrouped(document, table)) return []
  const unset = table.entries.map(({ key }) => key).filter((key) => !(key in oneshotKeys) && key !== 'command')
  const set = {
    up: [...argv.slice(0, -1), work],
    ...dependencies(
      table,
      needs.map(({ name }) => name),
    ),
  }
  const job: Change = { table, becomes: { kind: 'oneshots', name: table.name }, set, unset }
  const reason = `it does some work and then starts ${list}: as a oneshot it does the work, and depends_on starts ${list} when the work has succeeded`
  return [{ reason, changes: [...after, job, ...starts] }]
}

/**
 * What a script does before its last statement, which starts others. Empty when it does nothing else, undefined when
 * that is not certain.
 */
function workBefore(argv: readonly string[]): string | undefined {
  const script = scriptOf(argv)
  const statements = script === undefined ? [{ words: argv, joint: '' }] : readStatements(script)
  const isStart = ({ words }: Statement): boolean => basename(words[0] ?? '') === 'supervisorctl'
  const first = statements?.findIndex(isStart) ?? -1
  const behind = statements?.slice(first) ?? []
  if (statements === undefined || first < 0 || !behind.every((one) => isStart(one) || isIdle(one))) return undefined
  const ahead = statements.slice(0, first)
  if (ahead.every(isIdle)) return ''
  const at = script?.search(/(?:&&)\s*(?:\/[\w./-]*\/)?supervisorctl\b/) ?? -1
  return at < 0 || ahead.at(-1)?.joint !== '&&' ? undefined : script?.slice(0, at).trim()
}

/** A statement that has no lasting effect. */
function isIdle({ words: [word = ''] }: Statement): boolean {
  return ['sleep', 'echo', 'printf', 'true', ':', 'exit', 'date'].includes(basename(word))
}

/** `sh -c` around one command. */
export function adviseOnWrappers(document: Document, canStart: FindsProgram): readonly Advice[] {
  const daemon = document.tables.find(({ kind }) => kind === 'supervisor')
  const tables = document.tables.filter(({ kind }) => ['programs', 'event_listeners', 'fcgi_programs'].includes(kind))
  return tables.flatMap((table) => {
    const words = wordsOf(table)
    if (words === undefined) return []
    const reading = readCommand(words)
    const { waits, sleeps, isUnwrapped, isLogin, limits } = reading
    const argv = fromDirectory(reading, textIn(table, 'directory'))
    if (argv === undefined || !isUnwrapped || waits.length > 0 || sleeps > 0) return []
    const set = { ...rest(table, reading), command: argv }
    const hasPath = [daemon, table].some((one) => /\bPATH\b/.test(JSON.stringify(environmentOf(one))))
    const isFixed = argv[0]?.includes('/') === true || (!hasPath && !('PATH' in reading.environment))
    const isSame = !isLogin && Object.keys(limits).length === 0 && !variable(words) && argv[0] === reading.argv[0]
    const certain = isSame && isFixed && canStart(argv[0] ?? '')
    const login = isLogin ? ', if it needs nothing of the profile that a login shell reads' : ''
    const reason = `the shell only starts one command, and signals reach the shell instead of the command; the command can be run directly${login}`
    const changes = [{ table, set }]
    return [{ kind: 'wrapper', place: placeOf(table, 'command'), program: table.name, reason, certain, changes }]
  })
}

/**
 * A shell looks up a relative path in its own directory, the daemon in the daemon's directory: so the path is made
 * absolute, if that is possible.
 */
function fromDirectory({ argv, directory: entered }: Reading, own: string | undefined): readonly string[] | undefined {
  const [program = '', ...words] = argv
  if (!program.includes('/') || program.startsWith('/')) return argv
  const directory = entered ?? own
  const isKnown = directory?.startsWith('/') === true && !/[%$]/.test(directory)
  return isKnown && !/[%$]/.test(program) ? [resolvePath(directory, program), ...words] : undefined
}

/** A word that depends on the machine may contain blanks or quotes. */
function variable(words: readonly string[]): boolean {
  try {
    return words.flatMap(namesIn).some((name) => name.startsWith('ENV_')) || words.some((word) => word.includes('${'))
  } catch (error) {
    if (error instanceof ValueError) return true
    throw error
  }
}

function environmentOf(table: Table | undefined): Value {
  return table?.entries.find(({ key }) => key === 'environment')?.value ?? {}
}

/** The other settings of the script, as keys. */
function rest(table: Table, { directory, environment, limits }: Reading): Readonly<Record<string, Value>> {
  const known = environmentOf(table)
  const variables = typeof known === 'object' && !Array.isArray(known) ? { ...known, ...environment } : environment
  return {
    ...(directory === undefined ? {} : { directory }),
    ...(Object.keys(environment).length === 0 ? {} : { environment: variables }),
    ...(Object.keys(limits).length === 0 ? {} : { limits }),
  }
}

/** `tail -f` of a log that another program writes. */
export function adviseOnCopies(document: Document): readonly Advice[] {
  return programsOf(document).flatMap((table) => {
    const [tail = '', ...words] = wordsOf(table) ?? []
    const files = words.filter((word) => word.startsWith('/'))
    const [file] = files
    const isOption = (word: string): boolean => /^-|^[+]?\d+$/.test(word) || word === file
    if (basename(tail) !== 'tail' || file === undefined || !words.every(isOption)) return []
    if (!words.some((word) => /^-\w*[fF]$|^--follow/.test(word))) return []
    const writers = programsOf(document).flatMap((writer) => {
      const streams = ['stdout', 'stderr'].filter((stream) => textIn(writer, `${stream}_logfile`) === file)
      const isOne = isOn(writer, 'redirect_stderr')
      const used = isOne ? streams.filter((stream) => stream === 'stdout') : streams
      return used.length === 0 ? [] : [{ table: writer, unset: used.map((stream) => `${stream}_logfile`) }]
    })
    if (writers.length === 0) return []
    const reason = `it copies ${file} to its own output: ${writers.map((one) => one.table.name).join(', ')} can write there itself`
    const changes: readonly Change[] = [...writers, { table, becomes: null }]
    return [{ kind: 'copy', place: placeOf(table, 'command'), program: table.name, reason, certain: false, changes }]
  })
}
