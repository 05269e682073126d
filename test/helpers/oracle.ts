// The real supervisord's view of a configuration, through the dump tool that lies beside the checkout, where it is there.

import { spawn, spawnSync } from 'node:child_process'
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

/** Runs the dump tool once for each file: its modules are loaded once, and each file has a process of its own. */
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

/** As askOracle(), for many files: some milliseconds each. */
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
