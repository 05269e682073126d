// `kahi daemon`: reads kahi.toml, or a configuration that can be converted to it, and runs it in the foreground until a
// client or a signal ends it. This file loads neither the command line parser nor colours: a daemon loads only what it
// needs to start programs.

import { resolve } from 'node:path'
import type { LogFormat } from '../../config/model/log-level.ts'
import { ConfigError } from '../../config/model/diagnostic.ts'
import { isNamedAs, type Source } from '../../converter/format.ts'
import { detectKahi, kahiFormat } from '../../converter/kahi/format.ts'
import { runDaemon } from '../../runtime/daemon/daemon.ts'
import { keepHeapSmall } from '../../runtime/system/heap.ts'
import { thisMachine } from '../../runtime/system/users.ts'
import { type Arguments, textOf } from '../command.ts'
import { findConfigFile, SEARCHED } from '../config-file.ts'
import { defaultSocket, prepareDefaultSocket, thisAsker } from '../default-socket.ts'
import { EXIT } from '../exit-codes.ts'
import { LiveSource } from '../live-source.ts'
import { shimPath, thisProgram } from '../shim-path.ts'
import { VERSION } from '../version.ts'

/** `kahi daemon` with these arguments; gives its exit code. */
export async function runDaemonCommand(args: Arguments): Promise<number> {
  const file = textOf(args, 'config') ?? findConfigFile(process.env)
  if (file === undefined) {
    return complain('No kahi.toml found', `give one with -c; looked for ${SEARCHED.join(', ')}`)
  }
  keepHeapSmall()
  const asker = thisAsker()
  const logFormat = textOf(args, 'log-format') as LogFormat | undefined
  try {
    const source = await identifyLazily(file)
    return await runDaemon({
      source: new LiveSource({
        read: () => source.convert(thisMachine()),
        machine: thisMachine,
        defaultSocket: defaultSocket(asker),
      }),
      defaultSocket: defaultSocket(asker),
      prepareDefaultSocket: () => prepareDefaultSocket(asker),
      shimPath: shimPath(),
      program: thisProgram(),
      check: ['check', '--format', source.format, resolve(file)],
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

/** The converters are loaded only for a file that is not named as kahi's own. */
async function identifyLazily(file: string): Promise<Source> {
  const source = isNamedAs(kahiFormat, file) ? detectKahi(file, {}) : undefined
  if (source !== undefined) return source
  const { identify } = await import('../../converter/identify.ts')
  return identify(file)
}

async function complain(message: string, hint: string): Promise<number> {
  const { printProblem } = await import('../print.ts')
  printProblem(message, hint)
  return EXIT.usage
}
