// How the real supervisord reads a configuration, with the dump tool beside the checkout. Not every machine has this tool.

import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

/** Oracles, corpora and references for development, beside the checkout. */
export const SHARED = join(import.meta.dirname, '../../../shared')
const PROGRAM = join(SHARED, 'oracle/supervisord/supervisord-oracle.py')

/** Real configurations for development. */
export const CORPUS = join(SHARED, 'corpus/supervisord')

/** Whether this machine has the dump tool, the corpus and Debian's supervisor package. */
export const hasOracle = existsSync(PROGRAM) && existsSync('/usr/lib/python3/dist-packages/supervisor')

/** The reason for skipping tests that need them. */
export const ORACLE_NEEDED = 'skipped without the shared oracle and Debian’s supervisor package'

/** Runs the dump tool for all files: its modules are loaded once, and each file is read in a separate process. */
const BATCH = `
import importlib.util, io, json, os, sys
spec = importlib.util.spec_from_file_location('oracle', sys.argv[1])
oracle = importlib.util.module_from_spec(spec)
spec.loader.exec_module(oracle)
import supervisor.options, supervisor.dispatchers, supervisor.rpcinterface
arguments, files = json.load(sys.stdin)
answers = []
for file in files:
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        sys.argv = ['oracle', *arguments, file]
        sys.stdout = io.StringIO()
        oracle.main()
        with os.fdopen(writing, 'w') as pipe: pipe.write(sys.stdout.getvalue())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe: answers.append(json.loads(pipe.read()))
    os.waitpid(child, 0)
print(json.dumps(answers))
`

/**
 * The programs that the real supervisord would run for each file, or `{"error": …}`. One file takes some milliseconds.
 * Missing users, directories and imports are accepted.
 */
export function askOracleOfAll(
  files: readonly string[],
  cwd: string,
  environment: Readonly<Record<string, string>>,
): Record<string, unknown>[] {
  const variables = Object.entries(environment).flatMap(([key, value]) => ['--env', `${key}=${value}`])
  const input = JSON.stringify([['--stub', '--stub-imports', '--compact', '--clean-env', ...variables], files])
  const options = { cwd, input, encoding: 'utf8', maxBuffer: 1 << 28 } as const
  const { status, stdout, stderr } = spawnSync('/usr/bin/python3', ['-c', BATCH, PROGRAM], options)
  if (status !== 0) throw new Error(stderr)
  return JSON.parse(stdout) as Record<string, unknown>[]
}
