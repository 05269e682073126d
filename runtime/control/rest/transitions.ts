// Rows for any names of the configuration at once, and for their dependencies.

import * as v from 'valibot'
import { hideInWords } from '../../../config/values/secrets.ts'
import { boot } from '../operations/boot.ts'
import { graph } from '../operations/graph.ts'
import { Boot, Graph, TransitionOutcome } from '../operations/shapes/graph.ts'
import { down, up } from '../operations/transitions.ts'
import { row } from './row.ts'

const flagOr = (fallback: boolean, description: string) =>
  v.optional(v.pipe(v.boolean(), v.description(description)), fallback)

const asked = {
  targets: v.pipe(
    v.array(v.string()),
    v.minLength(1, 'is empty'),
    v.description('Names of programs, oneshots, groups and bundles, or `all`'),
  ),
  dry_run: flagOr(false, 'Only report what would be done'),
  wait: flagOr(true, 'Answer when it is done; false: when it has begun'),
  timeout: v.optional(
    v.pipe(
      v.number(),
      v.minValue(0, 'must be from 0 to 1000000'),
      v.maxValue(1e6, 'must be from 0 to 1000000'),
      v.description('Seconds to wait at most; steps that are not done then continue. 0 = no limit'),
    ),
    0,
  ),
}
const UP = v.strictObject({
  ...asked,
  only: flagOr(false, 'First take down everything that the targets do not need'),
})
const DOWN = v.strictObject(asked)

/** Rows for the graph. */
export const transitionRows = {
  'POST /api/v1/up': row({
    access: 'control',
    operation: up,
    body: UP,
    answer: TransitionOutcome,
    run: ({ controlled, body }) => up.run(controlled, { ...transitionOf(body), only: body.only }),
  }),
  'POST /api/v1/down': row({
    access: 'control',
    operation: down,
    body: DOWN,
    answer: TransitionOutcome,
    run: ({ controlled, body }) => down.run(controlled, transitionOf(body)),
  }),
  'GET /api/v1/graph': row({
    access: 'read',
    operation: graph,
    answer: Graph,
    run: async ({ controlled, isStranger }) => {
      const found = await graph.run(controlled, {})
      return isStranger ? { ...found, services: found.services.map(withoutCommandSecrets) } : found
    },
  }),
  'GET /api/v1/boot': row({
    access: 'read',
    operation: boot,
    answer: Boot,
    run: ({ controlled }) => boot.run(controlled, {}),
  }),
}

function transitionOf({ targets, dry_run, wait, timeout }: v.InferOutput<typeof DOWN>): Parameters<typeof down.run>[1] {
  return { targets, dryRun: dry_run, wait, timeoutSecs: timeout }
}

function withoutCommandSecrets(unit: v.InferOutput<typeof Graph>['services'][number]): typeof unit {
  const hide = (argv: readonly string[] | null) => (argv === null ? null : hideInWords(argv))
  return { ...unit, up: hide(unit.up), down: hide(unit.down) }
}
