// Chooses the parent of all services: the native helper, or the fallback where it is missing or cannot run.
// KAHI_SHIM=none forces the fallback, KAHI_SHIM=/path/to/kahi-shim another helper.

import { openNativeShim } from './client.ts'
import { openFallbackShim } from './fallback.ts'
import type { Shim, ShimEvents } from './shim.ts'

/** What openShim needs. */
export interface ShimOptions {
  /** Where the helper should be: beside the bundle. */
  readonly path: string
  readonly events: ShimEvents
}

/** A working shim. Call it after the daemon has its final user, directory and umask: processes inherit the shim's. */
export async function openShim({ path, events }: ShimOptions): Promise<Shim> {
  const wanted = process.env.KAHI_SHIM ?? ''
  if (wanted === 'none') return openFallbackShim(events, 'KAHI_SHIM=none forbids it')
  try {
    return await openNativeShim(wanted === '' ? path : wanted, events)
  } catch (error) {
    return openFallbackShim(events, error instanceof Error ? error.message : String(error))
  }
}
