// Converts the configurations that a Dockerfile copies into its image, to say whether they can be converted.

import { posix } from 'node:path'
import { ConfigError, type Diagnostic, hasErrors } from '../../config/model/diagnostic.ts'
import type { Machine } from '../../config/model/machine.ts'
import type { Input } from '../../converter/dockerfile/read-files.ts'
import { identify } from '../../converter/identify.ts'
import { convertOne } from './convert-one.ts'
import { describeTables } from './summary.ts'

/** What became of a configuration. */
export interface InputReport {
  /** Its path in the image. */
  readonly path: string
  /** The file in the build context; null for a heredoc. */
  readonly source: string | null
  readonly format: string
  /** What is in it: `2 programs and 0 groups`; null when it cannot be converted. */
  readonly contents: string | null
  readonly diagnostics: readonly Diagnostic[]
}

/** Converts a configuration and writes nothing. */
export function checkInput({ path, source, text, format }: Input, machine: Machine): InputReport {
  const base = { path, source: source ?? null, format }
  try {
    const options = format === 's6-overlay' || format === 's6-rc' ? { at: path } : {}
    const found = identify(source ?? posix.basename(path), { format, text, options })
    const { conversion, diagnostics } = convertOne(found, machine, {
      target: undefined,
      verify: false,
      modernize: false,
    })
    return {
      ...base,
      contents: describeTables(conversion.document),
      diagnostics: diagnostics.filter(({ severity }) => severity !== 'note'),
    }
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return { ...base, contents: null, diagnostics: error.diagnostics }
  }
}

/** Whether it can be converted. */
export function isConvertible({ contents, diagnostics }: InputReport): boolean {
  return contents !== null && !hasErrors(diagnostics)
}
