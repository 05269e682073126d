// The configuration that the options of `kahi run` mean: one program.

import { basename } from 'node:path'
import { ConfigError } from '../../config/model/diagnostic.ts'
import type { Value } from '../../config/model/value.ts'
import type { Document, Entry, Table } from '../../config/keys/document.ts'
import { escapeAll } from '../../config/values/expand.ts'
import { type Arguments, listOf, textOf } from '../command.ts'
import type { RunArguments } from './arguments.ts'

const PLACE = { file: 'command line', line: 1, column: 1 }

/** The configuration with the program, which has the name of its command. Throws ConfigError. */
export function documentOf({ options, command, problem: mistake }: RunArguments, directory: string): Document {
  if (mistake !== undefined) throw problem(mistake)
  const name = nameOf(command[0] ?? '')
  const level = textOf(options, 'log-level')
  const supervisor = entriesOf({
    main: name,
    log_level: level ?? 'info',
    log_format: 'text',
    silent: isQuiet(options),
  })
  const tables: readonly Table[] = [
    { kind: 'supervisor', name: '', place: PLACE, entries: supervisor },
    { kind: 'programs', name, place: PLACE, entries: programOf(options, command) },
    ...serverOf(textOf(options, 'socket')),
  ]
  return { file: PLACE.file, here: directory, tables }
}

/** Whether only what fails is said: the command alone decides when it ends, and what it writes. */
export function isQuiet(options: Arguments): boolean {
  const isPlain = textOf(options, 'health') === undefined && (textOf(options, 'restart') ?? 'no') === 'no'
  return textOf(options, 'log-level') === undefined && isPlain && listOf(options, 'watch').length === 0
}

/** A name without the characters that names must not have. */
function nameOf(command: string): string {
  const name = basename(command).replaceAll(/[^\w.+-]/g, '_')
  return name === '' || name === 'all' ? 'main' : name
}

function serverOf(socket: string | undefined): readonly Table[] {
  if (socket === undefined) return []
  return [{ kind: 'server.unix', name: '', place: PLACE, entries: entriesOf({ file: escapeAll(socket) }) }]
}

function programOf(options: Arguments, command: readonly string[]): readonly Entry[] {
  const [ready, health] = [checkOf(options, 'ready'), checkOf(options, 'health')]
  const format = textOf(options, 'log-format') ?? 'raw'
  const readsOutput = format !== 'raw' || ready?.log !== undefined || health?.log !== undefined
  const interval = numberOf(options, 'health-interval')
  const given = {
    command: command.map(escapeAll),
    startsecs: 0,
    stdio: readsOutput ? 'pipes' : 'inherit',
    log_format: readsOutput ? format : undefined,
    stopasgroup: true,
    ...endsOf(options),
    ...watchOf(options),
    ready,
    health: health === undefined ? undefined : { ...health, ...(interval !== undefined && { interval }) },
    on_unhealthy: textOf(options, 'on-unhealthy'),
    user: textOf(options, 'user'),
    directory: escaped(options, 'dir'),
    reload_command: escaped(options, 'reload'),
    environment: variablesOf(options),
    timeout_kill: numberOf(options, 'stop-timeout'),
  }
  const more = Object.fromEntries(
    listOf(options, 'set')
      .map(splitPair)
      .map(([key, text]) => [key, readValue(text)]),
  )
  return entriesOf({ ...given, ...more })
}

function endsOf(options: Arguments): Readonly<Record<string, Value>> {
  const kind = textOf(options, 'restart') ?? 'no'
  if (kind === 'no') return { on_exit: 'shutdown', autorestart: false, startretries: 0 }
  const limit = numberOf(options, 'retries') ?? 10
  return {
    on_exit: 'shutdown_if_final',
    autorestart: kind === 'always' ? true : 'unexpected',
    restart: { limit },
  }
}

function watchOf(options: Arguments): Readonly<Record<string, Value>> {
  const paths = listOf(options, 'watch')
  if (paths.length === 0) return {}
  return { watch: { paths: paths.map(escapeAll), action: textOf(options, 'watch-action') ?? 'restart' } }
}

function variablesOf(options: Arguments): Readonly<Record<string, Value>> {
  return Object.fromEntries(
    listOf(options, 'env')
      .map(splitPair)
      .map(([name, value]) => [name, escapeAll(value)]),
  )
}

/** `tcp:127.0.0.1:80` → `{ tcp = "127.0.0.1:80" }`. */
function checkOf(options: Arguments, name: string): Record<string, Value> | undefined {
  const text = textOf(options, name)
  if (text === undefined) return undefined
  if (/^https?:\/\//.test(text)) return { http: text }
  if (text === 'notify') return { notify: true }
  const [, kind = '', rest = ''] = /^(\w+):(.+)$/s.exec(text) ?? []
  if (kind === 'fd' && /^\d+$/.test(rest)) return { fd: Number(rest) }
  if (['tcp', 'unix', 'file', 'exec', 'log'].includes(kind)) return { [kind]: escapeAll(rest) }
  throw problem(`--${name} must be a check such as tcp:127.0.0.1:80, http://…, or file:PATH, not "${text}"`)
}

function numberOf(options: Arguments, name: string): number | undefined {
  const text = textOf(options, name)
  if (text === undefined) return undefined
  if (/^\d{1,9}(?:\.\d{1,3})?$/.test(text)) return Number(text)
  throw problem(`--${name} must be a number, not "${text}"`)
}

function escaped(options: Arguments, name: string): string | undefined {
  const text = textOf(options, name)
  return text === undefined ? undefined : escapeAll(text)
}

function problem(message: string): ConfigError {
  return new ConfigError([{ severity: 'error', message, hint: 'kahi run --help' }])
}

function entriesOf(values: Readonly<Record<string, Value | undefined>>): readonly Entry[] {
  return Object.entries(values).flatMap(([key, value]) => (value === undefined ? [] : [{ key, value, place: PLACE }]))
}

function splitPair(text: string): readonly [string, string] {
  const equals = text.indexOf('=')
  return equals < 0 ? [text, ''] : [text.slice(0, equals), text.slice(equals + 1)]
}

function readValue(text: string): Value {
  try {
    const value: unknown = JSON.parse(text)
    return value === null ? text : (value as Value)
  } catch {
    return text
  }
}
