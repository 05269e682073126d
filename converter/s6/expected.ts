// The second reader of a scan directory: what s6-svscan would run, read directly from the files. Source: s6 2.15,
// s6-svscan and s6-supervise.

import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join, resolve as resolvePath } from 'node:path'
import type { Expected, Witness } from '../format.ts'

/** The second reader of a scan directory. `moved` gives the later path of a file. */
export function witnessScan(path: string, moved: (file: string) => string): Witness {
  const root = resolvePath(path)
  const expectOne = (name: string): readonly Expected[] => {
    const run = join(root, name, 'run')
    if (!existsSync(run)) return []
    const values = {
      argv: [...commandOf(run, moved(run)), name],
      directory: moved(join(root, name)),
      autostart: !existsSync(join(root, name, 'down')),
      autorestart: 'true',
    }
    return [{ group: name, name, values, place: () => ({ file: run, line: 1, column: 1 }) }]
  }
  const names = readdirSync(root).filter((name) => !name.startsWith('.') && statSync(join(root, name)).isDirectory())
  return { texts: [], expect: () => names.flatMap((name) => [...expectOne(name), ...expectOne(`${name}/log`)]) }
}

/** A file that is not executable is run by the interpreter in its first line. */
function commandOf(file: string, shown: string): readonly string[] {
  const [, interpreter = '', argument = ''] =
    /^#![ \t]*([^ \t\n]+)[ \t]*([^\n]*)/.exec(readFileSync(file, 'utf8')) ?? []
  const isRunnable = (statSync(file).mode & 0o111) !== 0 || interpreter === ''
  return isRunnable ? [shown] : [interpreter, ...(argument.trim() === '' ? [] : [argument.trim()]), shown]
}
