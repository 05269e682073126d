// Files that the scripts of an image expect in /run: the commands that end the container, and the directory of the
// command. Files of an earlier start of the same container are removed. Source: s6-overlay 3.2.3.2, preinit and stage0;
// s6-linux-init 1.2, basedir.

import { accessSync, constants, existsSync, mkdirSync, readdirSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { type Generation, PLACES } from '../../../converter/s6-rc/overlay-places.ts'
import { layHaltCommands } from '../../../runtime/daemon/halt-commands.ts'
import { layRun } from '../../../runtime/daemon/run-layout.ts'
import type { SignalTable } from '../../../runtime/daemon/signals.ts'
import { errnoCode } from '../../../runtime/system/files.ts'
import { thisMachine } from '../../../runtime/system/users.ts'

const NEEDED_PATHS = ['/bin', '/usr/bin', '/command']

/** PATH with the three directories that it always contains. Source: s6-overlay 3.2.3.2, init. */
export function completePath(path = ''): string {
  const given = path.split(':').filter((one) => one !== '')
  return NEEDED_PATHS.reduce((list, one) => (list.includes(one) ? list : [one, ...list]), given).join(':')
}

/** Makes a directory. Gives whether files can be made in it. */
export function makeDirectory(path: string): boolean {
  try {
    mkdirSync(path, { recursive: true })
    accessSync(path, constants.W_OK)
    return true
  } catch {
    return false
  }
}

/** Why no files can be kept in /run, and what the user can do; undefined when they can. */
export function refusalOfRun(generation: Generation): string | undefined {
  const run = runOf(generation)
  const { uid } = thisMachine()
  if (uid === 0 || makeDirectory(run)) return undefined
  return (
    `user ${uid} may not write into ${run}: there is no ${run}/s6 (container_environment, exit code, halt) and no scan directory,` +
    ` and programs inherit all variables; start the container with --tmpfs ${run}:exec,uid=${uid}, or as root`
  )
}

function runOf(generation: Generation): string {
  return generation === 3 ? '/run' : '/var/run'
}

/** Makes the files and directories; `directory` is where the command will run. Gives error texts. */
export function preparePlaces(generation: Generation, directory: string, signals: SignalTable): readonly string[] {
  const run = runOf(generation)
  const layout = generation === 3 ? 's6-overlay' : 's6-overlay-2'
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
    mkdirSync(join(run, 's6'), { recursive: true, mode: 0o755 })
    const trouble = layHaltCommands(PLACES[generation].halt_directory, signals)
    if (trouble !== undefined) troubles.push(trouble)
    const { scan_directory: scan } = PLACES[generation]
    const unlaid = layRun(layout, { scan, workdir: directory, profile: process.env.S6_RUNTIME_PROFILE })
    if (unlaid !== undefined) troubles.push(unlaid)
  })
  return troubles
}
