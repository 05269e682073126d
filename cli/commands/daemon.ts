// `kahi daemon`: reads kahi.toml, or what can be converted to one, and runs it in the foreground until told to stop. Nothing here loads the command
// line parser or colours: a daemon starts with what it needs to start programs.

import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import type { LogFormat } from '../../config/config.ts'
import { ConfigError, type Diagnostic } from '../../config/diagnostic.ts'
import { readDocument } from '../../config/read.ts'
import { readText } from '../../config/read-text.ts'
import { runDaemon } from '../../runtime/daemon.ts'
import { keepHeapSmall } from '../../runtime/system/heap.ts'
import { thisMachine } from '../../runtime/system/users.ts'
import { type Arguments, type Command, textOf } from '../command.ts'
import { findConfigFile, SEARCHED } from '../config-file.ts'
import { defaultSocket, prepareDefaultSocket, thisAsker } from '../default-socket.ts'
import { EXIT } from '../exit-codes.ts'
import { LiveSource, type Read } from '../live-source.ts'
import { shimPath, thisProgram } from '../shim-path.ts'
import { VERSION } from '../version.ts'

/** Runs the programs of a kahi.toml. */
export const daemonCommand: Command = {
  name: 'daemon',
  usage: '[-c FILE] [--log-format FORMAT] [--survive]',
  summary: 'Run the programs of a kahi.toml in the foreground',
  options: {
    config: {
      type: 'string',
      alias: 'c',
      summary: `The file, or a supervisord.conf or tree of s6-rc, which is converted each time it is read; else $KAHI_CONFIG, ${SEARCHED.join(', ')}`,
    },
    survive: {
      type: 'boolean',
      summary:
        'Programs go on when kahi itself is killed or upgraded, as with survive = true; a small helper starts it again',
    },
    'log-format': {
      type: 'string',
      choices: ['auto', 'text', 'json'],
      summary: 'How the log is written on standard output; auto is text on a terminal, JSON elsewhere',
    },
  },
  positionals: [],
  examples: [
    ['kahi daemon -c kahi.toml', 'run it; Ctrl-C stops everything in reverse order'],
    ['kahi daemon -c s6-rc.d', 'what kahi migrate would make of it'],
    ['kahi daemon --survive', 'run it so that a crash or kahi ctl upgrade ends no program'],
    ['kill -HUP PID', 'read the file again and apply what changed'],
    ['kill -USR2 PID', 'open all log files anew'],
  ],
  run: runDaemonCommand,
}

async function runDaemonCommand(args: Arguments): Promise<number> {
  const file = textOf(args, 'config') ?? findConfigFile(process.env)
  if (file === undefined) {
    return complain('No kahi.toml found', `give one with -c; looked for ${SEARCHED.join(', ')}`)
  }
  keepHeapSmall()
  const asker = thisAsker()
  const isOld = isConverted(file)
  const logFormat = textOf(args, 'log-format') as LogFormat | undefined
  try {
    return await runDaemon({
      source: new LiveSource({
        read: () => (isOld ? convertOld(file) : readToml(file)),
        machine: thisMachine,
        defaultSocket: defaultSocket(asker),
      }),
      defaultSocket: defaultSocket(asker),
      prepareDefaultSocket: () => prepareDefaultSocket(asker),
      shimPath: shimPath(),
      program: thisProgram(),
      check: ['check', ...(isOld ? [] : ['--format', 'kahi']), resolve(file)],
      survive: args.survive === true,
      version: VERSION,
      calledAs: 'kahi',
      ...(logFormat === undefined ? {} : { logFormat }),
    })
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    const { printDiagnostics } = await import('../print.ts')
    printDiagnostics(error.diagnostics)
    return EXIT.usage
  }
}

function readToml(file: string): Read {
  const diagnostics: Diagnostic[] = []
  return { document: readDocument(readText(file), file, thisMachine(), diagnostics), diagnostics }
}

/** Files of supervisord by their names, and directories: trees of s6-rc and images of s6-overlay. */
function isConverted(file: string): boolean {
  return /\.(?:conf|ini)$/.test(file) || statSync(file, { throwIfNoEntry: false })?.isDirectory() === true
}

/** The converters are loaded only here. */
async function convertOld(file: string): Promise<Read> {
  const { convert } = await import('../../converter/convert.ts')
  return convert(file, thisMachine())
}

async function complain(message: string, hint: string): Promise<number> {
  const { printProblem } = await import('../print.ts')
  printProblem(message, hint)
  return EXIT.usage
}
