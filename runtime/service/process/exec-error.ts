// Why a program could not be started, where the error code alone says something else, or too little: ENOENT of a script
// that is there means its interpreter.

import { readProgram } from '../../system/guarded.ts'

const FIRST_LINE_BYTES = 256

/** ` (its interpreter /x does not exist)`, or nothing where the code says it all. */
export function explainExec(file: string, code: string): string {
  if (code === 'ENOEXEC') return ' (it has no "#!" line and is no program)'
  const interpreter = code === 'ENOENT' ? interpreterOf(file) : undefined
  return interpreter === undefined ? '' : ` (its interpreter ${interpreter} does not exist)`
}

const LOG_REASONS: Readonly<Record<string, string>> = {
  EISDIR: 'is a directory',
  ENOENT: 'is in a directory that does not exist',
  ENOTDIR: 'is in a directory that does not exist',
  EACCES: 'may not be written by the daemon',
  EROFS: 'is on a file system that cannot be written',
  ENOSPC: 'is on a file system that is full',
  ELOOP: 'is a symbolic link, which is not followed there',
}

/** ` (its log /x is a directory)`, or nothing where the error names no path. */
export function explainOpen(error: unknown): string {
  const { code = '', path = '' } = error instanceof Error ? (error as NodeJS.ErrnoException) : {}
  const reason = LOG_REASONS[code]
  return reason === undefined || path === '' ? '' : ` (its log ${path} ${reason})`
}

/** ` (user 1000 may not enter it, or a directory above it)`, or nothing where the code says it all. */
export function explainDirectory(code: string, user: number | undefined): string {
  const who = user === undefined ? 'the daemon' : `user ${user}`
  if (code === 'EACCES') return ` (${who} may not enter it, or a directory above it)`
  if (code === 'ENOENT') return ' (it does not exist)'
  return code === 'ENOTDIR' ? ' (it is no directory)' : ''
}

function interpreterOf(file: string): string | undefined {
  try {
    const line = readProgram(file, FIRST_LINE_BYTES).toString('latin1').split('\n')[0] ?? ''
    const [, program] = /^#![ \t]*([^ \t]+)/.exec(line) ?? []
    return program === undefined ? undefined : JSON.stringify(program).slice(1, -1)
  } catch {
    return undefined
  }
}
