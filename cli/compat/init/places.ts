// What scripts of an image expect in /run: the commands that end the container, the directory of the command. What an
// earlier start of the same container left there is removed.
// Source: s6-overlay 3.2.3.2, preinit and stage0; s6-linux-init 1.2, basedir.

import { accessSync, constants, existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Generation } from '../../../converter/s6-overlay/image.ts'
import { errnoCode } from '../../../runtime/system/files.ts'

/** What they send to kahi. Source: s6-linux-init 1.2, halt, poweroff and reboot, by way of the shutdown daemon. */
const COMMANDS: Readonly<Record<string, string>> = { halt: 'TERM', poweroff: 'USR1', reboot: 'INT' }
const NEEDED_PATHS = ['/bin', '/usr/bin', '/command']

/** PATH with the three directories that are always in it. Source: s6-overlay 3.2.3.2, init. */
export function completePath(path = ''): string {
  const given = path.split(':').filter((one) => one !== '')
  return NEEDED_PATHS.reduce((list, one) => (list.includes(one) ? list : [one, ...list]), given).join(':')
}

/** Makes a directory; whether something can be made in it then. */
export function makeDirectory(path: string): boolean {
  try {
    mkdirSync(path, { recursive: true })
    accessSync(path, constants.W_OK)
    return true
  } catch {
    return false
  }
}

/** Makes the places; `directory` is where the command will run. Gives what could not be done. */
export function preparePlaces(generation: Generation, directory: string): readonly string[] {
  const run = generation === 3 ? '/run' : '/var/run'
  const troubles: string[] = []
  const attempt = (what: string, act: () => void): void => {
    try {
      act()
    } catch (error) {
      troubles.push(`cannot ${what}: ${errnoCode(error)}`)
    }
  }
  if (generation === 3 && !existsSync('/var/run'))
    attempt('link /var/run to /run', () => symlinkSync('/run', '/var/run'))
  attempt(`clear ${run}`, () => {
    mkdirSync(run, { recursive: true })
    const old = readdirSync(run).filter((name) => /^(?:s6|service|s6-rc.*|s6-linux-init-container-results)$/.test(name))
    for (const name of old) rmSync(join(run, name), { recursive: true, force: true })
  })
  attempt(`write into ${run}/s6`, () => {
    mkdirSync(join(run, 's6/basedir/bin'), { recursive: true, mode: 0o755 })
    writeFileSync(join(run, 's6/workdir'), `${directory}\n`)
    for (const [name, signal] of Object.entries(COMMANDS)) {
      const script = `#!/bin/sh\n# Ends the container; kahi hears the signal.\nkill -s ${signal} ${process.pid}\n`
      writeFileSync(join(run, 's6/basedir/bin', name), script, { mode: 0o755 })
    }
  })
  return troubles
}
