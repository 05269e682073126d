// The configuration as it was last read. Clients compare it with the one in force, and add groups of it one by one.

import type { Config, ConfigSource, Loaded } from '../../config/settings/config.ts'
import type { DynamicPrograms } from '../../config/model/dynamic.ts'
import type { ControlledConfiguration } from '../control/operations/supervised.ts'
import { type Changes, diffReceivers } from '../plan/diff.ts'
import { withProgram } from '../plan/merge.ts'
import { applyReload, logDiagnostics, previewReload, type Reloader } from './reload.ts'

/** A source that remembers the last configuration it gave. */
export class KnownSource implements ConfigSource {
  readonly #source: ConfigSource
  #last: Config

  constructor(source: ConfigSource, first: Config) {
    this.#source = source
    this.#last = first
  }

  /** The configuration that was last read. */
  get last(): Config {
    return this.#last
  }

  get dynamic(): DynamicPrograms | undefined {
    return this.#source.dynamic
  }

  /** Reads it once more, and remembers nothing. */
  look(): Promise<Loaded> {
    return this.#source.load()
  }

  async load(): Promise<Loaded> {
    const loaded = await this.#source.load()
    this.#last = loaded.config
    return loaded
  }
}

/** The configuration, for control. */
export function controlledConfiguration(parts: Reloader & { readonly source: KnownSource }): ControlledConfiguration {
  const { source, supervisor, log, complete } = parts
  return {
    get last() {
      return complete(source.last)
    },
    reread: async (): Promise<Changes> => {
      const { config, diagnostics } = await source.load()
      logDiagnostics(log, diagnostics)
      return supervisor.compare(complete(config))
    },
    inForce: async () => {
      const { config, tables = [] } = await source.look()
      const { added, changed, removed } = supervisor.compare(complete(config))
      const receivers = diffReceivers(supervisor.config, config)
      const lists = [added, changed, removed, ...(Object.values(receivers) as readonly (readonly string[])[])]
      const isCurrent = lists.every(({ length }) => length === 0)
      return { config: supervisor.config ?? complete(config), tables, isCurrent }
    },
    preview: () => previewReload(parts),
    apply: () => applyReload(parts),
    addGroup: (name) => supervisor.addGroup(name, complete(source.last)),
    removeGroup: (name) => supervisor.removeGroup(name),
    applyProgram: async (name) => {
      const { config } = await source.load()
      const now = supervisor.config
      if (now !== undefined) await supervisor.apply(withProgram(now, name, complete(config)))
    },
    dynamic: source.dynamic,
  }
}
