// The shape of a variable in the environment of a process.

import type * as v from 'valibot'
import { object, text } from './words.ts'

/** A variable in the environment of a process. */
export const VariableShape = object('Variable', 'A variable in the environment of a process', {
  name: text('Its name'),
  value: text('Its value; hidden when it seems to be a secret'),
  origin: text(
    '`daemon`, `kahi`, `login_env`, `env_file` with the path, or the key of the configuration with its place',
  ),
})

/** A variable in the environment of a process. */
export type VariableObject = v.InferOutput<typeof VariableShape>
