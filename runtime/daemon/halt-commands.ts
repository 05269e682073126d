// The commands halt, poweroff and reboot (`halt_directory`). Scripts of services call them to end the container. They signal the
// daemon process, so each one lays them anew. Source: s6-linux-init 1.2, basedir and the shutdown daemon.

import { join } from 'node:path'
import { errnoCode } from '../system/files.ts'
import { replaceGuarded } from '../system/guarded.ts'
import { makeDirectoriesGuarded } from '../system/guarded-trees.ts'
import type { Part } from './part.ts'
import type { SignalTable } from './signals.ts'

/** What they send where each signal ends an init in its own way. Without such a table every daemon ends with SIGTERM. */
const SIGNALS = { halt: 'TERM', poweroff: 'USR1', reboot: 'INT' } as const

/** Lays the commands. */
export const haltCommands: Part = {
  name: 'halt commands',
  open: ({ config, log, options }) => {
    const { halt_directory: directory } = config.supervisor
    const trouble = directory === undefined ? undefined : layHaltCommands(directory, options.signals)
    if (trouble !== undefined) log.log('warn', trouble)
  },
}

/** Writes them for this process. Gives why that is not possible, undefined when it was. */
export function layHaltCommands(directory: string, table: SignalTable | undefined): string | undefined {
  try {
    makeDirectoriesGuarded(directory)
    for (const [name, signal] of Object.entries(SIGNALS)) {
      const [file, next] = [join(directory, name), join(directory, `.${name}.new`)]
      const sent = table === undefined ? 'TERM' : signal
      const script = `#!/bin/sh\n# Asks kahi for the end.\nkill -s ${sent} ${process.pid}\n`
      replaceGuarded(file, script, 0o755, next)
    }
    return undefined
  } catch (error) {
    return `cannot write the commands halt, poweroff and reboot into ${directory}: ${errnoCode(error)}`
  }
}
