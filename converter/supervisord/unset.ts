// Variables of a file that are not set here. A conversion needs no values: `%(ENV_X)s` stays in the TOML. Each variable
// is reported once and gets a value with which most keys can be read; `--env-file` gives other values.

import type { Machine } from '../../config/model/machine.ts'
import type { Diagnostic } from '../../config/model/diagnostic.ts'
import { ValueError } from '../../config/values/values.ts'
import { namesIn } from '../../config/values/expand.ts'
import { readText } from '../../config/values/read-text.ts'
import { readSource } from './include.ts'

/** A value that is valid as a number, a flag, a user and a path. */
const ANY_VALUE = '1'

/** A machine with values for all variables of the file, and a note for each that is not set. */
export function prepareMachine(
  path: string,
  text: string | undefined,
  machine: Machine,
  envFile: string | undefined,
): { readonly machine: Machine; readonly diagnostics: readonly Diagnostic[] } {
  const given = { ...machine.environment, ...(envFile === undefined ? {} : readEnvFile(envFile, machine)) }
  const { sections } = readSource(path, { ...machine, environment: given }, text)
  const entries = sections.filter(({ name }) => name !== 'include').flatMap((section) => [...section.entries.values()])
  const unset = new Map<string, Diagnostic>()
  for (const { value, place } of entries) {
    for (const name of namesOf(value)) {
      if (given[name] !== undefined || unset.has(name)) continue
      const message = `The variable ${name} is not set here: the TOML names it, and it must be set where kahi runs`
      unset.set(name, { severity: 'note', message, place, hint: '--env-file FILE gives values to check with' })
    }
  }
  const environment = { ...given, ...Object.fromEntries([...unset.keys()].map((name) => [name, ANY_VALUE])) }
  return { machine: { ...machine, environment }, diagnostics: [...unset.values()] }
}

function namesOf(value: string): readonly string[] {
  try {
    return namesIn(value).flatMap((name) => (name.startsWith('ENV_') ? [name.slice('ENV_'.length)] : []))
  } catch (error) {
    if (error instanceof ValueError) return []
    throw error
  }
}

/** Reads lines `NAME=value` as `docker run --env-file` does: no quotes; `#` begins a comment line. */
function readEnvFile(file: string, machine: Machine): Readonly<Record<string, string>> {
  const lines = readText(file)
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '' && !line.trimStart().startsWith('#'))
  return Object.fromEntries(
    lines.map((line) => {
      const at = line.indexOf('=')
      return at < 0
        ? [line.trim(), machine.environment[line.trim()] ?? '']
        : [line.slice(0, at).trim(), line.slice(at + 1)]
    }),
  )
}
