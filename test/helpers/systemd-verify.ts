// Runs systemd-analyze verify on written units, in a separate root that has files for their programs.

import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { readWords } from '../../converter/export/systemd/read-words.ts'

/** The reason why this machine cannot use systemd-analyze; undefined when it can. */
export const noVerify =
  spawnSync('systemd-analyze', ['--version']).error === undefined ? undefined : 'systemd-analyze is not installed'

/** Targets that systemd adds to the order of all units. */
const TARGETS = ['sysinit', 'basic', 'shutdown', 'sockets', 'multi-user', 'paths', 'timers', 'slices']
/** The source code requires this user. */
const SPECIAL_USER = /^.*: Special user nobody configured, this is not safe!\n/gm
const SEARCHED = '/usr/bin'

/** Makes a root complete; `root` has etc/systemd/system. */
export function completeRoot(root: string): readonly string[] {
  const folder = join(root, 'etc/systemd/system')
  for (const name of TARGETS) writeFileSync(join(folder, `${name}.target`), '[Unit]\nDescription=x\n')
  // Drop-ins are read with their units.
  const written = readdirSync(folder).filter((name) => !name.endsWith('.d'))
  const units = written.filter((name) => !TARGETS.includes(name.replace(/\.target$/, '')))
  for (const name of units) {
    for (const [, value = ''] of readFileSync(join(folder, name), 'utf8').matchAll(/^Exec\w+=(.*)$/gm)) {
      const [program = ''] = readWords(value)
      const path = join(root, program.includes('/') ? program : join(SEARCHED, program))
      for (const up of program.matchAll(/\/\.\.(?=\/)/g))
        mkdirSync(join(root, program.slice(0, up.index)), { recursive: true })
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, '', { mode: 0o755 })
    }
  }
  return units
}

/** The findings of systemd-analyze; empty when there are none. */
export function verifyUnits(root: string): string {
  const units = completeRoot(root)
  const options = [`--root=${root}`, '--man=no', '--generators=no', 'verify', ...units]
  const { stdout, stderr } = spawnSync('systemd-analyze', options, { encoding: 'utf8' })
  return `${stdout}${stderr}`.replaceAll(SPECIAL_USER, '')
}
