// Rows for the daemon and its configuration, and for probes.

import * as v from 'valibot'
import { apply } from '../operations/configuration.ts'
import { shutdown, upgrade, version } from '../operations/daemon.ts'
import { overview } from '../operations/overview.ts'
import { health, pending } from '../operations/readiness.ts'
import {
  Changes,
  HealthShape,
  Healthy,
  NotReady,
  Ready,
  ShutdownStatus,
  Unhealthy,
  UpgradeStatus,
  Version,
} from '../operations/shapes/daemon.ts'
import type { Controlled } from '../operations/supervised.ts'
import { ControlError } from '../operations/errors.ts'
import { queryTexts } from './query.ts'
import { row, Unavailable } from './row.ts'

/** Rows for the daemon. */
export const daemonRows = {
  'GET /healthz': row({
    access: 'open',
    operation: health,
    answer: Healthy,
    unavailable: Unhealthy,
    run: async ({ controlled }) => {
      const status = await health.run(controlled, {})
      return status === 'ok' ? { status } : new Unavailable({ status })
    },
  }),
  'GET /readyz': row({
    access: 'open',
    operation: pending,
    query: v.strictObject({ process: queryTexts('Only these processes, with commas between them') }),
    answer: Ready,
    unavailable: NotReady,
    run: async ({ controlled, query, isTrusted }) => {
      const waitedFor = await waitedForBy(controlled, query.process, isTrusted)
      return waitedFor.length === 0
        ? { status: 'ready' as const }
        : new Unavailable({ status: 'not_ready', ...(isTrusted ? { pending: waitedFor } : {}) })
    },
  }),
  'GET /api/v1/version': row({
    access: 'read',
    operation: version,
    answer: Version,
    run: ({ controlled }) => version.run(controlled, {}),
  }),
  'GET /api/v1/health': row({
    access: 'read',
    operation: overview,
    answer: HealthShape,
    run: ({ controlled }) => overview.run(controlled, {}),
  }),
  'GET /api/v1/openapi.json': row({
    access: 'read',
    operation: { summary: 'This interface as an OpenAPI 3.1 document', errors: [] },
    answer: v.pipe(v.looseObject({}), v.description('The document')),
    run: async ({ describe }) => ({ ...(await describe()) }),
  }),
  'POST /api/v1/apply': row({
    access: 'control',
    operation: apply,
    body: v.optional(
      v.strictObject({
        dry_run: v.optional(v.pipe(v.boolean(), v.description('Only report what would change')), false),
      }),
      {},
    ),
    answer: Changes,
    run: ({ controlled, body }) => apply.run(controlled, { dryRun: body.dry_run }),
  }),
  'POST /api/v1/shutdown': row({
    access: 'admin',
    operation: shutdown,
    answer: ShutdownStatus,
    run: ({ controlled }) => shutdown.run(controlled, {}),
  }),
  'POST /api/v1/upgrade': row({
    access: 'admin',
    operation: upgrade,
    answer: UpgradeStatus,
    run: async ({ controlled }) => {
      const { from, to, proceed } = await upgrade.run(controlled, {})
      proceed()
      return { status: 'upgrading' as const, from, to }
    },
  }),
}

/**
 * A client without credentials must not learn which processes exist: a process that does not exist is reported as not
 * ready.
 */
async function waitedForBy(
  controlled: Controlled,
  processes: readonly string[],
  isTrusted: boolean,
): Promise<readonly string[]> {
  try {
    return await pending.run(controlled, { processes })
  } catch (error) {
    if (isTrusted || !(error instanceof ControlError) || error.code !== 'NOT_FOUND') throw error
    return processes
  }
}
