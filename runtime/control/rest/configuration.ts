// Rows for the configuration: what is in force, what the file would change, and applying that.

import * as v from 'valibot'
import { apply, configuration } from '../operations/configuration.ts'
import { ConfigurationShape } from '../operations/shapes/configuration.ts'
import { Changes } from '../operations/shapes/daemon.ts'
import { queryFlag, queryTexts } from './query.ts'
import { row } from './row.ts'

/** Rows for the configuration. */
export const configurationRows = {
  'GET /api/v1/config': row({
    access: 'read',
    operation: configuration,
    query: v.strictObject({
      process: queryTexts('Only these processes and groups, with commas between them'),
      defaults: queryFlag(false, 'Also values that are not written anywhere'),
    }),
    answer: ConfigurationShape,
    run: ({ controlled, query: { process, defaults } }) =>
      configuration.run(controlled, { processes: process, withDefaults: defaults }),
  }),
  'POST /api/v1/config/reload': row({
    access: 'read',
    operation: { ...apply, summary: 'Reads the configuration again and says what would change; changes nothing' },
    answer: Changes,
    run: ({ controlled }) => apply.run(controlled, { dryRun: true }),
  }),
  'POST /api/v1/config/update': row({
    access: 'control',
    operation: apply,
    answer: Changes,
    run: ({ controlled }) => apply.run(controlled, { dryRun: false }),
  }),
}
