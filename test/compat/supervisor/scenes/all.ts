// All scenes, by theme.

import { daemon } from './daemon.ts'
import { exits } from './exits.ts'
import { groups } from './groups.ts'
import { listeners } from './listeners.ts'
import { output } from './output.ts'
import { reload } from './reload.ts'
import type { Scene } from './scene.ts'
import { starting } from './starting.ts'
import { stopping } from './stopping.ts'
import { surroundings } from './surroundings.ts'

const themes: Readonly<Record<string, readonly Scene[]>> = {
  'starting, backoff, fatal': starting,
  'exit codes and autorestart': exits,
  'stopping and signals': stopping,
  'groups, numprocs, priorities': groups,
  'reread, update, HUP': reload,
  'logs, log events, capture, stdin': output,
  'event listeners': listeners,
  'environment, folder, umask, FastCGI': surroundings,
  'the daemon': daemon,
}

/** Each scene with its theme. */
export const scenes: readonly { readonly theme: string; readonly scene: Scene }[] = Object.entries(themes).flatMap(
  ([theme, those]) => those.map((scene) => ({ theme, scene })),
)
