// The line of a file that a message is about, with a mark below its column.

import { readText } from '../../config/values/read-text.ts'
import { ConfigError, type Place } from '../../config/model/diagnostic.ts'
import { hideInText, isSecretName } from '../../config/values/secrets.ts'

/** A longer line is not shown. */
const LONGEST = 200

/** Gives the excerpts of files; each file is read once. */
export class SourceLines {
  readonly #files = new Map<string, readonly string[]>()

  /** Two lines, or none where the line cannot be read, is long, or may contain a secret. */
  excerpt({ file, line, column }: Place): readonly string[] {
    const text = this.#linesOf(file)[line - 1]?.replaceAll(/\p{Cc}/gu, ' ')
    if (text === undefined || text.trim() === '' || text.length > LONGEST || mayBeSecret(text)) return []
    const number = String(line).padStart(5)
    return [`${number} | ${text}`, `${' '.repeat(number.length)} | ${' '.repeat(column - 1)}^`]
  }

  #linesOf(file: string): readonly string[] {
    const known = this.#files.get(file)
    if (known !== undefined) return known
    const lines = linesIn(file)
    this.#files.set(file, lines)
    return lines
  }
}

function linesIn(file: string): readonly string[] {
  try {
    return readText(file).split(/\r?\n/)
  } catch (error) {
    if (error instanceof ConfigError) return []
    throw error
  }
}

function mayBeSecret(line: string): boolean {
  return hideInText(line) !== line || (line.match(/[\w.-]+/g) ?? []).some(isSecretName)
}
