// A part for receivers of events or output: loaded when a configuration has one, at the start before anything else happens.

import type { Config } from '../../config/settings/config.ts'
import type { DaemonContext, Part } from './part.ts'

/** What such a part loads. */
interface Loaded {
  follow(config: Config): void
  close(): Promise<void>
}

/** What the part is made of. */
interface Receivers {
  readonly name: string
  isUsed(config: Config): boolean
  load(context: DaemonContext): Promise<Loaded>
}

/** The part. It stays loaded when a later configuration does not need it any more. */
export function receivers({ name, isUsed, load }: Receivers): Part {
  return {
    name,
    open: async (context) => {
      const begin = async (config: Config): Promise<Loaded> => {
        const made = await load(context)
        made.follow(config)
        return made
      }
      let open = isUsed(context.config) ? begin(context.config) : undefined
      await open
      return {
        close: async () => (await open)?.close(),
        follow: (config) => {
          if (open !== undefined) void open.then((made) => made.follow(config)).catch(context.controlled.reportBug)
          else if (isUsed(config)) {
            open = begin(config)
            open.catch(context.controlled.reportBug)
          }
        },
      }
    },
  }
}
