// The real supervisord's view of a configuration, through the dump tool that lies beside the checkout, where it is there.

import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

/** Oracles, corpora and references for development, beside the checkout. */
export const SHARED = join(import.meta.dirname, '../../../shared')
const PROGRAM = join(SHARED, 'oracle/supervisord/supervisord-oracle.py')

/** Real configurations for development. */
export const CORPUS = join(SHARED, 'corpus/supervisord')

/** Whether the dump tool, the corpus and Debian's supervisor package are here. */
export const hasOracle = existsSync(PROGRAM) && existsSync('/usr/lib/python3/dist-packages/supervisor')

/** Why tests that need them are skipped. */
export const ORACLE_NEEDED = 'skipped without the shared oracle and Debian’s supervisor package'

/** What real supervisord would run, or `{"error": …}`. Missing users, directories and imports are accepted. */
export function askOracle(
  file: string,
  cwd: string,
  environment: Readonly<Record<string, string>>,
): Promise<Record<string, unknown>> {
  const variables = Object.entries(environment).flatMap(([key, value]) => ['--env', `${key}=${value}`])
  const child = spawn(PROGRAM, ['--stub', '--stub-imports', '--compact', '--clean-env', ...variables, file], {
    cwd,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const chunks: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', () => resolve(JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>))
  })
}
