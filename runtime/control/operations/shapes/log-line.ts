// The shape of a line of output.

import * as v from 'valibot'
import { object, oneOf, orNull, text } from './words.ts'

/** A line of the output of a process. */
export const LogLineShape = object('LogLine', 'A line of the output of a process', {
  time: orNull(v.string(), 'When it was written (ISO 8601, UTC); null when that is not known any more'),
  group: text('Group of the process'),
  name: text('The process'),
  stream: oneOf(['stdout', 'stderr'], 'Where it was written'),
  line: text('The line, without its end'),
})

/** A line of the output of a process. */
export type LogLine = v.InferOutput<typeof LogLineShape>
