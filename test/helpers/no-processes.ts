// Runs before each file of the fast tier: every function that starts a process throws there.

import childProcess from 'node:child_process'
import { syncBuiltinESMExports } from 'node:module'

for (const name of ['spawn', 'spawnSync', 'exec', 'execSync', 'execFile', 'execFileSync', 'fork'])
  Object.defineProperty(childProcess, name, {
    value: () => {
      throw new Error(`${name}: the fast tier starts no process; the test belongs into a folder of another tier`)
    },
  })
syncBuiltinESMExports()
