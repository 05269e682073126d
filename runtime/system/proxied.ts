// A command that runs beside us with our own streams, and signals to processes that are not ours: for pidproxy only.
// Services are started by the shim.

import { spawn } from 'node:child_process'

/** Starts a command with these words; `done` is called when it has ended, or why it could not be started. */
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

/** Sends a signal; a process that is gone needs none. */
export function sendSignal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch {
    // It is gone, or not ours.
  }
}
