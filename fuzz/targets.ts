// All targets, one line each.

import type { Target } from './target.ts'
import { dockerfile } from './targets/dockerfile.ts'
import { durations } from './targets/durations.ts'
import { helper } from './targets/helper.ts'
import { procfile } from './targets/procfile.ts'
import { http, xmlrpc } from './targets/requests.ts'
import { streams } from './targets/streams.ts'
import { supervisord } from './targets/supervisord.ts'
import { toml } from './targets/toml.ts'
import { s6Overlay, s6Rc } from './targets/trees.ts'

/** All targets of the fuzzer. */
export const targets: readonly Target<unknown>[] = [
  supervisord,
  toml,
  s6Rc,
  s6Overlay,
  dockerfile,
  procfile,
  durations,
  helper,
  http,
  xmlrpc,
  streams,
]
