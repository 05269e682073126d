// What every verb of ctl does first: finds the daemon, checks that it answers, and prints an error in supervisorctl's
// words when it does not. Source: supervisor 4.2.5, supervisorctl.Controller.upcheck and onecmd.

import { ConfigError } from '../../config/model/diagnostic.ts'
import type { Arguments } from '../command.ts'
import { CTL_EXIT, EXIT } from '../exit-codes.ts'
import { print, printDiagnostics } from '../print.ts'
import { type Client, openClient, Refused, type Target, Unreachable } from './client.ts'
import { findTarget } from './target.ts'

/** Runs a verb with the daemon that the arguments name. Gives the exit code. */
export async function withDaemon(args: Arguments, verb: (client: Client) => Promise<number>): Promise<number> {
  const target = readTarget(args)
  if (target === undefined) return EXIT.usage
  const client = openClient(target)
  try {
    await client.call('GET /api/v1/version')
    return await verb(client)
  } catch (error) {
    return explain(error, client.url)
  }
}

/** Finds the daemon; prints the reason when its file is invalid. */
export function readTarget(args: Arguments): Target | undefined {
  try {
    return findTarget(args)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    printDiagnostics(error.diagnostics)
    return undefined
  }
}

/** Prints an error. Gives the exit code. */
export function explain(error: unknown, url: string): number {
  if (error instanceof Unreachable) return explainUnreachable(error, url)
  if (!(error instanceof Refused)) throw error
  if (error.status === 401) print('Server requires authentication')
  else if (error.code === 'SHUTTING_DOWN') print('ERROR: supervisor shutting down')
  else print(`error: ${error.message}`)
  return CTL_EXIT.generic
}

function explainUnreachable({ code }: Unreachable, url: string): number {
  if (code === 'ECONNREFUSED') {
    print(`${url} refused connection`)
    return CTL_EXIT.insufficientPrivileges
  }
  if (code === 'ENOENT') {
    print(`${url} no such file`)
    return CTL_EXIT.notRunning
  }
  print(`error: ${url}: ${code === 'EACCES' ? 'permission denied' : code}`)
  return CTL_EXIT.generic
}
