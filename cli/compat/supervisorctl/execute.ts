// Runs one line of supervisorctl: finds the command, and prints unexpected errors. Source: supervisor 4.2.5,
// supervisorctl.Controller.onecmd; CPython 3.11, cmd.Cmd.parseline.

import { pythonRepr } from '../../../runtime/process/python-repr.ts'
import { BadStatus, RpcFault } from './client.ts'
import type { CtlCommand } from './command.ts'
import { configCommands } from './config-commands.ts'
import { helpFor } from './help.ts'
import { logCommands } from './log-commands.ts'
import { processCommands } from './process-commands.ts'
import { codeOf, EndOfInput, type Session } from './session.ts'

const leave: CtlCommand['run'] = async (session) => {
  session.output('')
  return true
}

/** All commands. */
export const COMMANDS: readonly CtlCommand[] = [
  ...processCommands,
  ...logCommands,
  ...configCommands,
  { name: 'help', run: async (session, line) => session.output(helpFor(line)) },
  { name: 'quit', run: leave },
  { name: 'exit', run: leave },
  { name: 'EOF', run: leave },
]

/** Runs a line; true when the shell is to end. */
export async function execute(session: Session, given: string): Promise<boolean> {
  const line = given.trim()
  if (line === '') return false
  const [, word = '', rest = ''] = /^(\w*)([^]*)$/.exec(line.startsWith('?') ? `help ${line.slice(1)}` : line) ?? []
  const command = COMMANDS.find(({ name }) => name === word)
  if (command === undefined) {
    session.fail(`*** Unknown syntax: ${line}`)
    return false
  }
  try {
    return (await command.run(session, rest.trim())) === true
  } catch (error) {
    if (error instanceof BadStatus && error.status === 401) return authenticate(session, line, error)
    showError(session, error)
    return false
  }
}

async function authenticate(session: Session, line: string, error: BadStatus): Promise<boolean> {
  session.output('Server requires authentication')
  if (!session.isInteractive) {
    showError(session, error)
    return false
  }
  const username = await session.person.ask('Username:')
  const password = username === undefined ? undefined : await session.person.askHidden('Password:')
  if (username === undefined || password === undefined) {
    showError(session, new EndOfInput())
    return false
  }
  session.output('')
  session.address = { ...session.address, username, password }
  return execute(session, line)
}

const ERRNO: Readonly<Record<string, readonly [type: string, number: number, text: string]>> = {
  ENOENT: ['FileNotFoundError', 2, 'No such file or directory'],
  ECONNREFUSED: ['ConnectionRefusedError', 111, 'Connection refused'],
  EACCES: ['PermissionError', 13, 'Permission denied'],
  EPERM: ['PermissionError', 1, 'Operation not permitted'],
}

/** Prints an error in the form of the original, which names types of Python and a line of its source. */
function showError(session: Session, error: unknown): void {
  session.fail(`error: ${describe(error)}: file: supervisorctl line: 0`)
}

function describe(error: unknown): string {
  if (error instanceof RpcFault)
    return `<class 'xmlrpc.client.Fault'>, <Fault ${error.code}: ${pythonRepr(error.message)}>`
  if (error instanceof BadStatus)
    return `<class 'xmlrpc.client.ProtocolError'>, <ProtocolError for 127.0.0.1/RPC2: ${error.message}>`
  if (error instanceof EndOfInput) return "<class 'EOFError'>, "
  const [type, number, text] = ERRNO[codeOf(error) ?? ''] ?? []
  if (type !== undefined) return `<class '${type}'>, [Errno ${number}] ${text}`
  return `<class 'OSError'>, ${error instanceof Error ? error.message : String(error)}`
}
