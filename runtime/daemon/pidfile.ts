// The pidfile. When it cannot be written, the daemon runs without it. Source: supervisor 4.2.5,
// ServerOptions.write_pidfile.

import { writePidfile } from '../system/pidfile.ts'
import type { Part } from './part.ts'

/** Writes the pidfile, and removes it unless another daemon process follows. */
export const pidfile: Part = {
  name: 'pidfile',
  open: ({ config, succession, log }) => {
    const path = config.supervisor.pidfile
    if (path === undefined) return {}
    const { error, remove } = writePidfile(path, succession.pid)
    if (error !== undefined) log.log('critical', `could not write pidfile ${path}: ${error}`)
    return { close: () => succession.leavesAll || remove() }
  },
}
