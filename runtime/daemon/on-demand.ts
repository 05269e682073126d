// A part whose code is loaded when a configuration needs it for the first time; until then it costs nothing.

import type { Config } from '../../config/settings/config.ts'
import type { DaemonContext, Part } from './part.ts'

/** What such a part loads. */
export interface Loaded {
  /** Called for each configuration that comes into force, the one that it was loaded for too. */
  follow(): void
  close(): void
}

/** What the part is made of. */
export interface OnDemand {
  readonly name: string
  /** Whether the configuration needs it. */
  isUsed(config: Config): boolean
  /** Loads the code and begins. */
  load(context: DaemonContext): Promise<Loaded>
}

/** The part. It stays loaded when a later configuration does not need it any more. */
export function onDemand({ name, isUsed, load }: OnDemand): Part {
  return {
    name,
    open: (context) => {
      let open: Loaded | undefined
      let isLoading = false
      let isClosed = false
      const begin = async (): Promise<void> => {
        const made = await load(context)
        if (isClosed) made.close()
        else open = made
        open?.follow()
      }
      return {
        close: () => {
          isClosed = true
          open?.close()
        },
        follow: (config) => {
          open?.follow()
          if (open !== undefined || isLoading || !isUsed(config)) return
          isLoading = true
          void begin().catch(context.controlled.reportBug)
        },
      }
    },
  }
}
