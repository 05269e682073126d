// What `kahi check` warns of: a valid configuration that will probably not do what it was written for.

import { type Document, findEntry, type Table } from '../../config/keys/document.ts'
import type { Diagnostic, Place } from '../../config/model/diagnostic.ts'
import { basename } from 'node:path'
import type { Config } from '../../config/settings/config.ts'
import type { ProcessSettings } from '../../config/settings/process.ts'
import { asksForPassword } from '../../config/settings/server.ts'
import { findShellSign } from '../../converter/shell-signs.ts'
import { findExecutable } from '../../runtime/process/command.ts'

/** The machine on which the configuration will run. */
export interface Target {
  /** The variables that the daemon would have. */
  readonly environment: Readonly<Record<string, string | undefined>>
  /** The user id that the daemon would have. */
  readonly uid: number
}

/** The warnings, one a program and subject. Without a target nothing is said about this machine. */
export function warningsFor(
  { groups, servers, supervisor }: Pick<Config, 'groups' | 'servers' | 'supervisor'>,
  document: Document,
  target: Target | undefined,
): readonly Diagnostic[] {
  const programs = new Map(groups.flatMap(({ processes }) => processes.map((one) => [one.program, one] as const)))
  const uid = supervisor.user?.uid ?? target?.uid ?? 0
  const found = [...programs.values()].flatMap((program) => [
    target === undefined ? undefined : missingCommand(program, target),
    shellSyntax(program),
    otherUser(program, uid),
  ])
  const about = found.filter((one) => one !== undefined)
  return [
    ...about.map(({ key, program, ...text }): Diagnostic => ({
      severity: 'warning',
      place: placeOf(document, program, key),
      ...text,
    })),
    ...servers.filter((server) => isOpen(server)).map(() => openServer(document)),
    ...document.tables.filter(isOff).map(closedServer),
  ]
}

interface Finding {
  readonly program: string
  readonly key: string
  readonly message: string
  readonly hint?: string
}

function missingCommand(process: ProcessSettings, { environment }: Target): Finding | undefined {
  const { program, argv } = process
  const executable = findExecutable(process, environment)
  if (executable.ok || argv === undefined) return undefined
  const message = `${program} cannot start on this machine: ${executable.message}`
  return { program, key: 'command', message, hint: 'for another machine or image: kahi check --assume-image' }
}

/** A shell sees the operators in one of its arguments; any other program gets them as arguments. */
function shellSyntax({ program, argv = [] }: ProcessSettings): Finding | undefined {
  const isShell = /^(?:ba|da|z|k|a)?sh$/.test(basename(argv[0] ?? ''))
  if (isShell) return undefined
  const hint = `for a shell: command = ["/bin/sh", "-c", "..."]`
  const sign = findShellSign(argv)
  if (sign !== undefined)
    return {
      program,
      key: 'command',
      message: `"${sign}" is an argument of ${program}: no shell runs its command`,
      hint,
    }
  const variable = argv.find((word) => /^\$(?:\w+|\{\w+\})$/.test(word))
  if (variable === undefined) return undefined
  const name = variable.replaceAll(/\W/g, '')
  const message = `"${variable}" is an argument of ${program}: no shell replaces it by a value`
  return { program, key: 'command', message, hint: `write %(ENV_${name})s, or in kahi.toml \${${name}}` }
}

function otherUser({ program, user }: ProcessSettings, uid: number): Finding | undefined {
  if (user === undefined || uid === 0 || user.uid === uid) return undefined
  return { program, key: 'user', message: `${program} cannot start: only root can run it as another user` }
}

function isOpen(server: Config['servers'][number]): boolean {
  const isLoopback = server.kind === 'http' && /^(?:127\.|localhost$|::1$)/.test(server.host)
  return server.kind === 'http' && !isLoopback && !asksForPassword(server)
}

function openServer(document: Document): Diagnostic {
  const table = document.tables.find(({ kind }) => kind === 'server.http')
  return {
    severity: 'warning',
    message: 'The TCP server has no password: every client that reaches it controls all programs',
    place: table?.place,
    hint: 'set username and password, or listen on 127.0.0.1',
  }
}

/** A server that is described and not switched on. */
function isOff(table: Table): boolean {
  return (
    table.kind === 'server.http' &&
    findEntry(table, 'listen') !== undefined &&
    findEntry(table, 'enabled') === undefined
  )
}

function closedServer({ place }: Table): Diagnostic {
  const message = '[server.http] is not opened: "enabled" is false by default'
  return { severity: 'warning', place, message, hint: 'enabled = true' }
}

function placeOf({ tables }: Document, program: string, key: string): Place | undefined {
  const table = tables.find(({ kind, name }) => name === program && PROGRAMS.includes(kind))
  return table?.entries.find((entry) => entry.key === key)?.place ?? table?.place
}

const PROGRAMS: readonly string[] = ['programs', 'event_listeners', 'fcgi_programs']
