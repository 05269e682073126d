// Converts one configuration to the text that `kahi migrate` writes, with everything there is to say about it.

import { statSync } from 'node:fs'
import { basename, dirname, resolve as resolvePath } from 'node:path'
import type { Machine } from '../../config/config.ts'
import { ConfigError, type Diagnostic, hasErrors } from '../../config/diagnostic.ts'
import { resolveDocument } from '../../config/resolve.ts'
import { type Layout, layOut } from '../../config/write.ts'
import type { Suggestion } from '../../converter/advice/advice.ts'
import { advise } from '../../converter/advice/find.ts'
import { convert, witness } from '../../converter/convert.ts'
import type { Conversion, Written } from '../../converter/format.ts'
import { VERSION } from '../version.ts'
import type { Input } from './input.ts'
import { verifyConversion } from './verify.ts'
import { verifyChanges } from './verify-changes.ts'

/** Where the TOML goes and what is done before. */
export interface ConvertOneOptions {
  /** The file that it is written to; undefined for standard output. */
  readonly target: string | undefined
  /** Whether it is read back and compared. */
  readonly verify: boolean
  /** Whether advice that is certain is followed. */
  readonly modernize: boolean
  /** Stands in for the writer in tests, which must see that a broken TOML is found. */
  readonly write?: typeof layOut
}

/** A configuration, converted. */
export interface Migrated {
  readonly conversion: Conversion
  /** The text, and where everything went in it. */
  readonly layout: Layout
  /** What stands in the text for what was converted, where that was changed since. */
  readonly standIns: ReadonlyMap<Written, Written>
  readonly advice: readonly Suggestion[]
  /** All that was found, the conversion's own included. */
  readonly diagnostics: readonly Diagnostic[]
  readonly isVerified: boolean
}

/** Converts; throws ConfigError with all errors, also when the proof fails. */
export function convertOne(
  input: Input,
  machine: Machine,
  { target, verify, modernize, write = layOut }: ConvertOneOptions,
): Migrated {
  const { path, text, format, sources = [], bases = [], inline = false, translate = false, at } = input
  const given = { text, format, sources, bases, inline, translate, at }
  const beside = target !== undefined && dirname(resolvePath(target)) === dirname(resolvePath(path))
  const conversion = convert(path, machine, { ...given, absoluteHere: !beside })
  const { document, advice, standIns } = advise(conversion.document, modernize)
  const { diagnostics } = resolveDocument(document, machine, { assumeImage: true })
  const header = [`Converted from ${basename(path)} by kahi ${VERSION}.`]
  const layout = write({ ...document, header })
  if (verify) {
    const isChanged = document !== conversion.document
    const plain = isChanged ? write({ ...conversion.document, header }) : layout
    const proof = {
      document: convert(path, machine, given).document,
      witness: witness(path, machine, given),
      toml: plain.text,
      target: target ?? 'kahi.toml',
    }
    const differences = verifyConversion(proof, machine)
    const unnamed = isChanged ? verifyChanges({ ...proof, toml: layout.text, changed: document, advice }, machine) : []
    if (hasErrors([...differences, ...unnamed])) throw new ConfigError([...differences, ...unnamed])
  }
  const notes = input.note === undefined ? [] : [input.note]
  const found = [...notes, ...conversion.diagnostics, ...diagnostics]
  return { conversion, layout, standIns, advice, diagnostics: found, isVerified: verify }
}

/** Who may not read one of the sources may not read the TOML either: there may be passwords in it. */
export function permissionsOf(files: readonly string[]): number {
  return files.reduce((mode, file) => mode & (statSync(file, { throwIfNoEntry: false })?.mode ?? mode), 0o666)
}
