// The shape of a variable in the environment of a process.

import type * as v from 'valibot'
import { object, text } from './words.ts'

/** A variable in the environment of a process. */
export const VariableShape = object('Variable', 'A variable in the environment of a process', {
  name: text('Its name'),
  value: text('Its value; hidden when it seems to be a secret'),
  origin: text('`daemon`, `kahi`, `login_env`, or the key of the configuration that has it'),
})

/** A variable in the environment of a process. */
export type VariableObject = v.InferOutput<typeof VariableShape>
