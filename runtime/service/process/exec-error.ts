// Why a program could not be executed, where the error code alone says something else: ENOENT of a script that is there
// means its interpreter.

import { readProgram } from '../../system/guarded.ts'

const FIRST_LINE_BYTES = 256

/** ` (its interpreter /x does not exist)`, or nothing where the code says it all. */
export function explainExec(file: string, code: string): string {
  if (code === 'ENOEXEC') return ' (it has no "#!" line and is no program)'
  const interpreter = code === 'ENOENT' ? interpreterOf(file) : undefined
  return interpreter === undefined ? '' : ` (its interpreter ${interpreter} does not exist)`
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
