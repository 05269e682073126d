// Handlers for what is done to any names of the configuration.

import { ControlError } from '../errors.ts'
import { down, up } from '../transitions.ts'
import { bodyFlag, bodyNumber, bodyTexts, type Call, json, type Reply } from './reply.ts'

/** POST /api/v1/up with `{"targets": ["web"], "only": false, "dry_run": false, "wait": true, "timeout": 0}` */
export async function postUp(call: Call): Promise<Reply> {
  return json(await up.run(call.controlled, { ...asked(call), only: bodyFlag(call, 'only', false) }))
}

/** POST /api/v1/down with the same, without `only` */
export async function postDown(call: Call): Promise<Reply> {
  return json(await down.run(call.controlled, asked(call)))
}

function asked(call: Call): Parameters<typeof down.run>[1] {
  const targets = bodyTexts(call, 'targets')
  if (targets.length === 0) throw new ControlError('BAD_REQUEST', '"targets" is empty')
  return {
    targets,
    dryRun: bodyFlag(call, 'dry_run', false),
    wait: bodyFlag(call, 'wait', true),
    timeoutSecs: bodyNumber(call, 'timeout', 0),
  }
}
