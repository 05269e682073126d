// Advice about command lines: waiting, ordering and shells around one command.

import { basename } from 'node:path'
import type { Document, Table, Value } from '../../config/document.ts'
import { namesIn } from '../../config/expand.ts'
import { ValueError } from '../../config/values.ts'
import { type Advice, type Change, isOn, placeOf, programsOf, textIn } from './advice.ts'
import { type Reading, readCommand, scriptOf, wordsOf } from './shell.ts'
import type { Wait } from './wait.ts'

/** Who sleeps longer than this does not wait for a start. */
const LONGEST_WAIT = 600

/** Programs that wait, by themselves or through a helper, before their command runs: depends_on and ready do that. */
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
    const what = needs.length > 0 ? 'it polls until something is there' : `it sleeps ${reading.sleeps} s first`
    const reason = `${what}; depends_on starts it when that is ready, and says so while it waits`
    const changes = [...needs.flatMap(({ changes: own }) => own), self]
    return [{ kind: 'wait', place: placeOf(table, 'command'), program: table.name, reason, certain: false, changes }]
  })
}

interface Need {
  readonly name: string
  readonly changes: readonly Change[]
}

/** Who provides what is waited for: another program, which can say that it is ready, or else a oneshot that does the waiting. */
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
/** Servers by the ports that they have unless told otherwise. */
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

/** The key with more names in it. */
function dependencies(table: Table, names: readonly string[]): Readonly<Record<string, Value>> {
  const known = textIn(table, 'depends_on')?.split(',') ?? []
  return names.length === 0 ? {} : { depends_on: [...new Set([...known, ...names])] }
}

const CONTROL = /\bsupervisorctl\s+(?:-\S+\s+\S+\s+)*(start|restart)\s+([\w.:*-]+(?:\s+[\w.:*-]+)*)/

/** A script that starts or restarts other programs. */
function findControl(
  words: readonly string[],
): { readonly verb: string; readonly names: readonly string[] } | undefined {
  const [, verb, names] = CONTROL.exec(scriptOf(words) ?? words.join(' ')) ?? []
  return verb === undefined || names === undefined ? undefined : { verb, names: names.split(/\s+/) }
}

/** The script with kahi's client for supervisord's; a program knows from a variable where the daemon listens. */
function throughKahi({ tables }: Document, words: readonly string[]): readonly string[] | undefined {
  const script = scriptOf(words)
  const server = tables.some(({ kind }) => kind.startsWith('server.')) ? ' -s $$SUPERVISOR_SERVER_URL' : ''
  const client = script?.replaceAll(
    /(?:[\w./-]*\/)?\bsupervisorctl(?:\s+-\S+\s+\S+)*(?=\s+(?:re)?start\s)/g,
    () => `kahi ctl${server}`,
  )
  return client === undefined ? undefined : [...words.slice(0, -1), client]
}

/** Programs that sleep and start or restart others. */
export function adviseOnRestarts(document: Document): readonly Advice[] {
  const programs = programsOf(document)
  return programs.flatMap((table) => {
    const { verb, names = [] } = findControl(wordsOf(table) ?? []) ?? {}
    const targets = names.flatMap((name) => programs.find((other) => other.name === name && other !== table) ?? [])
    if (verb === undefined || targets.length === 0 || targets.length < names.length) return []
    const isStarter = verb === 'start' && targets.every((target) => textIn(target, 'autostart') === 'false')
    const list = targets.map(({ name }) => name)
    const common = { place: placeOf(table, 'command'), program: table.name, certain: false }
    if (!isStarter) {
      const command = throughKahi(document, wordsOf(table) ?? [])
      if (command === undefined) return []
      const reason = `kahi ctl does it to ${list.join(', ')} in one request, and a restart leaves alone what depends on that`
      return [{ ...common, kind: 'restart', reason, changes: [{ table, set: { command } }] }]
    }
    const { waits } = readCommand(wordsOf(table) ?? [])
    const needs = waits.map((wait, index) => needOf(document, table, wait, index))
    const before = needs.length > 0 ? needs.map(({ name }) => name) : []
    const note = { note: 'and depends_on = ["NAME"], with the name of what it has to wait for' }
    const starts = targets.map((target): Change => {
      const set = { autostart: true, ...dependencies(target, before) }
      return { table: target, set, ...(before.length === 0 ? note : {}) }
    })
    const reason = `it only starts ${list.join(', ')} later: depends_on does that, and again at each start`
    const changes = [...needs.flatMap((need) => need.changes), ...starts, { table, becomes: null }]
    return [{ ...common, kind: 'restart', reason, changes }]
  })
}

/** `sh -c` around one command. */
export function adviseOnWrappers(document: Document): readonly Advice[] {
  const daemon = document.tables.find(({ kind }) => kind === 'supervisor')
  const tables = document.tables.filter(({ kind }) => ['programs', 'event_listeners', 'fcgi_programs'].includes(kind))
  return tables.flatMap((table) => {
    const words = wordsOf(table)
    if (words === undefined) return []
    const reading = readCommand(words)
    const { waits, sleeps, isUnwrapped, isLogin, argv, limits } = reading
    if (!isUnwrapped || waits.length > 0 || sleeps > 0) return []
    const set = { ...rest(table, reading), command: argv }
    const hasPath = [daemon, table].some((one) => /\bPATH\b/.test(JSON.stringify(environmentOf(one))))
    const certain =
      !isLogin &&
      Object.keys(limits).length === 0 &&
      !variable(words) &&
      (argv[0]?.includes('/') === true || (!hasPath && !('PATH' in reading.environment)))
    const login = isLogin ? ', if it needs nothing of the profile that a login shell reads' : ''
    const reason = `the shell only starts one command, and stands between it and signals; the command can be said itself${login}`
    const changes = [{ table, set }]
    return [{ kind: 'wrapper', place: placeOf(table, 'command'), program: table.name, reason, certain, changes }]
  })
}

/** What depends on the machine may hold blanks or quotes. */
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

/** What the script set besides, as keys. */
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
    if (basename(tail) !== 'tail' || file === undefined || files.length > 1) return []
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
