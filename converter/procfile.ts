// Reads a Procfile: a line for each program, `NAME: COMMAND`. The commands are those of a shell, as Heroku's runtime and
// foreman 0.88 run them.

import type { Document, Table } from '../config/keys/document.ts'
import { ConfigError, type Diagnostic } from '../config/model/diagnostic.ts'
import { escapeAll } from '../config/values/expand.ts'

const LINE = /^([A-Za-z0-9_-]+):(.+)$/
/** What only a shell understands; a command without it needs no shell. */
const SHELL = /[|&;<>()$`\\"'*?[\]#~=%{}!]/

/** A document with a program for each line. Throws ConfigError with all lines that are none. */
export function readProcfile(text: string, file: string): Document {
  const found: Diagnostic[] = []
  const tables: Table[] = []
  const names = new Set<string>()
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (/^\s*(?:#|$)/.test(line)) continue
    const place = { file, line: index + 1, column: 1 }
    const [, name = '', rest = ''] = LINE.exec(line.trim()) ?? []
    const command = rest.trim()
    const isDouble = names.has(name)
    names.add(name)
    if (command === '') found.push({ severity: 'error', message: 'This line is not NAME: COMMAND', place })
    else if (isDouble) found.push({ severity: 'error', message: `"${name}" is defined twice`, place })
    else tables.push({ kind: 'programs', name, place, entries: [{ key: 'command', value: commandOf(command), place }] })
  }
  if (tables.length === 0 && found.length === 0)
    found.push({
      severity: 'error',
      message: 'The file has no line NAME: COMMAND',
      place: { file, line: 1, column: 1 },
    })
  if (found.length > 0) throw new ConfigError(found)
  return { file, here: '.', tables }
}

function commandOf(command: string): string | readonly string[] {
  const words = command.split(/\s+/)
  if (!SHELL.test(command)) return words
  const isCompound = /[|&;<>()]|^\w+=/.test(command)
  return ['/bin/sh', '-c', escapeAll(isCompound ? command : `exec ${command}`)]
}
