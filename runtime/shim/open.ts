// Chooses the parent of all services: the native helper, or the fallback where the helper is missing or cannot run.
// KAHI_SHIM=none forces the fallback, KAHI_SHIM=/path/to/kahi-shim another helper. A helper that started this process,
// as `kahi-shim parent` does, is used before any other.

import { adoptNativeShim, openNativeShim } from './client/client.ts'
import { openFallbackShim } from './fallback/fallback.ts'
import { parentHelper } from './client/helper.ts'
import type { Shim, ShimEvents } from './shim.ts'

/** What openShim needs. */
export interface ShimOptions {
  /** Path of the helper: beside the bundle. */
  readonly path: string
  readonly events: ShimEvents
}

/**
 * Opens a shim. Call it when the daemon has its final user, directory and umask, because processes inherit them from
 * the shim. Rejects only when a helper that is our parent has processes and does not answer: another shim would start
 * them a second time.
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
    if ((parent?.daemonsBefore ?? 0) > 0) throw error
    return openFallbackShim(events, error instanceof Error ? error.message : String(error))
  }
}
