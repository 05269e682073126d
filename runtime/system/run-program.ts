// Runs a short program to its end and takes what it writes.

import { execFile } from 'node:child_process'

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
