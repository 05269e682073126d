// How Go words signals, errors of the system and times, as they are in the log lines of `manager`.
// Source: Go 1.23: syscall.Signal.String, os/exec.Cmd.Start, path/filepath.EvalSymlinks, time.Time.String.

import { lstatSync, readlinkSync } from 'node:fs'
import { errnoCode } from '../../../runtime/system/files.ts'

const SIGNALS = [
  ...['hangup', 'interrupt', 'quit', 'illegal instruction', 'trace/breakpoint trap', 'aborted', 'bus error'],
  ...['floating point exception', 'killed', 'user defined signal 1', 'segmentation fault', 'user defined signal 2'],
  ...['broken pipe', 'alarm clock', 'terminated'],
]
const ERRORS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or directory',
  ENOTDIR: 'not a directory',
  EACCES: 'permission denied',
  ELOOP: 'too many levels of symbolic links',
  ENAMETOOLONG: 'file name too long',
}
const MOST_LINKS = 255

/** `killed` for 9. */
export function signalWord(signal: number): string {
  return SIGNALS[signal - 1] ?? `signal ${signal}`
}

/** `lstat /a/b: not a directory`. */
export function lstatProblem(path: string, error: unknown): string {
  const code = errnoCode(error)
  return `lstat ${path}: ${ERRORS[code] ?? code}`
}

/** Why a command cannot be started; `problem` is how kahi words it. */
export function startProblem(command: string, problem: string): string {
  if (!command.includes('/') && /find command|not executable/.test(problem))
    return `exec: "${command}": executable file not found in $PATH`
  const reason = /find command|interpreter/.test(problem)
    ? 'no such file or directory'
    : /not executable|is a directory|permission/.test(problem)
      ? 'permission denied'
      : problem.includes('ENOEXEC')
        ? 'exec format error'
        : problem
  return `fork/exec ${command}: ${reason}`
}

/** Why a path with links leads nowhere. */
export function linkProblem(path: string): string {
  const rest = partsOf(path)
  let at = path.startsWith('/') ? '/' : ''
  let links = 0
  for (let name = rest.shift(); name !== undefined; name = rest.shift()) {
    const next = at === '' || at === '/' ? `${at}${name}` : `${at}/${name}`
    try {
      const stats = lstatSync(next)
      if (!stats.isSymbolicLink()) {
        if (rest.length > 0 && !stats.isDirectory()) return 'not a directory'
        at = next
        continue
      }
      links += 1
      if (links > MOST_LINKS) return 'EvalSymlinks: too many links'
      const target = readlinkSync(next)
      if (target.startsWith('/')) at = '/'
      rest.unshift(...partsOf(target))
    } catch (error) {
      return lstatProblem(next, error)
    }
  }
  return `lstat ${path}: no such file or directory`
}

/** `2026-11-30 04:05:06.012345678 +0000 UTC`: nanoseconds since 1970, as text. */
export function timeText(ns: bigint): string {
  const seconds = new Date(Number(ns / 1_000_000_000n) * 1000).toISOString().slice(0, 19).replace('T', ' ')
  const fraction = String(ns % 1_000_000_000n)
    .padStart(9, '0')
    .replace(/0+$/, '')
  return `${seconds}${fraction === '' ? '' : '.'}${fraction} +0000 UTC`
}

function partsOf(path: string): string[] {
  return path.split('/').filter((part) => part !== '' && part !== '.')
}
