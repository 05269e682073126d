// kahi.toml as a format: it is only read, nothing is converted.

import type { Machine } from '../../config/model/machine.ts'
import type { Diagnostic } from '../../config/model/diagnostic.ts'
import { tableRows } from '../../config/keys/tables.ts'
import { readDocument } from '../../config/toml/read.ts'
import { readText } from '../../config/values/read-text.ts'
import { isFile } from '../folders.ts'
import { type Asked, type Conversion, type Format, isNamedAs, type Source } from '../format.ts'

/** kahi's own format. */
export const kahiFormat: Format = {
  name: 'kahi',
  title: 'a kahi.toml',
  isNative: true,
  endings: ['.toml'],
  options: {},
  takesSources: false,
  detect: detectKahi,
  meets: () => false,
}

/** Accepts a file whose name ends in `.toml`, or whose first table is one of kahi's. */
export function detectKahi(path: string, { format, text }: Asked): Source | undefined {
  const isNamed = format !== undefined || isNamedAs(kahiFormat, path)
  if (!isNamed && !looksLikeKahi(text ?? readPlain(path))) return undefined
  return { format: kahiFormat.name, path, convert: (machine) => read(path, text, machine), witness: () => NOTHING }
}

const NOTHING = { texts: [], expect: () => [] }

function read(path: string, text: string | undefined, machine: Machine): Conversion {
  const diagnostics: Diagnostic[] = []
  const document = readDocument(text ?? readText(path), path, machine, diagnostics)
  return { document, diagnostics, ledger: [], lines: [], files: [path], isFragment: false }
}

const FIRST_TABLE = /^[ \t]*\[\[?[ \t]*([a-z_]+)[ \t]*(?:\.|\])/m

function looksLikeKahi(text: string): boolean {
  const first = FIRST_TABLE.exec(text)?.[1]
  return tableRows.some(({ kind }) => kind.split('.')[0] === first)
}

/** The text of a file; empty when it is no regular file. */
function readPlain(path: string): string {
  return isFile(path) ? readText(path) : ''
}
