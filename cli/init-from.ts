// `kahi init --from`: the configuration for a Compose file, a Procfile, or commands.

import { existsSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { Document, Table } from '../config/keys/document.ts'
import { ConfigError, type Diagnostic } from '../config/model/diagnostic.ts'
import { splitCommand } from '../config/values/command.ts'
import { escapeAll } from '../config/values/expand.ts'
import { readText } from '../config/values/read-text.ts'
import { writeDocument } from '../config/toml/write.ts'
import { readProcfile } from '../converter/procfile.ts'

const COMMAND_LINE = 'command line'

/** The text of a kahi.toml, and notes about what it lacks. */
export interface Initial {
  readonly text: string
  readonly diagnostics: readonly Diagnostic[]
}

/** The configuration for what follows --from. Throws ConfigError. */
export async function initialFrom(given: readonly string[]): Promise<Initial> {
  const [first = '', ...others] = given
  if (others.length === 0 && /\.ya?ml$/.test(first)) {
    const { readCompose } = await import('../converter/compose/compose.ts')
    const { document, diagnostics } = readCompose(readText(first), first)
    return { text: writeDocument(document), diagnostics }
  }
  if (others.length === 0 && /\.(?:conf|ini|toml)$/.test(first))
    throw failure(
      `${first} is no Compose file, Procfile or command`,
      'a supervisord.conf or a tree of s6: kahi migrate',
    )
  const isFile =
    others.length === 0 && (/procfile/i.test(basename(first)) || (first.includes('/') && existsSync(first)))
  if (others.length === 0 && !isFile && /^\S+$/.test(first) && !isCommand(first))
    throw failure(
      `${first} is neither a file nor a command on this machine`,
      'kahi init --from FILE, or --from "COMMAND with its arguments"',
    )
  const document = isFile ? readProcfile(readText(first), first) : documentOf(given)
  return { text: writeDocument(document), diagnostics: [] }
}

/** A program for each command, with the name of its first word. Throws ConfigError. */
function documentOf(commands: readonly string[]): Document {
  const place = { file: COMMAND_LINE, line: 1, column: 1 }
  const counts = new Map<string, number>()
  const tables = commands.map((command): Table => {
    const split = splitCommand(command)
    if ('error' in split) throw failure(`${command}: ${split.error}`, 'quote it as in a shell')
    const [program] = split.words
    if (program === undefined) throw failure('--from needs a file or a command', 'kahi init --from "node server.js"')
    const plain =
      basename(program)
        .replaceAll(/[^\w.+-]/g, '_')
        .replace(/^all$/, 'main') || 'main'
    const count = (counts.get(plain) ?? 0) + 1
    counts.set(plain, count)
    const name = count === 1 ? plain : `${plain}-${count}`
    return { kind: 'programs', name, place, entries: [{ key: 'command', value: escapeAll(command), place }] }
  })
  return { file: COMMAND_LINE, here: '.', tables }
}

/** Whether a word is found in PATH. */
function isCommand(word: string): boolean {
  return (process.env.PATH ?? '').split(':').some((directory) => existsSync(join(directory, word)))
}

function failure(message: string, hint: string): ConfigError {
  return new ConfigError([{ severity: 'error', message, hint }])
}
