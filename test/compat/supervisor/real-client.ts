// Runs the real supervisorctl for several commands: Python and its modules are loaded once, and each command has a separate
// process.

import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

const PROGRAM = `
import json, os, sys, tempfile
from supervisor import supervisorctl
for line in sys.stdin:
    output = tempfile.TemporaryFile()
    child = os.fork()
    if child == 0:
        os.dup2(output.fileno(), 1)
        os.dup2(output.fileno(), 2)
        sys.stdin = open(os.devnull)
        sys.argv = ['/usr/bin/supervisorctl', *json.loads(line)]
        code = 0
        try: supervisorctl.main()
        except SystemExit as end: code = end.code or 0
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    status = os.waitpid(child, 0)[1]
    output.seek(0)
    print(json.dumps([output.read().decode(), os.waitstatus_to_exitcode(status)]), flush=True)
`

/** Runs supervisorctl with these arguments; gives what it printed on both streams, and its exit code. */
export type RunClient = (args: readonly string[]) => Promise<readonly [string, number | undefined]>

/** The way to run it, and what ends that. */
export function openRealClient(): { readonly run: RunClient; close(): void } {
  const python = spawn('/usr/bin/python3', ['-c', PROGRAM], { stdio: ['pipe', 'pipe', 'inherit'] })
  const answers = createInterface({ input: python.stdout })[Symbol.asyncIterator]()
  const run: RunClient = async (args) => {
    python.stdin.write(`${JSON.stringify(args)}\n`)
    return JSON.parse(String((await answers.next()).value)) as [string, number]
  }
  return { run, close: () => python.stdin.end() }
}
