// Runs a program to its end: a short one whose output is captured, or one with the standard streams of this process.

import { type ChildProcess, spawn } from 'node:child_process'
import { constants } from 'node:os'

/** Time limit in milliseconds. */
const LIMIT_MS = 20_000
/** The most that a program may write to each stream. */
const MOST_CHARACTERS = 1024 * 1024
const STREAMS = ['stdout', 'stderr'] as const

/** The result of a program; `code` is -1 when it could not be run or was killed. */
export interface ProgramResult {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/**
 * Runs a program with its arguments and our environment, without input. After the time limit, or when it writes more
 * than 1 MiB, it is killed with all processes of its group; `stderr` then says so. Never rejects.
 */
export function runProgram(command: readonly string[], limitMs = LIMIT_MS): Promise<ProgramResult> {
  return new Promise<ProgramResult>((resolve, reject) => {
    const child = begin(command)
    const output = { stdout: '', stderr: '' }
    let failure: string | undefined
    const fail = (reason: string): void => {
      failure ??= reason
      killGroup(child)
      // a process that has left the group may hold the other ends
      for (const name of STREAMS) child[name]?.destroy()
    }
    const timer = setTimeout(() => fail(`no end within ${limitMs / 1000} seconds`), limitMs)
    for (const name of STREAMS) {
      child[name]?.setEncoding('utf8').on('data', (text: string) => {
        if (output[name].length + text.length > MOST_CHARACTERS)
          fail(`more than ${MOST_CHARACTERS} characters of output`)
        else output[name] += text
      })
    }
    child.on('error', (error) => {
      clearTimeout(timer)
      reject(error)
    })
    child.on('close', (code) => {
      clearTimeout(timer)
      resolve(failure === undefined ? { code: code ?? -1, ...output } : { code: -1, ...output, stderr: failure })
    })
  }).catch((error: unknown) => ({ code: -1, stdout: '', stderr: error instanceof Error ? error.message : 'no start' }))
}

/**
 * Throws the error of the system, for some reasons at once and for others as an event. Standard input is an empty pipe, because a
 * bare root has no /dev/null.
 */
function begin([file = '', ...words]: readonly string[]): ChildProcess {
  const child = spawn(file, words, { stdio: ['pipe', 'pipe', 'pipe'], detached: true })
  child.stdin.on('error', () => {})
  child.stdin.end()
  return child
}

/** As long as the program has not been waited for, its number, and so that of its group, belongs to nothing else. */
function killGroup({ pid, exitCode, signalCode }: ChildProcess): void {
  if (pid === undefined || exitCode !== null || signalCode !== null) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // it has ended
  }
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
