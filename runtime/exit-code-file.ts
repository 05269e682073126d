// The file that holds the exit code of the daemon (`exit_code_file`): a program may write the code there and then ask
// for the end. Source: s6-linux-init 1.2, the container's results directory; s6-overlay 3.2, rc.init.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Logger } from './log/sink.ts'
import { errnoCode } from './system/files.ts'

/** What the original ends with when there is no number in the file. */
const NO_NUMBER = 100

/** The file; without a path it holds nothing. */
export class ExitCodeFile {
  readonly #path: string | undefined
  readonly #log: Logger

  constructor(path: string | undefined, log: Logger) {
    this.#path = path
    this.#log = log
  }

  /** What the daemon will end with, unless somebody else writes another code. */
  note(code: number): void {
    if (this.#path === undefined) return
    try {
      mkdirSync(dirname(this.#path), { recursive: true })
      writeFileSync(this.#path, `${code}\n`)
    } catch (error) {
      this.#log.log('warn', `cannot write ${this.#path}: ${errnoCode(error)}`)
    }
  }

  /** The code in its first line; `otherwise` where there is no such file. */
  read(otherwise: number): number {
    if (this.#path === undefined) return otherwise
    try {
      const [line = ''] = readFileSync(this.#path, 'latin1').split('\n')
      return /^\s*\d+\s*$/.test(line) ? Number(BigInt(line.trim()) & 255n) : NO_NUMBER
    } catch {
      return otherwise
    }
  }
}
