// Runs functions of Python's standard library, which supervisord uses, on some inputs.

import { spawnSync } from 'node:child_process'

const PYTHON = '/usr/bin/python3'

/** Whether Debian's Python is here. */
export const hasPython = spawnSync(PYTHON, ['-c', '']).status === 0

/** Runs `ask(item)` of the given Python source over all inputs; each answer is what it returns, or `{"error": …}` for a ValueError. */
export function askPython<T>(source: string, inputs: readonly unknown[]): T[] {
  const program = `import json, sys
${source}
def safe(item):
    try:
        return ask(item)
    except Exception as error:
        return {"error": str(error)}
print(json.dumps([safe(item) for item in json.load(sys.stdin)]))`
  const result = spawnSync(PYTHON, ['-c', program], {
    input: JSON.stringify(inputs),
    maxBuffer: 1 << 28,
    encoding: 'utf8',
  })
  if (result.status !== 0) throw new Error(result.stderr)
  return JSON.parse(result.stdout) as T[]
}
