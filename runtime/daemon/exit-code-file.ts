// The file with the exit code of the daemon (`exit_code_file`). A program may write a code into it and then end the
// daemon. Source: s6-linux-init 1.2, the container's results directory; s6-overlay 3.2, rc.init.

import { dirname } from 'node:path'
import type { Logger } from '../log/sink.ts'
import { errnoCode } from '../system/files.ts'
import { readGuarded, writeGuarded } from '../system/guarded.ts'
import { makeDirectoriesGuarded } from '../system/guarded-trees.ts'
import type { Part } from './part.ts'

/** The exit code of s6-overlay when the file contains no number. */
const NO_NUMBER = 100

/** Stores the exit code of the daemon in that file. */
export const exitCodeFile: Part = {
  name: 'exit code file',
  open: ({ config, log, ending, isFresh }) => {
    const file = new ExitCodeFile(config.supervisor.exit_code_file, log)
    if (isFresh) file.note(0)
    ending.keepCodeIn(file)
  },
}

/** A longer first line is no number of an exit code. */
const LONGEST_BYTES = 4096

/** The file; without a path it stores nothing. */
class ExitCodeFile {
  readonly #path: string | undefined
  readonly #log: Logger

  constructor(path: string | undefined, log: Logger) {
    this.#path = path
    this.#log = log
  }

  /** Writes the exit code of the daemon. A program may write another code later. */
  note(code: number): void {
    if (this.#path === undefined) return
    try {
      makeDirectoriesGuarded(dirname(this.#path))
      writeGuarded(this.#path, `${code}\n`, 0o666)
    } catch (error) {
      this.#log.log('warn', `cannot write ${this.#path}: ${errnoCode(error)}`)
    }
  }

  /** The code in the first line of the file; `otherwise` when the file does not exist. */
  read(otherwise: number): number {
    if (this.#path === undefined) return otherwise
    try {
      const [line = ''] = readGuarded(this.#path, LONGEST_BYTES).toString('latin1').split('\n')
      return /^\s*\d+\s*$/.test(line) ? Number(BigInt(line.trim()) & 255n) : NO_NUMBER
    } catch {
      return otherwise
    }
  }
}
