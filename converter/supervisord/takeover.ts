// Plug-ins whose work kahi does itself: what their keys and listeners become. A plug-in is replaced completely or not
// at all, so that nothing is done twice or left out.

import { append } from '../../config/model/append.ts'
import type { Diagnostic, Place } from '../../config/model/diagnostic.ts'
import type { Value } from '../../config/model/value.ts'
import type { IniSection } from './read-ini.ts'

/** What becomes of a key. */
export interface TakenKey {
  /** The entry that is written; absent when another one has the same effect. */
  readonly entry?: { readonly key: string; readonly value: Value }
  readonly note: string
}

/** What becomes of all plug-ins of a file. */
export interface Takeover {
  /** Sections whose work kahi does, with a description of how. */
  readonly sections: ReadonlyMap<string, string>
  /** Keys by takenId(). */
  readonly keys: ReadonlyMap<string, TakenKey>
  /** Entries that come from no key of the section. */
  readonly added: ReadonlyMap<string, Readonly<Record<string, Value>>>
  readonly diagnostics: readonly Diagnostic[]
}

/** The id of a key in Takeover.keys. */
export function takenId(section: string, key: string): string {
  return `${section}\n${key}`
}

/** No plug-in is replaced. */
export const NO_TAKEOVER: Takeover = { sections: new Map(), keys: new Map(), added: new Map(), diagnostics: [] }

/** Finds plug-ins that can be replaced. */
export function takeOver(sections: readonly IniSection[]): Takeover {
  const [a, b] = [takeStartup(sections), takePrinting(sections)]
  return {
    sections: new Map([...a.sections, ...b.sections]),
    keys: new Map([...a.keys, ...b.keys]),
    added: new Map([...a.added, ...b.added]),
    diagnostics: [...a.diagnostics, ...b.diagnostics],
  }
}

const STARTUP = /supervisord[_-]dependent[_-]startup/
const STARTUP_KEYS = ['dependent_startup', 'dependent_startup_wait_for', 'dependent_startup_inherit_priority']
const DONE = 'kahi starts programs in the order of depends_on'

/**
 * supervisord-dependent-startup starts programs with autostart = false when other programs have reached a state.
 * Source: supervisord-dependent-startup 1.4.0, ServiceOptions, Service.parse_section, verify_dependencies.
 */
function takeStartup(sections: readonly IniSection[]): Takeover {
  const listeners = sections.filter((one) => isListener(one) && STARTUP.test(valueOf(one, 'command') ?? ''))
  const programs = sections.filter(({ name }) => name.startsWith('program:'))
  const handled = programs.filter((one) => isOn(one, 'dependent_startup') && valueOf(one, 'autostart') !== undefined)
  if (listeners.length === 0) return NO_TAKEOVER
  const keys = new Map<string, TakenKey>()
  const added = new Map<string, Readonly<Record<string, Value>>>()
  const diagnostics: Diagnostic[] = []
  const known = new Set(programs.map(programOf))
  for (const program of programs) {
    for (const key of STARTUP_KEYS)
      if (program.entries.has(key)) keys.set(takenId(program.name, key), { note: NOT_HANDLED })
    if (!handled.includes(program) || !isOff(program, 'autostart')) continue
    const found = readWaits(program, known)
    if ('reason' in found) {
      const message = `[${program.name}] cannot wait as with the plug-in: ${found.reason}`
      const hint = 'the listener and its keys are left as they are'
      return { ...NO_TAKEOVER, diagnostics: [{ severity: 'warning', message, place: found.place, hint }] }
    }
    append(diagnostics, found.diagnostics)
    for (const key of STARTUP_KEYS) if (program.entries.has(key)) keys.set(takenId(program.name, key), { note: DONE })
    keys.set(takenId(program.name, 'autostart'), {
      entry: { key: 'autostart', value: true },
      note: 'the plug-in starts it',
    })
    if (found.depends_on === undefined) continue
    const entry = { key: 'depends_on', value: found.depends_on }
    keys.set(takenId(program.name, 'dependent_startup_wait_for'), { entry, note: DONE })
  }
  return { sections: new Map(listeners.map(({ name }) => [name, DONE])), keys, added, diagnostics }
}

const NOT_HANDLED = 'the plug-in leaves this program alone'

type Waits =
  | { readonly depends_on: Value | undefined; readonly diagnostics: readonly Diagnostic[] }
  | { readonly reason: string; readonly place: Place }

/**
 * Reads `a:running b:exited` as depends_on. For the plug-in one of several states is enough: EXITED comes after
 * RUNNING.
 */
function readWaits(program: IniSection, known: ReadonlySet<string>): Waits {
  const entry = program.entries.get('dependent_startup_wait_for')
  if (entry === undefined) return { depends_on: undefined, diagnostics: [] }
  const { place, value } = entry
  const reached: Record<string, string> = {}
  const diagnostics: Diagnostic[] = []
  if (value.includes('%')) return { reason: `${value} depends on a variable`, place }
  for (const word of value.split(/\s+/).filter((one) => one !== '')) {
    const [name = '', states = 'running'] = word.split(':')
    const all = states.split(',').map((state) => state.trim().toLowerCase())
    const state = ['starting', 'running', 'exited'].find((one) => all.includes(one))
    if (state === undefined) return { reason: `kahi starts nothing because ${name} is ${states}`, place }
    if (!known.has(name)) {
      const message = `There is no program "${name}": the plug-in does not wait for it, neither does kahi`
      diagnostics.push({ severity: 'warning', message, place })
      continue
    }
    reached[name] = state === 'running' ? 'ready' : state === 'starting' ? 'started' : 'completed'
    if (state !== 'exited') continue
    const message = `kahi starts ${programOf(program)} when ${name} has ended with one of its exitcodes, the plug-in whatever its exit code is`
    diagnostics.push({ severity: 'note', message, place })
  }
  const names = Object.keys(reached)
  const isPlain = names.every((name) => reached[name] === 'ready')
  return { depends_on: names.length === 0 ? undefined : isPlain ? names : reached, diagnostics }
}

const PRINTER = /^\s*supervisor_stdout:event_handler\s*$/
const PRINTED = 'kahi writes the output of programs as supervisor_stdout does: NAME CHANNEL | LINE'
const STREAMS = ['stdout', 'stderr'] as const
type Stream = (typeof STREAMS)[number]

/**
 * supervisor_stdout: a listener for log events whose handler prints each line after the names of process and stream.
 * Source: supervisor-stdout 0.1.1, event_handler.
 */
function takePrinting(sections: readonly IniSection[]): Takeover {
  const printers = sections.filter((one) => isListener(one) && PRINTER.test(valueOf(one, 'result_handler') ?? ''))
  const heard = new Set(
    printers.flatMap((one) => (valueOf(one, 'events') ?? '').split(',').map((event) => event.trim())),
  )
  const streams = STREAMS.filter(
    (stream) => heard.has('PROCESS_LOG') || heard.has(`PROCESS_LOG_${stream.toUpperCase()}`),
  )
  const isOnlyLogs = [...heard].every((event) => /^PROCESS_LOG(?:_STDOUT|_STDERR)?$/.test(event))
  const hasDefaults = sections.some(({ name, entries }) => name === 'DEFAULT' && entries.size > 0)
  const programs = sections.filter(({ name }) => /^(?:fcgi-)?program:/.test(name))
  const printed = programs.filter((one) => streams.some((stream) => isOn(one, `${stream}_events_enabled`)))
  if (printers.length !== 1 || !isOnlyLogs || hasDefaults || !printed.every((one) => isFree(one, streams)))
    return NO_TAKEOVER
  const keys = new Map<string, TakenKey>()
  const added = new Map<string, Readonly<Record<string, Value>>>()
  for (const program of printed) {
    const missing: Record<string, Value> = { log_format: 'channel' }
    for (const stream of streams.filter((one) => isOn(program, `${one}_events_enabled`))) {
      const key = `${stream}_logfile`
      const entry = { key, value: '/dev/stdout' }
      if (program.entries.has(key)) keys.set(takenId(program.name, key), { entry, note: PRINTED })
      else missing[key] = entry.value
    }
    added.set(program.name, missing)
  }
  return { sections: new Map(printers.map(({ name }) => [name, PRINTED])), keys, added, diagnostics: [] }
}

/** Whether the printed streams have no other destination, and the form of the other streams would not change. */
function isFree(program: IniSection, streams: readonly Stream[]): boolean {
  const [none, unnamed] = [/^(?:none|off|\/dev\/null)$/i, /^(?:none|off|\/dev\/null|auto)$/i]
  return STREAMS.every((stream) => {
    if (stream === 'stderr' && isOn(program, 'redirect_stderr')) return true
    const isPrinted = streams.includes(stream) && isOn(program, `${stream}_events_enabled`)
    return (isPrinted ? unnamed : none).test(valueOf(program, `${stream}_logfile`) ?? 'AUTO')
  })
}

function isListener({ name }: IniSection): boolean {
  return name.startsWith('eventlistener:')
}

function programOf({ name }: IniSection): string {
  return name.slice(name.indexOf(':') + 1).trim()
}

function valueOf({ entries }: IniSection, key: string): string | undefined {
  return entries.get(key)?.value.trim()
}

function isOn(section: IniSection, key: string): boolean {
  return /^(?:true|yes|on|1)$/i.test(valueOf(section, key) ?? '')
}

function isOff(section: IniSection, key: string): boolean {
  return /^(?:false|no|off|0)$/i.test(valueOf(section, key) ?? '')
}
