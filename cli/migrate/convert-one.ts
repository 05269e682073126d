// Converts one configuration to the text that `kahi migrate` writes, with all findings.

import { statSync } from 'node:fs'
import { basename, dirname, resolve as resolvePath } from 'node:path'
import type { Machine } from '../../config/model/machine.ts'
import type { Config } from '../../config/settings/config.ts'
import { ConfigError, type Diagnostic, hasErrors } from '../../config/model/diagnostic.ts'
import { type Layout, layOut } from '../../config/toml/write.ts'
import type { Suggestion } from '../../converter/advice/advice.ts'
import { advise } from '../../converter/advice/find.ts'
import type { Conversion, Source, Written } from '../../converter/format.ts'
import { findExecutable } from '../../runtime/process/command.ts'
import { resolveSource } from '../load.ts'
import { VERSION } from '../version.ts'
import { verifyConversion } from './verify.ts'
import { verifyChanges } from './verify-changes.ts'

/** Options of a conversion. */
export interface ConvertOneOptions {
  /** The file that the TOML is written to; undefined for standard output. */
  readonly target: string | undefined
  /** Whether the TOML is read back and compared. */
  readonly verify: boolean
  /** Whether advice that is certain is followed. */
  readonly modernize: boolean
  /** Replaces the writer in tests, which check that an invalid TOML is found. */
  readonly write?: typeof layOut
}

/** A converted configuration. */
export interface Migrated {
  readonly conversion: Conversion
  /** The text, and the line of each entry in it. */
  readonly layout: Layout
  /** Entries that were changed after the conversion, with their replacements in the text. */
  readonly replacements: ReadonlyMap<Written, Written>
  readonly advice: readonly Suggestion[]
  /** All findings, including those of the conversion. */
  readonly diagnostics: readonly Diagnostic[]
  readonly isVerified: boolean
  /** Commands that are not on this machine. */
  readonly missing: readonly string[]
}

/** Converts. Throws ConfigError with all errors, also when the proof fails. */
export function convertOne(
  source: Source,
  given: Machine,
  { target, verify, modernize, write = layOut }: ConvertOneOptions,
): Migrated {
  const { path } = source
  const { machine, diagnostics: unset } = source.prepare?.(given) ?? { machine: given, diagnostics: [] }
  const beside = target !== undefined && dirname(resolvePath(target)) === dirname(resolvePath(path))
  const conversion = source.convert(machine, { absoluteHere: !beside })
  const { document, advice, replacements } = advise(conversion.document, modernize)
  const { config, diagnostics } = resolveSource(source, document, machine, { assumeImage: true })
  const header = [`Converted from ${basename(resolvePath(path)) || '/'} by kahi ${VERSION}.`]
  const layout = write({ ...document, header })
  if (verify) {
    const isChanged = document !== conversion.document
    const plain = isChanged ? write({ ...conversion.document, header }) : layout
    const proof = {
      document: source.convert(machine).document,
      witness: source.witness(machine),
      toml: plain.text,
      target: target ?? 'kahi.toml',
    }
    const differences = verifyConversion(proof, machine)
    const unnamed = isChanged ? verifyChanges({ ...proof, toml: layout.text, changed: document, advice }, machine) : []
    if (hasErrors([...differences, ...unnamed])) throw new ConfigError([...differences, ...unnamed])
  }
  const notes = source.note === undefined ? [] : [source.note]
  const found = [...notes, ...unset, ...conversion.diagnostics, ...diagnostics]
  const missing = missingCommands(config, machine)
  return { conversion, layout, replacements, advice, diagnostics: found, isVerified: verify, missing }
}

function missingCommands({ groups }: Pick<Config, 'groups'>, { environment }: Machine): readonly string[] {
  const absent = groups
    .flatMap(({ processes }) => processes)
    .filter((settings) => settings.argv?.[0] !== undefined && !findExecutable(settings, environment).ok)
  return [...new Set(absent.map(({ argv }) => argv?.[0] ?? ''))]
}

/**
 * Permissions for the TOML: users who may not read one of the sources may not read the TOML, because it may contain
 * passwords.
 */
export function permissionsOf(files: readonly string[]): number {
  return files.reduce((mode, file) => mode & (statSync(file, { throwIfNoEntry: false })?.mode ?? mode), 0o666)
}
