// The shape of what a process uses.

import * as v from 'valibot'
import { object, oneOf, orNull, text, whole } from './words.ts'

/** What a process uses, with its children. */
export const UsageShape = object('Usage', 'What a process uses now, together with its children', {
  group: text('Its group'),
  name: text('The process'),
  pid: whole('0 when there is no process; then all other numbers are 0'),
  time: text('When it was measured (ISO 8601, UTC)'),
  lived_ms: whole('How long the process has lived'),
  cpu_ms: whole('CPU time, in programs and in the kernel'),
  memory_bytes: whole('Memory'),
  memory_kind: oneOf(
    ['cgroup', 'pss', 'rss'],
    'The memory of its cgroup; the sum of proportional sizes (PSS); or, where the daemon may not look, of resident sizes',
  ),
  open_files: orNull(v.number(), 'Open file descriptors; null where the daemon may not look'),
  threads: whole('Threads'),
  processes: whole('Processes'),
  pids: v.pipe(v.array(v.number()), v.description('Their process ids')),
  sockets: orNull(
    v.record(v.string(), v.number()),
    'Number of sockets by state (`listen`, `established` …, `udp`, `unix`, `other`); null where the daemon may not look',
  ),
})

/** What a process uses. */
export type UsageObject = v.InferOutput<typeof UsageShape>
