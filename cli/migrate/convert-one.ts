// Converts one configuration to the text that `kahi migrate` writes, with everything there is to say about it.

import { statSync } from 'node:fs'
import { basename, dirname, resolve as resolvePath } from 'node:path'
import type { Machine } from '../../config/config.ts'
import { ConfigError, type Diagnostic, hasErrors } from '../../config/diagnostic.ts'
import { resolveDocument } from '../../config/resolve.ts'
import { type Layout, layOut } from '../../config/write.ts'
import { convert } from '../../converter/convert.ts'
import type { Conversion } from '../../converter/format.ts'
import { readSource } from '../../converter/supervisord/include.ts'
import { VERSION } from '../version.ts'
import type { Input } from './input.ts'
import { verifyConversion } from './verify.ts'

/** Where the TOML goes and what is done before. */
export interface ConvertOneOptions {
  /** The file that it is written to; undefined for standard output. */
  readonly target: string | undefined
  /** Whether it is read back and compared. */
  readonly verify: boolean
  /** Stands in for the writer in tests, which must see that a broken TOML is found. */
  readonly write?: typeof layOut
}

/** A configuration, converted. */
export interface Migrated {
  readonly conversion: Conversion
  /** The text, and where everything went in it. */
  readonly layout: Layout
  /** All that was found, the conversion's own included. */
  readonly diagnostics: readonly Diagnostic[]
  readonly isVerified: boolean
}

/** Converts; throws ConfigError with all errors, also when the proof fails. */
export function convertOne(
  input: Input,
  machine: Machine,
  { target, verify, write = layOut }: ConvertOneOptions,
): Migrated {
  const { path, text } = input
  const beside = target !== undefined && dirname(resolvePath(target)) === dirname(resolvePath(path))
  const conversion = convert(path, machine, { absoluteHere: !beside, text })
  const { diagnostics } = resolveDocument(conversion.document, machine, { assumeImage: true })
  const layout = write({
    ...conversion.document,
    header: [`Converted from ${basename(path)} by kahi ${VERSION}.`],
  })
  if (verify) {
    const { document } = convert(path, machine, { text })
    const proof = {
      document,
      source: readSource(path, machine, text),
      toml: layout.text,
      target: target ?? 'kahi.toml',
    }
    const differences = verifyConversion(proof, machine)
    if (hasErrors(differences)) throw new ConfigError(differences)
  }
  const notes = input.note === undefined ? [] : [input.note]
  return { conversion, layout, diagnostics: [...notes, ...conversion.diagnostics, ...diagnostics], isVerified: verify }
}

/** Who may not read one of the sources may not read the TOML either: there may be passwords in it. */
export function permissionsOf(files: readonly string[]): number {
  return files.reduce((mode, file) => mode & (statSync(file, { throwIfNoEntry: false })?.mode ?? mode), 0o666)
}
