// The proof of an export: what was written is read with a second reader of the format, and compared with the plan.

import { isDeepStrictEqual } from 'node:util'
import type { Diagnostic } from '../../../config/model/diagnostic.ts'
import { tableName } from '../../../config/keys/document.ts'
import { expectedOf } from './expected.ts'
import type { Plan } from './plan.ts'
import type { ReadUnit } from './target.ts'

const HINT = 'this is a mistake in kahi, please report it; --no-verify writes the files all the same'

/** An error for every value that was not read as it is in the plan. */
export function proveOutput(plan: Plan, found: ReadonlyMap<string, ReadUnit>): readonly Diagnostic[] {
  const missing = plan.units.filter(({ name }) => !found.has(name))
  return [
    ...missing.map(({ name, table }): Diagnostic => differs(`there is no ${name}`, table.place)),
    ...plan.units.flatMap((unit) => {
      const expected = expectedOf(unit)
      return Object.entries(found.get(unit.name) ?? {})
        .filter(([key, value]) => !isDeepStrictEqual(withoutEnds(value), withoutEnds(expected[key])))
        .map(([key, value]) =>
          differs(
            `"${key}" of ${unit.name} ([${tableName(unit.table)}]) is ${show(value)}, not ${show(expected[key])}`,
            unit.table.place,
          ),
        )
    }),
  ]
}

/** Newlines at the end of a word mean nothing: only scripts for `sh -c` have them. */
function withoutEnds(value: unknown): unknown {
  return Array.isArray(value) ? value.map((one: unknown) => (typeof one === 'string' ? one.trimEnd() : one)) : value
}

function differs(what: string, place: Diagnostic['place']): Diagnostic {
  return { severity: 'error', message: `Read back, the result differs: ${what}`, place, hint: HINT }
}

function show(value: unknown): string {
  return value === undefined || value === null ? 'absent' : JSON.stringify(value)
}
