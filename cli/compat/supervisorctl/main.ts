// `supervisorctl`, and `kahi supervisorctl`: runs one command, or a shell for several. Source: supervisor 4.2.5,
// supervisorctl.main.

import { ConfigError, formatDiagnostic } from '../../../config/model/diagnostic.ts'
import { EXIT } from '../../exit-codes.ts'
import { UsageError } from '../getopt.ts'
import { execute } from './execute.ts'
import { type CtlOptions, readOptions } from './options.ts'
import { Keyboard } from './keyboard.ts'
import { Session } from './session.ts'

const HELP = `supervisorctl: controls the programs of a running supervisord (kahi in its place).

Usage: supervisorctl [options] [command [arguments]]

  -c, --configuration FILE   the configuration; searched for when not given
  -h, --help                 print this and exit
  -i, --interactive          ask before the daemon is ended
  -s, --serverurl URL        where the daemon listens: unix:///path or http://host:port
  -u, --username NAME        user name, where the daemon asks for one
  -p, --password WORD        password, where the daemon asks for one
  -r, --history_file FILE    where the shell keeps what was typed

Without a command a shell is started. The command "help" lists the others.
`

/** Runs as supervisorctl would under that name with these arguments. Gives its exit code. */
export async function supervisorctlMain(calledAs: string, argv: readonly string[]): Promise<number> {
  try {
    const options = readOptions(argv, calledAs)
    if (options.help) process.stdout.write(HELP)
    else return await run(options)
    return EXIT.ok
  } catch (error) {
    if (error instanceof UsageError) return complain(error.message, calledAs)
    if (error instanceof ConfigError) return complain(error.diagnostics.map(formatDiagnostic).join('\n'), calledAs)
    throw error
  }
}

async function run({ address, words, isInteractive, ...options }: CtlOptions): Promise<number> {
  const keyboard = new Keyboard()
  const session = new Session(address, isInteractive, keyboard)
  try {
    if (words.length === 0) {
      const { runShell } = await import('./shell.ts')
      await runShell(session, keyboard, options)
      return EXIT.ok
    }
    await execute(session, words.join(' '))
    return session.exitStatus
  } finally {
    keyboard.close()
  }
}

function complain(message: string, calledAs: string): number {
  process.stderr.write(`Error: ${message}\nFor help, use ${calledAs} -h\n`)
  return EXIT.usage
}
