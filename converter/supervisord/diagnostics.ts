// Diagnostics about sections and keys of supervisord.conf.

import type { Diagnostic } from '../../config/model/diagnostic.ts'
import { supervisordName } from '../../config/keys/key.ts'
import { splitCommand } from '../../config/values/command.ts'
import { nearest } from '../../config/values/nearest.ts'
import { quote } from '../../config/values/values.ts'
import { findShellSign } from '../shell-signs.ts'
import type { SectionMapping } from './mapping.ts'
import type { IniEntry, IniSection } from './read-ini.ts'

/**
 * A file without [supervisord]: an error where supervisord would have to run it, or where it contains nothing known.
 */
export function describeFragment(file: string, isError: boolean): Diagnostic {
  const place = { file, line: 1, column: 1 }
  if (isError) {
    const hint = 'is it a file for the [include] of another one?'
    return { severity: 'error', message: 'There is no [supervisord] section', place, hint }
  }
  const message = 'This is a fragment: it has no [supervisord] section, so supervisord alone would refuse it'
  return { severity: 'note', message, place, hint: 'convert the main file that includes it to get everything' }
}

/** A key that has no effect in its section. */
export function describeIgnored(section: string, { keys }: SectionMapping, { key, place }: IniEntry): Diagnostic {
  const names = Object.entries(keys).flatMap(([name, row]) => supervisordName(name, row) ?? [])
  const close = nearest(key, names)
  const message = `"${key}" in [${section}] is a key that supervisord ignores`
  return { severity: 'warning', message, place, hint: close === undefined ? undefined : `was "${close}" meant?` }
}

/** Shell operators in a command that runs without a shell. */
export function describeShellSigns({ place, remark }: IniEntry, command: string): readonly Diagnostic[] {
  const split = splitCommand(command)
  const sign = 'words' in split ? findShellSign(split.words) : undefined
  if (sign === undefined) return []
  const cut = remark === undefined ? '' : `; what follows " ;" is a comment`
  const message = `no shell runs this command: ${quote(sign)} and what follows are arguments of the program${cut}`
  return [{ severity: 'warning', message, place, hint: "if a shell was meant: sh -c '…'" }]
}

/** A section without a name: supervisord runs its program, but no client can name it. */
export function describeNameless({ name, place }: IniSection): Diagnostic {
  const message = `[${name}] has no name after the colon, and kahi runs nothing without one`
  return { severity: 'error', message, place, hint: `write [${name}NAME]` }
}
