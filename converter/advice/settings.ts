// Advice about kinds of programs: jobs that end, listeners that only end the daemon, logs without readers, and
// unnecessary rights.

import { readFileSync, statSync } from 'node:fs'
import { basename } from 'node:path'
import type { Document, Table } from '../../config/keys/document.ts'
import type { Value } from '../../config/model/value.ts'
import { oneshotKeys } from '../../config/keys/oneshot.ts'
import { type Advice, type Change, isGrouped, isOn, placeOf, programsOf, textIn } from './advice.ts'
import { type Killer, readPythonKiller, readShellKiller } from './killers.ts'
import { readCommand, scriptOf, wordsOf } from './shell.ts'

/** Programs that always end. */
const ENDING = ['chmod', 'chown', 'cp', 'install', 'ldconfig', 'ln', 'mkdir', 'mv', 'rm', 'ssh-keygen', 'touch']
/** Commands of tools that always end. */
const ENDING_COMMANDS =
  /(?:manage\.py (?:migrate|collectstatic|compilemessages)|artisan (?:migrate|storage:link|(?:config|route|view):cache)|alembic upgrade|flask db upgrade|prisma migrate deploy|rake db:migrate|rails db:(?:migrate|prepare))\b/
/** Typical names of jobs. */
const JOB = /\b(?:migrat\w*|collectstatic|bootstrap|boot|init(?!\.d)|setup|seed|provision|prepare|configure|warm-?up)\b/
/** Words that mark a command as a server. */
const SERVER =
  /(?:^|\s)(?:-p|-l|--?(?:port|listen|bind|host|address|interface|foreground|no-?daemon|daemon)\b)|\bserver?\b|d\b(?= -)|\/init\.d\/|\bstart$|\btty\b/
/** Keys that a oneshot does not need, with the values that can be dropped without loss. */
const IDLE_KEYS: Readonly<Record<string, RegExp>> = {
  autorestart: /./,
  startsecs: /./,
  startretries: /./,
  exitcodes: /^0$/,
  numprocs: /^1$/,
  numprocs_start: /./,
  process_name: /^%\(program_name\)s$/,
}

/** Jobs that run once: started with the daemon, allowed to end at once, not restarted. */
export function adviseOnOneshots(document: Document): readonly Advice[] {
  return programsOf(document).flatMap((table) => {
    const words = wordsOf(table)
    const isControl = words?.some((word) => /\bsupervisorctl\b/.test(word))
    if (words === undefined || isControl || textIn(table, 'autostart') === 'false') return []
    const { argv, waits, sleeps } = readCommand(words)
    const command = argv.join(' ')
    const restarts = textIn(table, 'autorestart') ?? 'unexpected'
    const mayEnd = textIn(table, 'startsecs') === '0'
    const ends = ENDING.includes(basename(argv[0] ?? '')) || ENDING_COMMANDS.test(command)
    const isCalledJob = JOB.test(`${table.name} ${command}`)
    const isJob = ends || (!SERVER.test(command) && (isCalledJob || (mayEnd && scriptOf(argv) === undefined)))
    if (!isJob || !(restarts === 'false' || (restarts === 'unexpected' && mayEnd && (ends || isCalledJob)))) return []
    const lost = table.entries.filter(
      ({ key, value }) => !(key in oneshotKeys) && key !== 'command' && !IDLE_KEYS[key]?.test(String(value)),
    )
    const isAlone = !isGrouped(document, table)
    const certain =
      ends && mayEnd && restarts === 'false' && lost.length === 0 && isAlone && waits.length + sleeps === 0
    const unset = table.entries.map(({ key }) => key).filter((key) => !(key in oneshotKeys) && key !== 'command')
    const to = { kind: 'oneshots', name: table.name } as const
    const note = lost.length === 0 ? {} : { note: `without ${lost.map(({ key }) => key).join(', ')}` }
    const up = table.entries.find(({ key }) => key === 'command')?.value ?? ''
    const change: Change = { table, becomes: to, set: { up }, unset, ...note }
    const reason = `${ends ? 'it ends by itself' : 'if it is a job that ends'}: as a oneshot its status shows whether it has succeeded, and others can wait for it with depends_on`
    const place = placeOf(table, mayEnd ? 'startsecs' : 'autorestart')
    return [
      {
        kind: 'oneshot',
        place,
        program: table.name,
        reason,
        certain,
        changes: [change, ...leaveGroups(document, table)],
      },
    ]
  })
}

/** Removes a program from its groups. */
function leaveGroups({ tables }: Document, { name }: Table): readonly Change[] {
  return tables.flatMap((table) => {
    const value: Value | undefined = table.entries.find(({ key }) => key === 'programs')?.value
    const members = Array.isArray(value) ? value.map(String) : []
    const isMember = table.kind === 'groups' && members.includes(name)
    return isMember ? [{ table, set: { programs: members.filter((member) => member !== name) } }] : []
  })
}

/** How scripts end the daemon that started them. */
const KILLS =
  /\bkill(?:all)?\b[^\n;]{0,60}(?:\$+\{?PPID|\$+\(\s*cat [^)]*supervisord?\.pid|`cat [^`]*supervisord?\.pid|\b1\b(?!\d)\s*$|\bsupervisord\b|\$+\((?:pidof|pgrep)[^)]*supervisord)|os\.kill\(\s*(?:os\.getppid\(\)|1\b|pid\b[^\n]*)|supervisorctl\s+(?:-\S+\s+\S+\s+)*shutdown|supervisor\.shutdown\(\)/m
const LARGEST_SCRIPT = 65_536

/** Listeners that wait for the failure of a program and then end the daemon. */
export function adviseOnEndings(document: Document): readonly Advice[] {
  return document.tables.flatMap((table) => {
    if (table.kind !== 'event_listeners') return []
    const words = wordsOf(table) ?? []
    const events = (textIn(table, 'events') ?? '').split(',').map((name) => name.trim())
    const hears = (name: string): boolean =>
      events.some((event) => event === name || event === 'PROCESS_STATE' || event === 'EVENT')
    const isFatal = hears('PROCESS_STATE_FATAL')
    const isExit = hears('PROCESS_STATE_EXITED')
    if (!(isFatal || isExit) || !KILLS.test([words.join(' '), ...words.flatMap(readScript)].join('\n'))) return []
    const killer = readKiller(words)
    const set = { ...(isFatal ? { on_fatal: 'shutdown' } : {}), ...(isExit ? { on_exit: 'shutdown' } : {}) }
    const left: Change = killer.isAll
      ? { table, becomes: null }
      : { table, note: 'not needed, if it does nothing else' }
    const changes = [...programsOf(document).map((program) => ({ table: program, set })), left]
    const keys = Object.keys(set).join(' and ')
    const only = killer.isAll ? 'only ends' : 'ends'
    const choose = killer.asks || isExit ? '; take it for those programs whose end should be that of the daemon' : ''
    const reason = `it ${only} the daemon when a program fails: ${keys} of the programs does that without it, and gives an exit code that is not 0${choose}`
    const certain = killer.isAll && !killer.asks && events.every((event) => event === 'PROCESS_STATE_FATAL')
    return [{ kind: 'ending', place: table.place, program: table.name, reason, certain, changes }]
  })
}

/** Examines the script of a listener; a program that is no script is not recognized. */
function readKiller(words: readonly string[]): Killer {
  const inline = scriptOf(words)
  if (inline !== undefined) return readShellKiller(inline)
  const [text] = words.flatMap(readScript)
  const said = [words[0] ?? '', /^#!.*/.exec(text ?? '')?.[0] ?? ''].join(' ')
  if (text === undefined) return { isAll: false, asks: true }
  if (/python/.test(said)) return readPythonKiller(text)
  return /\b(?:ba|da)?sh\b/.test(said) ? readShellKiller(text) : { isAll: false, asks: true }
}

/** The text of a word that is a readable script. */
function readScript(word: string): readonly string[] {
  try {
    const stat = word.startsWith('/') ? statSync(word) : undefined
    if (stat?.isFile() !== true || stat.size > LARGEST_SCRIPT) return []
    const text = readFileSync(word, 'utf8')
    return text.includes('\0') ? [] : [text]
  } catch {
    return []
  }
}

/** Output that is discarded, or in containers AUTO files that are lost with the container. */
export function adviseOnLogs(document: Document): readonly Advice[] {
  const daemon = document.tables.find(({ kind }) => kind === 'supervisor')
  const isForeground = isOn(daemon, 'nodaemon') && textIn(daemon, 'childlogdir') === undefined
  const tables = document.tables.filter(({ kind }) => kind === 'programs' || kind === 'oneshots')
  return tables.flatMap((table) => {
    const streams = ['stdout', 'stderr'].filter((stream) => stream === 'stdout' || !isOn(table, 'redirect_stderr'))
    const find = (test: (stream: string) => boolean): readonly string[] =>
      streams.filter(test).map((stream) => `${stream}_logfile`)
    const isKept = (stream: string): boolean =>
      isOn(table, `${stream}_syslog`) ||
      isOn(table, `${stream}_events_enabled`) ||
      Number(textIn(table, `${stream}_capture_maxbytes`) ?? 0) > 0
    const nowhere = find((stream) => {
      const log = textIn(table, `${stream}_logfile`) ?? ''
      return /^(?:\/dev\/null|none|off)$/i.test(log) && !isKept(stream)
    })
    const unnamed = isForeground ? find((stream) => isDefaulted(table, `${stream}_logfile`)) : []
    const common = { kind: 'log', program: table.name } as const
    const found: Advice[] = []
    if (nowhere.length > 0) {
      const place = placeOf(table, nowhere[0] ?? '')
      const reason = `that output is discarded; without ${nowhere.join(' and ')} it goes to the daemon’s own, and kahi ctl tail shows the end of it`
      found.push({ ...common, place, reason, certain: false, changes: [{ table, unset: nowhere }] })
    }
    if (unnamed.length > 0) {
      const reason =
        'its log has no name: it is a file in the temporary directory, which each start deletes; without it the output is that of the container'
      found.push({ ...common, place: table.place, reason, certain: true, changes: [{ table, unset: unnamed }] })
    }
    return found
  })
}

/** The converter wrote this default: its place is that of the section. */
function isDefaulted(table: Table, key: string): boolean {
  const entry = table.entries.find((one) => one.key === key)
  return entry?.value === 'AUTO' && entry.place === table.place
}

/** Servers and workers that need no rights of root. */
const UNPRIVILEGED =
  /(?:^|\/)(?:gunicorn|uvicorn|hypercorn|daphne|celery|puma|unicorn|sidekiq|rqworker|memcached|redis-server)(?:\s|$)|artisan (?:queue:work|horizon|schedule:work|reverb:start)/

/** Programs that need no rights of root and are run as root by name. */
export function adviseOnUsers(document: Document): readonly Advice[] {
  const daemon = document.tables.find(({ kind }) => kind === 'supervisor')
  const others = programsOf(document).flatMap((table) => textIn(table, 'user') ?? [])
  const known = others.find((user) => !/^(?:root|0)$|%/.test(user))
  return programsOf(document).flatMap((table) => {
    const user = textIn(table, 'user') ?? textIn(daemon, 'user')
    const command = readCommand(wordsOf(table) ?? []).argv.join(' ')
    const hasLowPort = /(?::|port[= ]|-p )\d{1,3}(?!\d)/.test(command)
    if ((user !== 'root' && user !== '0') || !UNPRIVILEGED.test(command) || hasLowPort) return []
    const place = placeOf(table, 'user')
    const reason = 'it runs as root and is not known to need that; give it a user that may write its files'
    const changes = [{ table, set: { user: known ?? 'nobody', no_new_privs: true } }]
    return [{ kind: 'user', place, program: table.name, reason, certain: false, changes }]
  })
}
