// Rows for groups.

import * as v from 'valibot'
import { groups, restartGroup, signalGroup, startGroup, stopGroup } from '../operations/groups.ts'
import { GroupOutcome } from '../operations/shapes/process.ts'
import { START, SIGNAL, STOP } from './processes.ts'
import { pathPart, row } from './row.ts'

/** Rows for groups. */
export const groupRows = {
  'GET /api/v1/groups': row({
    access: 'read',
    operation: groups,
    answer: v.pipe(v.array(v.string()), v.description('Names of groups')),
    run: ({ controlled }) => groups.run(controlled, {}),
  }),
  'POST /api/v1/groups/{group}/start': row({
    access: 'control',
    operation: startGroup,
    query: START,
    answer: GroupOutcome,
    run: async (call) => {
      const group = pathPart(call, 'group')
      return {
        group,
        status: 'started' as const,
        processes: await startGroup.run(call.controlled, { group, ...call.query }),
      }
    },
  }),
  'POST /api/v1/groups/{group}/stop': row({
    access: 'control',
    operation: stopGroup,
    query: STOP,
    answer: GroupOutcome,
    run: async (call) => {
      const group = pathPart(call, 'group')
      return {
        group,
        status: 'stopped' as const,
        processes: await stopGroup.run(call.controlled, { group, ...call.query }),
      }
    },
  }),
  'POST /api/v1/groups/{group}/restart': row({
    access: 'control',
    operation: restartGroup,
    query: START,
    answer: GroupOutcome,
    run: async (call) => {
      const group = pathPart(call, 'group')
      return {
        group,
        status: 'restarted' as const,
        processes: await restartGroup.run(call.controlled, { group, ...call.query }),
      }
    },
  }),
  'POST /api/v1/groups/{group}/signal': row({
    access: 'control',
    operation: signalGroup,
    body: SIGNAL,
    answer: GroupOutcome,
    run: async (call) => {
      const group = pathPart(call, 'group')
      const signal = String(call.body.signal)
      return {
        group,
        status: 'signaled' as const,
        processes: await signalGroup.run(call.controlled, { group, signal }),
      }
    },
  }),
}
