// Starts a command with the standard streams of this process, and signals processes that are not our children: for
// pidproxy only. Services are started by the shim.

import { spawn } from 'node:child_process'

/** Starts a command; `done` is called with the error when it could not be started, or without one when it has ended. */
export function spawnInherited(
  file: string,
  argv: readonly string[],
  done: (problem: string | undefined) => void,
): void {
  const [argv0 = file, ...args] = argv
  const child = spawn(file, args, { argv0, stdio: 'inherit' })
  child.once('error', (error: NodeJS.ErrnoException) => done(error.code ?? error.message))
  child.once('exit', () => done(undefined))
}

/** Sends a signal. An error is ignored: the process has ended then. */
export function sendSignal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch {
    // it has ended, or belongs to another user
  }
}
