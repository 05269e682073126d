// Frees memory when the daemon has little to do: one second after its programs were started, and after another
// configuration was applied.

import { collectGarbage } from '../system/heap.ts'
import type { Part } from './part.ts'

const SETTLED_MS = 1500

/** Collects garbage at quiet moments. */
export const garbage: Part = {
  name: 'garbage collection',
  open: ({ clock }) => {
    let timer = clock.after(SETTLED_MS, collectGarbage)
    return {
      close: () => timer.cancel(),
      follow: () => {
        timer.cancel()
        timer = clock.after(SETTLED_MS, collectGarbage)
      },
    }
  },
}
