// Reads a file of variables, or a directory that has a file for each variable. Messages never contain a value.
// Source: Node.js 24, util.parseEnv; s6 2.15, s6-envdir.

import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { readBytes, readText } from './read-text.ts'
import { ValueError } from './values.ts'

type Variables = Readonly<Record<string, string | null>>

const NAME = /^[A-Za-z_][\w.-]*$/

/**
 * The variables of a text such as `A=1`, with quotes, comments and `export` as dotenv has them. Throws ValueError for a
 * line that is no variable, and ConfigError when the file cannot be read.
 */
export function readEnvFile(file: string): Variables {
  const text = readText(file).replace(/^\uFEFF/, '')
  const variables = Object.entries(parseEnv(text)).map(([name, value]) => [name, value ?? ''] as const)
  const wrong = variables.find(([name]) => !NAME.test(name))
  if (wrong !== undefined) throw new ValueError(`line ${lineOf(text, wrong[0])} of ${file} is not NAME=value`)
  return Object.fromEntries(variables)
}

/** The parser takes a line without `=` as the beginning of the next name. */
function lineOf(text: string, name: string): number {
  const [first = ''] = name.split('\n')
  return text.split('\n').findIndex((line) => line.trim().startsWith(first)) + 1
}

/**
 * The variables of a directory: the first line of each file without blanks at its end, NUL bytes as newlines. An empty
 * file removes a variable. Throws ValueError for a name with `=`, and ConfigError when a file cannot be read.
 */
export function readEnvDirectory(directory: string): Variables {
  const names = readdirSync(directory).filter((name) => !name.startsWith('.'))
  return Object.fromEntries(names.map((name) => [name, readVariable(directory, name)]))
}

function readVariable(directory: string, name: string): string | null {
  if (name.includes('=')) throw new ValueError(`the name of a file in ${directory} contains "="`)
  const content = readBytes(join(directory, name)).toString('utf8')
  const [line = ''] = content.split('\n', 1)
  return content === '' ? null : line.replace(/[ \t]+$/, '').replaceAll('\0', '\n')
}
