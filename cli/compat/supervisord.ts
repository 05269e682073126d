// `supervisord`, and `kahi supervisord`: reads supervisord.conf as the original does, converts it in memory and runs
// it. So an image whose CMD is `supervisord -n -c …` works with kahi in its place. Source: supervisor 4.2.5,
// options.ServerOptions, Options.default_configfile.

import { existsSync, statSync } from 'node:fs'
import { basename, resolve as resolvePath } from 'node:path'
import type { Machine } from '../../config/model/machine.ts'
import type { ConfigSource, Loaded } from '../../config/settings/config.ts'
import { ConfigError, type Diagnostic, formatDiagnostic } from '../../config/model/diagnostic.ts'
import type { Document } from '../../config/keys/document.ts'
import { readText } from '../../config/values/read-text.ts'
import { resolveDocument } from '../../config/resolve/resolve.ts'
import { convertSupervisord } from '../../converter/supervisord/convert.ts'
import { runDaemon } from '../../runtime/daemon/daemon.ts'
import { pythonRepr } from '../../runtime/process/python-repr.ts'
import { isInBackground, runInBackground, tellReady, textFromForeground } from '../../runtime/system/background.ts'
import { keepHeapSmall } from '../../runtime/system/heap.ts'
import { isRoot } from '../../runtime/system/privilege.ts'
import { thisMachine } from '../../runtime/system/users.ts'
import { searchedBySupervisord } from '../../converter/supervisord/search.ts'
import { EXIT } from '../exit-codes.ts'
import { shimPath, thisProgram } from '../shim-path.ts'
import { VERSION } from '../version.ts'
import { UsageError } from './getopt.ts'
import { coerceLocale } from './python-locale.ts'
import { SUPERVISORD_HELP } from './supervisord-help.ts'
import {
  applySettings,
  COMMAND_LINE,
  parseSupervisordArguments,
  type SupervisordArguments,
} from './supervisord-options.ts'

/** The output of `supervisord -v`, for scripts that read it: the version whose behaviour kahi has here. */
const SUPERVISOR_VERSION = '4.2.5'

/** Source: supervisor 4.2.5, ServerOptions.default_configfile. */
const SEARCHES_AS_ROOT =
  'Supervisord is running as root and it is searching for its configuration file in default locations (including its current working directory); you probably want to specify a "-c" argument specifying an absolute path to a configuration file for improved security.'

/** Runs as supervisord would under that name with these arguments. Gives its exit code. */
export async function supervisordMain(calledAs: string, argv: readonly string[]): Promise<number> {
  try {
    coerceLocale(process.env)
    const typed = parseSupervisordArguments(argv)
    if (typed.help) process.stdout.write(SUPERVISORD_HELP)
    else if (typed.version) process.stdout.write(`${SUPERVISOR_VERSION}\n`)
    else return await run(findConfiguration(typed, calledAs), typed, calledAs)
    return EXIT.ok
  } catch (error) {
    if (error instanceof UsageError) complain(calledAs, error.message)
    else if (error instanceof ConfigError)
      complain(calledAs, error.diagnostics.filter(isMistake).map(describe).join('\n'))
    else throw error
    return EXIT.usage
  }
}

async function run(file: string, typed: SupervisordArguments, calledAs: string): Promise<number> {
  keepHeapSmall()
  const machine = thisMachine()
  const path = resolvePath(machine.workingDirectory, file)
  const text = isInBackground() ? await textFromForeground() : readMain(path, file)
  const load = (known?: string): Read =>
    readConfiguration(path, typed, { ...thisMachine(), workingDirectory: machine.workingDirectory }, known)
  const first = load(text)
  const { nodaemon, umask, directory } = first.config.supervisor
  if (!nodaemon && !isInBackground()) return runInBackground(calledAs, text)
  const story = first.included.map((path) => `Included extra file "${path}" during parsing`)
  if (isInBackground()) {
    story.push('daemonizing the supervisord process')
    if (directory !== undefined) {
      process.chdir(directory)
      story.push(`set current directory: ${pythonRepr(directory)}`)
    }
    process.umask(umask)
  }
  const source = readOnceMore(first, () => load(isStream(path) ? text : undefined))
  const options = {
    source,
    shimPath: shimPath(),
    program: thisProgram(),
    check: ['check', '--format', 'supervisord', path],
    version: VERSION,
    calledAs: 'supervisord',
    logFormat: 'text',
    story,
    complain: (message: string) => complain(calledAs, message),
  } as const
  const exitCode = await runDaemon({ ...options, onReady: tellReady })
  // Source: supervisor 4.2.5, options.ServerOptions.usage: a server that cannot be opened ends with 2, whatever the
  // reason.
  return exitCode === EXIT.refused ? EXIT.usage : exitCode
}

/** A configuration with the files that it includes. */
interface Read extends Loaded {
  readonly included: readonly string[]
}

/** Gives the first configuration once more, then reads the file at each call. */
function readOnceMore(first: Loaded, load: () => Loaded): ConfigSource {
  let next: Loaded | undefined = { config: first.config, diagnostics: first.diagnostics }
  return {
    load: async () => {
      const loaded = next ?? load()
      next = undefined
      return loaded
    },
  }
}

function readMain(path: string, typed: string): string {
  if (!existsSync(path)) throw new UsageError(`could not find config file ${typed}`)
  return readText(path)
}

/** Whether the file can be read only once, as a pipe, or is another file for another process, as /dev/stdin. */
function isStream(path: string): boolean {
  return /^\/(?:dev|proc)\//.test(path) || statSync(path, { throwIfNoEntry: false })?.isFile() === false
}

/** `text` is the content of the main file where it has been read already. */
function readConfiguration(
  path: string,
  { settings }: SupervisordArguments,
  machine: Machine,
  text: string | undefined,
): Read {
  const conversion = convertSupervisord(path, machine, { complete: true, text })
  const document = applySettings(conversion.document, settings)
  const { config, diagnostics } = resolveDocument(document, machine)
  const told = [...conversion.diagnostics, ...diagnostics, ...oldSyslog(document)].filter(isMistake)
  return { config, diagnostics: told, included: conversion.files.slice(1), tables: document.tables }
}

const SECTION_OF: Readonly<Record<string, string>> = { event_listeners: 'eventlistener', fcgi_programs: 'fcgi-program' }

/** Logs that are named syslog, in the words of supervisord. Source: supervisor 4.2.5, processes_from_section. */
function oldSyslog({ tables }: Document): readonly Diagnostic[] {
  return tables.flatMap(({ kind, name, entries }) =>
    entries
      .filter(({ key, value }) => /^std(?:out|err)_logfile$/.test(key) && /^syslog$/i.test(String(value)))
      .map(({ key, place }): Diagnostic => {
        const section = `${SECTION_OF[kind] ?? 'program'}:${name}`
        const instead = key.replace('logfile', 'syslog')
        const message = `For [${section}], ${key}=syslog but this is deprecated and will be removed.  Use ${instead}=true to enable syslog instead.`
        return { severity: 'warning', message, place }
      }),
  )
}

/** The file named by -c, else the first existing one of those that supervisord looks for. */
function findConfiguration({ configuration }: SupervisordArguments, calledAs: string): string {
  if (configuration !== undefined) return configuration
  if (isRoot() && !isInBackground()) process.stderr.write(`UserWarning: ${SEARCHES_AS_ROOT}\n`)
  const searched = searchedBySupervisord(calledAs)
  const found = searched.find((candidate) => existsSync(candidate))
  if (found !== undefined) return found
  throw new UsageError(
    `No config file found at default paths (${searched.join(', ')}); use the -c option to specify a config file at a different path`,
  )
}

/** Notes are about what the converter does to a file; here no file is written. */
const isMistake = ({ severity }: Diagnostic): boolean => severity !== 'note'

/** An argument has no line number; the message names it. */
function describe(diagnostic: Diagnostic): string {
  return diagnostic.place?.file === COMMAND_LINE ? diagnostic.message : formatDiagnostic(diagnostic)
}

function complain(calledAs: string, message: string): void {
  const name = basename(calledAs) === 'supervisord' ? calledAs : 'supervisord'
  process.stderr.write(`Error: ${message}\nFor help, use ${name} -h\n`)
}
