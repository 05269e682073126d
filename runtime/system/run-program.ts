// Runs a program to its end: a short one, whose output is taken, or one that has our own standard streams.

import { execFile, spawn } from 'node:child_process'
import { constants } from 'node:os'

/** Longest time it may take, in ms. */
const LIMIT_MS = 20_000

/** How a program went; `code` is -1 when it could not be run or was killed. */
export interface ProgramResult {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs a program with its arguments in our environment. Never rejects. */
export function runProgram([file = '', ...words]: readonly string[]): Promise<ProgramResult> {
  return new Promise((resolve) => {
    execFile(file, words, { timeout: LIMIT_MS }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1
      resolve({ code, stdout, stderr: stderr === '' && error !== null ? error.message : stderr })
    })
  })
}

/** Runs a program with our standard streams and environment; gives its exit code, 128 + the signal, 127 when it is missing, else 126. */
export function runAttached([file = '', ...words]: readonly string[]): Promise<number> {
  return new Promise((resolve) => {
    const child = spawn(file, words, { stdio: 'inherit' })
    child.on('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'ENOENT' ? 127 : 126))
    child.on('exit', (code, signal) => resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])))
  })
}
