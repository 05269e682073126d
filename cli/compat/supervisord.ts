// `supervisord`, and `kahi supervisord`: reads supervisord.conf as the original does, converts it in
// memory and runs it. So an image whose CMD is `supervisord -n -c …` works with kahi in its place.
// Source: supervisor 4.2.5, options.ServerOptions, Options.default_configfile.

import { existsSync } from 'node:fs'
import { basename, resolve as resolvePath } from 'node:path'
import type { ConfigSource, Loaded, Machine } from '../../config/config.ts'
import { ConfigError, type Diagnostic, formatDiagnostic } from '../../config/diagnostic.ts'
import { resolveDocument } from '../../config/resolve.ts'
import { convertSupervisord } from '../../converter/supervisord/convert.ts'
import { runDaemon } from '../../runtime/daemon.ts'
import { pythonRepr } from '../../runtime/process/python-repr.ts'
import { isInBackground, runInBackground, tellReady } from '../../runtime/system/background.ts'
import { keepHeapSmall } from '../../runtime/system/heap.ts'
import { isRoot } from '../../runtime/system/privilege.ts'
import { thisMachine } from '../../runtime/system/users.ts'
import { searchedBySupervisord } from '../config-file.ts'
import { EXIT } from '../exit-codes.ts'
import { shimPath, thisProgram } from '../shim-path.ts'
import { VERSION } from '../version.ts'
import { UsageError } from './getopt.ts'
import { SUPERVISORD_HELP } from './supervisord-help.ts'
import {
  applySettings,
  COMMAND_LINE,
  parseSupervisordArguments,
  type SupervisordArguments,
} from './supervisord-options.ts'

/** What `supervisord -v` prints, for scripts that look: the version whose behaviour this is. */
const SUPERVISOR_VERSION = '4.2.5'

/** Source: supervisor 4.2.5, ServerOptions.default_configfile. */
const SEARCHES_AS_ROOT =
  'Supervisord is running as root and it is searching for its configuration file in default locations (including its current working directory); you probably want to specify a "-c" argument specifying an absolute path to a configuration file for improved security.'

/** Runs as supervisord would when called by that name with these arguments; gives its exit code. */
export async function supervisordMain(calledAs: string, argv: readonly string[]): Promise<number> {
  try {
    const typed = parseSupervisordArguments(argv)
    if (typed.help) process.stdout.write(SUPERVISORD_HELP)
    else if (typed.version) process.stdout.write(`${SUPERVISOR_VERSION}\n`)
    else return await run(findConfiguration(typed, calledAs), typed, calledAs)
    return EXIT.ok
  } catch (error) {
    if (error instanceof UsageError) complain(calledAs, error.message)
    else if (error instanceof ConfigError) complain(calledAs, error.diagnostics.map(describe).join('\n'))
    else throw error
    return EXIT.usage
  }
}

async function run(file: string, typed: SupervisordArguments, calledAs: string): Promise<number> {
  keepHeapSmall()
  const machine = thisMachine()
  const load = (): Loaded =>
    readConfiguration(file, typed, { ...thisMachine(), workingDirectory: machine.workingDirectory })
  const first = load()
  const { nodaemon, umask, directory } = first.config.supervisor
  if (!nodaemon && !isInBackground()) return runInBackground(calledAs)
  const story: string[] = []
  if (isInBackground()) {
    story.push('daemonizing the supervisord process')
    if (directory !== undefined) {
      process.chdir(directory)
      story.push(`set current directory: ${pythonRepr(directory)}`)
    }
    process.umask(umask)
  }
  const source = readOnceMore(first, load)
  const options = {
    source,
    shimPath: shimPath(),
    program: thisProgram(),
    check: ['check', '--format', 'supervisord', resolvePath(machine.workingDirectory, file)],
    version: VERSION,
    calledAs: 'supervisord',
    logFormat: 'text',
    story,
    complain: (message: string) => complain(calledAs, message),
  } as const
  return runDaemon({ ...options, onReady: tellReady })
}

/** Gives what was read already, and reads again when it is asked again. */
function readOnceMore(first: Loaded, load: () => Loaded): ConfigSource {
  let next: Loaded | undefined = first
  return {
    load: async () => {
      const loaded = next ?? load()
      next = undefined
      return loaded
    },
  }
}

function readConfiguration(file: string, { settings }: SupervisordArguments, machine: Machine): Loaded {
  const path = resolvePath(machine.workingDirectory, file)
  if (!existsSync(path)) throw new UsageError(`could not find config file ${file}`)
  const conversion = convertSupervisord(path, machine, { complete: true })
  const { config, diagnostics } = resolveDocument(applySettings(conversion.document, settings), machine)
  // Notes are about what becomes of a file; here nothing becomes of it.
  const told = [...conversion.diagnostics, ...diagnostics].filter(({ severity }) => severity !== 'note')
  return { config, diagnostics: told }
}

/** The file named by -c, else the first that exists of those that supervisord looks for. */
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

/** What was typed has no line; the message names it. */
function describe(diagnostic: Diagnostic): string {
  return diagnostic.place?.file === COMMAND_LINE ? diagnostic.message : formatDiagnostic(diagnostic)
}

function complain(calledAs: string, message: string): void {
  const name = basename(calledAs) === 'supervisord' ? calledAs : 'supervisord'
  process.stderr.write(`Error: ${message}\nFor help, use ${name} -h\n`)
}
