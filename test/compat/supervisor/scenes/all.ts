// All scenes, by theme.

import type { Scene } from './scene.ts'
import { starting } from './starting.ts'

/** Theme → its scenes. */
export const scenes: Readonly<Record<string, readonly Scene[]>> = {
  'starting, backoff, fatal': starting,
}
