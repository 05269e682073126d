// Runs a program to its end: a short one whose output is captured, or one with the standard streams of this process.

import { execFile, spawn } from 'node:child_process'
import { constants } from 'node:os'

/** Time limit in milliseconds. */
const LIMIT_MS = 20_000

/** The result of a program; `code` is -1 when it could not be run or was killed. */
export interface ProgramResult {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs a program with its arguments and our environment. Never rejects. */
export function runProgram([file = '', ...words]: readonly string[]): Promise<ProgramResult> {
  return new Promise((resolve) => {
    execFile(file, words, { timeout: LIMIT_MS, killSignal: 'SIGKILL' }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1
      resolve({ code, stdout, stderr: stderr === '' && error !== null ? error.message : stderr })
    })
  })
}

/**
 * Runs a program with our standard streams, and with our environment unless another one is given. Gives its exit code:
 * 128 + the signal after death by signal, 127 when the program is missing, 126 when it cannot be run.
 */
export function runAttached(
  [file = '', ...words]: readonly string[],
  env: Readonly<Record<string, string | undefined>> = process.env,
): Promise<number> {
  return new Promise((resolve) => {
    const child = spawn(file, words, { stdio: 'inherit', env })
    child.on('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'ENOENT' ? 127 : 126))
    child.on('exit', (code, signal) => resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])))
  })
}
