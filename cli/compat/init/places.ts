// Files that the scripts of an image expect in /run: the commands that end the container, and the directory of the
// command. Files of an earlier start of the same container are removed. Source: s6-overlay 3.2.3.2, preinit and stage0;
// s6-linux-init 1.2, basedir.

import { accessSync, constants, existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { LEGACY_FOLDERS } from '../../../converter/s6-overlay/image.ts'
import { type Generation, PLACES } from '../../../converter/s6-rc/overlay-places.ts'
import { layHaltCommands } from '../../../runtime/daemon/halt-commands.ts'
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
    writeFileSync(join(run, 's6/workdir'), `${directory}\n`)
    const trouble = layHaltCommands(PLACES[generation].halt_directory, signals)
    if (trouble !== undefined) troubles.push(trouble)
    if (generation === 3) layOut3()
    else layOut2()
  })
  return troubles
}

/** What scripts name in version 3. The database and the state of s6-rc are kahi's own and cannot be read there. */
function layOut3(): void {
  for (const directory of ['/run/s6/db', '/run/s6/legacy-services', '/run/s6-rc/servicedirs'])
    mkdirSync(directory, { recursive: true, mode: 0o755 })
  symlinkSync('/run/s6/db', '/run/s6-rc/compiled')
  symlinkSync('/run/service', '/run/s6-rc/scandir')
  for (const file of ['lock', 'prefix']) writeFileSync(join('/run/s6-rc', file), '')
}

/** Versions 1 and 2 run the files of /etc from there. Source: s6-overlay v1.21 and v2.2, init-stage2. */
function layOut2(): void {
  const profile = process.env.S6_RUNTIME_PROFILE ?? ''
  const etc = profile === '' ? '/etc' : `/etc/cont-profile.d/${profile}`
  mkdirSync('/var/run/s6/etc', { recursive: true, mode: 0o755 })
  for (const name of LEGACY_FOLDERS.filter((one) => existsSync(join(etc, one))))
    symlinkSync(join(etc, name), join('/var/run/s6/etc', name))
}
