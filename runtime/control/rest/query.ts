// Shapes of query parameters: texts that mean flags and numbers.

import * as v from 'valibot'

/** The schema of a parameter in the OpenAPI document. */
export interface ParameterSchema {
  readonly type: 'boolean' | 'integer' | 'string'
  readonly default?: boolean | number
  readonly minimum?: number
  readonly maximum?: number
}

/** A parameter with its schema. */
function parameter<Input extends string>(
  schema: ParameterSchema,
): v.MetadataAction<Input, { readonly schema: ParameterSchema }> {
  return v.metadata({ schema })
}

/** `true` or `false`. */
export const queryFlag = (fallback: boolean, description: string) =>
  v.optional(
    v.pipe(
      v.picklist(['true', 'false']),
      v.description(description),
      parameter({ type: 'boolean', default: fallback }),
      v.transform((text) => text === 'true'),
    ),
    fallback ? 'true' : 'false',
  )

/** A whole number from 0 to `limit`. */
export const queryWhole = (fallback: number, limit: number, description: string) =>
  v.optional(
    v.pipe(
      v.string(),
      v.regex(/^\d{1,12}$/, `must be a whole number from 0 to ${limit}`),
      v.description(description),
      parameter({ type: 'integer', default: fallback, minimum: 0, maximum: limit }),
      v.transform(Number),
      v.maxValue(limit, `must be a whole number from 0 to ${limit}`),
    ),
    String(fallback),
  )

/** A list of some words, separated by commas. */
export const queryWords = <const Words extends readonly string[]>(words: Words, description: string) =>
  v.optional(
    v.pipe(
      v.string(),
      v.description(`${description}: ${words.join(', ')}`),
      parameter({ type: 'string' }),
      v.transform((text) => text.split(',').filter((word) => word !== '')),
      v.check(
        (given) => given.every((word) => words.includes(word)),
        ({ input }) => `must be of ${words.join(', ')}, not ${input.find((word) => !words.includes(word)) ?? ''}`,
      ),
    ),
    '',
  )

/** A list of texts, separated by commas. */
export const queryTexts = (description: string) =>
  v.optional(
    v.pipe(
      v.string(),
      v.description(description),
      parameter({ type: 'string' }),
      v.transform((text) => text.split(',').filter((word) => word !== '')),
    ),
    '',
  )

/** The number of an event; undefined when it is left out. */
export const queryEventNumber = (description: string) =>
  v.optional(
    v.pipe(
      v.string(),
      v.regex(/^\d{1,15}$/, 'must be the number of an event'),
      v.description(description),
      parameter({ type: 'integer', minimum: 0 }),
      v.transform(Number),
    ),
  )

/** A whole number from 0 to `limit`; undefined when it is left out. */
export const queryNumber = (limit: number, description: string) =>
  v.optional(
    v.pipe(
      v.string(),
      v.regex(/^\d{1,12}$/, `must be a whole number from 0 to ${limit}`),
      v.description(description),
      parameter({ type: 'integer', minimum: 0, maximum: limit }),
      v.transform(Number),
      v.maxValue(limit, `must be a whole number from 0 to ${limit}`),
    ),
  )
