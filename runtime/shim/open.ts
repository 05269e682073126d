// Chooses the parent of all services: the native helper, or the fallback where it is missing or cannot run.
// KAHI_SHIM=none forces the fallback, KAHI_SHIM=/path/to/kahi-shim another helper. A helper that started us, as
// `kahi-shim parent` does, is taken before any other.

import { adoptNativeShim, openNativeShim } from './client.ts'
import { openFallbackShim } from './fallback.ts'
import { parentHelper } from './helper.ts'
import type { Shim, ShimEvents } from './shim.ts'

/** What openShim needs. */
export interface ShimOptions {
  /** Where the helper should be: beside the bundle. */
  readonly path: string
  readonly events: ShimEvents
}

/**
 * A working shim. Call it after the daemon has its final user, directory and umask: processes inherit the shim's.
 * Rejects only when a parent holds processes and cannot be talked to: another shim would start them a second time.
 */
export async function openShim({ path, events }: ShimOptions): Promise<Shim> {
  const wanted = process.env.KAHI_SHIM ?? ''
  const parent = parentHelper(process.env)
  if (wanted === 'none') parent?.kill()
  if (wanted === 'none') return openFallbackShim(events, 'KAHI_SHIM=none forbids it')
  try {
    if (parent !== undefined) return await adoptNativeShim(parent, events)
    return await openNativeShim(wanted === '' ? path : wanted, events)
  } catch (error) {
    if ((parent?.brainsBefore ?? 0) > 0) throw error
    return openFallbackShim(events, error instanceof Error ? error.message : String(error))
  }
}
