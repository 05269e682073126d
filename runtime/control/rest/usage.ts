// Rows for what processes use.

import { ControlError } from '../operations/errors.ts'
import { UsageShape } from '../operations/shapes/usage.ts'
import { listOf } from '../operations/shapes/words.ts'
import { usage, usages } from '../operations/usage.ts'
import { pathPart, row } from './row.ts'

/** Rows for usage. */
export const usageRows = {
  'GET /api/v1/usage': row({
    access: 'read',
    operation: usages,
    answer: listOf(UsageShape, 'By group, then name'),
    run: async ({ controlled }) => [...(await usages.run(controlled, {}))],
  }),
  'GET /api/v1/processes/{name}/usage': row({
    access: 'read',
    operation: usage,
    answer: UsageShape,
    run: async (call) => {
      const found = await usage.run(call.controlled, { name: pathPart(call, 'name') })
      if (found === undefined) throw new ControlError('NOT_FOUND')
      return found
    },
  }),
}
