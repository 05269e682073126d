// A service of a Compose file, and how its values are read.

import type { Place } from '../../config/model/diagnostic.ts'
import { splitCommand } from '../../config/values/command.ts'

/** A service as it is written. */
export interface Service {
  readonly name: string
  readonly values: Readonly<Record<string, unknown>>
  readonly place: Place
}

/** Whether a value is a table. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The texts of a list, the words of a text; nothing for any other value, and for a text with an open quote. */
export function list(value: unknown): readonly string[] {
  if (typeof value === 'string') {
    const split = splitCommand(value)
    return 'words' in split ? split.words : []
  }
  return Array.isArray(value) ? value.filter((word) => !isRecord(word) && word !== null).map(String) : []
}

/**
 * A text with the variables of Compose in kahi's form: `$X` and `${X}` may be unset, `${X:?}` may not, and `%` is itself. A default
 * with another variable in it stays as it is, so that `kahi check` reports it.
 * Source: Compose specification, 12-interpolation.
 */
export function interpolated(text: string): string {
  return text
    .replaceAll('%', '%%')
    .replaceAll(/\$\$|\$([A-Za-z_]\w*)|\$\{([A-Za-z_]\w*)(?:(:?[-?+])([^}$]*))?\}/g, (all, plain, name, sign, rest) => {
      if (all === '$$') return '$$'
      if (plain !== undefined) return `\${${plain}:-}`
      if (sign === undefined) return `\${${name}:-}`
      return String(sign).endsWith('?') ? `\${${name}}` : `\${${name}:-${String(sign).endsWith('-') ? rest : ''}}`
    })
}
