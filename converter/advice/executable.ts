// Whether a program can be started without a shell: it must be a binary, or a script that names its interpreter. A
// shell also runs a text without `#!`, and it looks up a relative path in the directory of the program.

import { closeSync, openSync, readSync } from 'node:fs'
import { isAbsolute, join } from 'node:path'
import { isFile } from '../folders.ts'

/** Looks programs up; tests use their own function. */
export type FindsProgram = (program: string) => boolean

/**
 * Whether the first word of a command is a file on this machine that the kernel runs; without a `/` it is looked up in
 * PATH.
 */
export const canStart: FindsProgram = (program) => {
  if (program.includes('/')) return isAbsolute(program) && isRunByKernel(program)
  for (const folder of (process.env.PATH ?? '').split(':')) {
    if (!isAbsolute(folder)) return false
    const path = join(folder, program)
    if (isFile(path)) return isRunByKernel(path)
  }
  return false
}

/** ELF, or a first line with `#!`. */
function isRunByKernel(path: string): boolean {
  if (!isFile(path)) return false
  try {
    const head = Buffer.alloc(4)
    const file = openSync(path, 'r')
    try {
      readSync(file, head, 0, 4, 0)
    } finally {
      closeSync(file)
    }
    return head.toString('latin1') === '\x7fELF' || head.toString('latin1', 0, 2) === '#!'
  } catch {
    return false
  }
}
