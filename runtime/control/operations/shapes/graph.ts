// Shapes of dependencies, transitions and the first start.

import * as v from 'valibot'
import { ProcessOutcome } from './process.ts'
import { flag, listOf, number, object, oneOf, orNull, text, texts, whole } from './words.ts'

/** A process or a oneshot with its dependencies. */
export const GraphUnit = object('GraphUnit', 'A process or oneshot with its dependencies', {
  name: text('The unit: `web`, `group:name`'),
  kind: oneOf(['program', 'oneshot'], 'What it is'),
  is_dynamic: flag('It is not in the configuration file: it was added while the daemon runs'),
  needs: texts('The units that it depends on'),
  log_to: orNull(v.string(), 'The program that reads its output'),
  essential: flag('Only a shutdown of the daemon stops it'),
  has_readiness: flag('It has a readiness check'),
  has_health: flag('Whether it has a health check'),
  timeout_up: number('Seconds that it may take to come up; 0 = no limit'),
  timeout_down: number('Seconds that it may take to go down; 0 = no limit'),
  is_wanted: flag('It was brought up and not taken down since, even if it has failed meanwhile'),
  is_up: flag('It is up or is being started'),
  up: orNull(v.pipe(v.array(v.string()), v.readonly()), 'The command of a oneshot; null for a program'),
  down: orNull(v.pipe(v.array(v.string()), v.readonly()), 'The command that takes a oneshot down; null for a program'),
})

/** The whole graph. */
export const Graph = object('Graph', 'All units with their dependencies', {
  services: listOf(GraphUnit, 'All processes and oneshots'),
  bundles: listOf(
    v.pipe(
      v.strictObject({ name: text('The name'), contents: texts('The units that it stands for') }),
      v.readonly(),
      v.description('A name for several units'),
    ),
    'Bundles, groups and programs of several processes',
  ),
})

/** The whole graph. */
export type GraphObject = v.InferOutput<typeof Graph>

/** One step of a transition. */
export const Step = object('Step', 'One start or stop', {
  action: oneOf(['start', 'stop'], 'What is done'),
  unit: text('The unit, as `group:name`'),
  stage: whole('All steps of lower stages come first'),
  after: listOf(
    v.strictObject({
      unit: text('The unit'),
      reached: oneOf(['started', 'ready', 'completed', 'ordered', 'stopped'], 'The state that it must reach'),
    }),
    'Units of this transition whose steps come first',
  ),
})

/** The result of a transition. */
export const TransitionOutcome = object('TransitionResult', 'The steps, and the result for each unit', {
  steps: listOf(Step, 'All steps, stops first'),
  services: listOf(ProcessOutcome, 'The result for each unit; empty for a dry run'),
})

/** The result of a transition. */
export type TransitionResult = v.InferOutput<typeof TransitionOutcome>

/** One unit of the first start. */
export const BootService = object('BootService', 'A unit of the first start; times are milliseconds since it began', {
  name: text('The unit'),
  begun: orNull(v.number(), 'When all its dependencies had come'),
  started: orNull(v.number(), 'When its process was started'),
  up: orNull(v.number(), 'When it was up, and ready if it has a readiness check'),
  failure: text('Why it did not come up; empty when it did'),
  critical: flag('It is one of the units that determined how long the whole start took'),
  needs: listOf(
    v.strictObject({ name: text('The unit'), reached: text('The state that it must reach') }),
    'The units that it waits for',
  ),
})

/** The first start of the daemon. */
export const Boot = object('Boot', 'The first start of the daemon', {
  elapsed: number('Milliseconds since it began'),
  services: listOf(BootService, 'Its units'),
})

/** The first start of the daemon. */
export type BootObject = v.InferOutput<typeof Boot>
