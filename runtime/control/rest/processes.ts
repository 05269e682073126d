// Rows for processes. The name `all` means every process.

import * as v from 'valibot'
import { restartGroup, signalGroup, startGroup, stopGroup } from '../operations/groups.ts'
import { environment, get, list, reload, restart, sendInput, signal, start, stop } from '../operations/processes.ts'
import { Process, ProcessOutcome } from '../operations/shapes/process.ts'
import { VariableShape } from '../operations/shapes/variable.ts'
import { listOf, object, oneOf } from '../operations/shapes/words.ts'
import { queryFlag } from './query.ts'
import { pathPart, row, type Row } from './row.ts'

/** The parameter `wait` of all verbs that may take some time. */
export const WAIT = queryFlag(true, 'Answer when it is done; false: when it has begun')

/** Parameters of a start or restart. */
export const START = v.strictObject({ wait: WAIT })

/** Parameters of a stop. */
export const STOP = v.strictObject({
  wait: WAIT,
  alone: queryFlag(false, 'Do not stop the dependents'),
})

/** Parameters of a signal. */
export const SIGNAL = v.strictObject({
  signal: v.pipe(
    v.union([v.pipe(v.string(), v.minLength(1, 'is empty')), v.pipe(v.number(), v.integer())]),
    v.description('A signal by name or number: `HUP`, `SIGTERM`, 10'),
  ),
})

const Outcomes = listOf(ProcessOutcome, 'The result for each process')

/** The operation without NOT_FOUND: `all` always exists. */
function ofAll({ summary, errors }: Row['operation']): Row['operation'] {
  return { summary, errors: errors.filter((code) => code !== 'NOT_FOUND') }
}

/** Rows for processes. */
export const processRows = {
  'GET /api/v1/processes': row({
    access: 'read',
    operation: list,
    answer: listOf(Process, 'All processes, by group, then name'),
    run: ({ controlled }) => list.run(controlled, {}),
  }),
  'POST /api/v1/processes/all/start': row({
    access: 'control',
    operation: ofAll(startGroup),
    query: START,
    answer: Outcomes,
    run: ({ controlled, query }) => startGroup.run(controlled, { group: undefined, ...query }),
  }),
  'POST /api/v1/processes/all/stop': row({
    access: 'control',
    operation: ofAll(stopGroup),
    query: STOP,
    answer: Outcomes,
    run: ({ controlled, query }) => stopGroup.run(controlled, { group: undefined, ...query }),
  }),
  'POST /api/v1/processes/all/restart': row({
    access: 'control',
    operation: ofAll(restartGroup),
    query: START,
    answer: Outcomes,
    run: ({ controlled, query }) => restartGroup.run(controlled, { group: undefined, ...query }),
  }),
  'POST /api/v1/processes/all/signal': row({
    access: 'control',
    operation: ofAll(signalGroup),
    body: SIGNAL,
    answer: Outcomes,
    run: ({ controlled, body }) => signalGroup.run(controlled, { group: undefined, signal: String(body.signal) }),
  }),
  'GET /api/v1/processes/{name}': row({
    access: 'read',
    operation: get,
    answer: Process,
    run: (call) => get.run(call.controlled, { name: pathPart(call, 'name') }),
  }),
  'POST /api/v1/processes/{name}/start': row({
    access: 'control',
    operation: start,
    query: START,
    answer: ProcessOutcome,
    run: (call) => start.run(call.controlled, { name: pathPart(call, 'name'), ...call.query }),
  }),
  'POST /api/v1/processes/{name}/stop': row({
    access: 'control',
    operation: stop,
    query: STOP,
    answer: ProcessOutcome,
    run: (call) => stop.run(call.controlled, { name: pathPart(call, 'name'), ...call.query }),
  }),
  'POST /api/v1/processes/{name}/restart': row({
    access: 'control',
    operation: restart,
    query: START,
    answer: ProcessOutcome,
    run: (call) => restart.run(call.controlled, { name: pathPart(call, 'name'), ...call.query }),
  }),
  'POST /api/v1/processes/{name}/signal': row({
    access: 'control',
    operation: signal,
    body: SIGNAL,
    answer: ProcessOutcome,
    run: (call) => signal.run(call.controlled, { name: pathPart(call, 'name'), signal: String(call.body.signal) }),
  }),
  'POST /api/v1/processes/{name}/reload': row({
    access: 'control',
    operation: reload,
    answer: ProcessOutcome,
    run: (call) => reload.run(call.controlled, { name: pathPart(call, 'name') }),
  }),
  'POST /api/v1/processes/{name}/stdin': row({
    access: 'control',
    operation: sendInput,
    body: v.strictObject({ text: v.pipe(v.string(), v.description('What is written; nothing is added')) }),
    answer: object('InputStatus', 'The input was written', { status: oneOf(['written'], 'Always this') }),
    run: async (call) => {
      await sendInput.run(call.controlled, { name: pathPart(call, 'name'), text: call.body.text })
      return { status: 'written' as const }
    },
  }),
  'GET /api/v1/processes/{name}/environment': row({
    access: 'control',
    operation: environment,
    answer: listOf(VariableShape, 'Sorted by name'),
    run: async (call) => [...(await environment.run(call.controlled, { name: pathPart(call, 'name') }))],
  }),
}
