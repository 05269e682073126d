// Checks every conversion. Either the conversion refuses the input with diagnostics, or it gives a TOML for which the
// verification finds the same meaning, and a second conversion gives the same text.

import type { Machine } from '../config/model/machine.ts'
import { ConfigError } from '../config/model/diagnostic.ts'
import { convertOne } from '../cli/migrate/convert-one.ts'
import { identify } from '../converter/identify.ts'
import { HINT } from '../cli/migrate/verify.ts'
import type { Verdict } from './target.ts'

/** Converts the input at `path` as `kahi migrate -o` does. Throws when the result shows a bug of kahi. */
export function checkConversion(path: string, machine: Machine, format?: string): Verdict {
  const convertHere = (): string => {
    const options = { target: `${path}.toml`, verify: true, modernize: false }
    return convertOne(identify(path, { format }), machine, options).layout.text
  }
  try {
    const text = convertHere()
    if (convertHere() !== text) throw new Error('converted twice, the text is not the same')
    return 'accepted'
  } catch (error) {
    return refusal(error)
  }
}

/** Throws the error again unless it is a diagnostic of kahi. */
export function refusal(error: unknown): Verdict {
  if (!(error instanceof ConfigError)) throw error
  const own = error.diagnostics.find(({ hint }) => hint === HINT)
  if (own !== undefined) throw new Error(`a mistake in kahi: ${own.message}`)
  if (error.diagnostics.length === 0) throw new Error('refused without a word')
  return 'refused'
}
