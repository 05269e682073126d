// Checks a value against its shape. Each error names the place of the value: `body.targets[0]: …`.

import * as v from 'valibot'
import { ControlError } from '../operations/errors.ts'
import type { Shape } from '../operations/shapes/words.ts'

/** The query of an endpoint that has no parameters. */
export const NO_QUERY = v.strictObject({})

/** The body of an endpoint that needs none: nothing, or an object without keys. */
export const NO_BODY = v.optional(v.strictObject({}))

/** The value as the shape reads it. Throws BAD_REQUEST. `where` is the kind of value: `query`, `body`. */
export function check<S extends Shape>(shape: S, value: unknown, where: string): v.InferOutput<S> {
  const result = v.safeParse(shape, value)
  if (result.success) return result.output
  throw new ControlError(
    'BAD_REQUEST',
    result.issues.map((issue) => `${placeOf(issue, where)}: ${problem(issue)}`).join('\n'),
  )
}

function placeOf({ path }: v.BaseIssue<unknown>, where: string): string {
  const steps: readonly { readonly key: unknown }[] = path ?? []
  return steps.reduce((place, { key }) => place + (typeof key === 'number' ? `[${key}]` : `.${String(key)}`), where)
}

/** Messages of valibot contain only types, so they are replaced; messages of our own shapes are kept. */
function problem(issue: v.BaseIssue<unknown>): string {
  const { expected, received, message, kind } = issue
  if (kind === 'validation')
    return message.replace(/^Invalid (\w+): (?:Expected (\S+) but received|Received) (.*)$/s, (...parts: string[]) =>
      parts[2] === undefined
        ? `must be ${WORDS[parts[1] ?? ''] ?? parts[1]}, not ${parts[3]}`
        : `must be ${parts[2]}, not ${parts[3]}`,
    )
  if (expected === 'never') return 'is not known here'
  if (received === 'undefined')
    return expected?.startsWith('"') === true ? 'is missing' : `is missing: ${wordsOf(expected)}`
  return `must be ${wordsOf(expected)}, not ${wordsOf(received)}`
}

const WORDS: Readonly<Record<string, string>> = {
  Object: 'an object',
  Array: 'a list',
  integer: 'a whole number',
  string: 'a text',
  number: 'a number',
  boolean: 'true or false',
}

/** `string` → `a text`; `(string | number)` → `a text or a number`; literals in quotes stay. */
function wordsOf(expected: string | null): string {
  const types = (expected ?? 'something else').replace(/^\((.*)\)$/, '$1').split(' | ')
  return types.map((type) => WORDS[type] ?? (/^"[\w-]+"$/.test(type) ? type : type)).join(' or ')
}
