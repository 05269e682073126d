// The corpus of real supervisord files as inputs of the conversion. A main file includes each fragment, and the variables that
// a file names get values.

import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { CORPUS, hasOracle } from './oracle.ts'

const ENVIRONMENT = { HOME: '/root', PATH: '/bin:/usr/bin' }

/** One file of the corpus. */
export interface CorpusCase {
  readonly name: string
  readonly file: string
  readonly environment: Readonly<Record<string, string>>
}

/** All files of the corpus; none if the corpus is missing. */
export function corpusCases(): CorpusCase[] {
  if (!hasOracle) return []
  const root = mkdtempSync(join(tmpdir(), 'kahi-corpus-'))
  const rows = readFileSync(join(CORPUS, 'index.tsv'), 'utf8')
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split('\t'))
  return rows.map(([name = '', , , , role]) => {
    const text = readFileSync(join(CORPUS, name), 'latin1')
    const variables = [...text.matchAll(/%\(ENV_(\w+)\)/g)].map((match) => match[1] ?? '')
    const values = Object.fromEntries(variables.map((variable) => [variable, `8${variable.length}`]))
    const environment = { ...values, ...ENVIRONMENT }
    if (role !== 'fragment') return { name, file: join(CORPUS, name), environment }
    const folder = join(root, basename(name, '.conf'))
    mkdirSync(join(folder, 'conf.d'), { recursive: true })
    writeFileSync(join(folder, 'conf.d', name), text, 'latin1')
    writeFileSync(join(folder, 'supervisord.conf'), '[supervisord]\n[include]\nfiles = conf.d/*.conf\n')
    return { name, file: join(folder, 'supervisord.conf'), environment }
  })
}
