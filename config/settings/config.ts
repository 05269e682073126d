// The complete configuration: checked, expanded, with every default. The converters and the TOML reader end with a
// Config, and the runtime begins with one. Field names are those of kahi.toml (config/keys/).

import type { Table } from '../keys/document.ts'
import type { Graph } from '../model/dependencies.ts'
import type { Diagnostic } from '../model/diagnostic.ts'
import type { DynamicPrograms } from '../model/dynamic.ts'
import type { GroupRole } from '../model/roles.ts'
import type { ProcessSettings } from './process.ts'
import type { CtlSettings, Server } from './server.ts'
import type { LogTarget, Peer, Webhook } from './receivers.ts'
import type { SupervisorSettings } from './supervisor.ts'

/** A oneshot: one command is run to bring it up, another one to take it down. */
export interface Oneshot {
  readonly name: string
  /** How `up` is run; an empty command is done at once. Keys about restarts have no effect. */
  readonly up: ProcessSettings
  /** How `down` is run. */
  readonly down: ProcessSettings | undefined
  /** Seconds; 0 = no limit. */
  readonly timeout_up: number
  readonly timeout_down: number
}

/** A name for several programs, oneshots, groups and bundles. */
export interface Bundle {
  readonly name: string
  readonly contents: readonly string[]
}

/** Processes that are controlled together, as `group:name`. */
export interface Group {
  readonly name: string
  readonly priority: number
  readonly role: GroupRole
  /** In start order. */
  readonly processes: readonly ProcessSettings[]
  /**
   * Another group with the same name comes first, so this one is never run. Source: supervisor 4.2.5,
   * add_process_group.
   */
  readonly shadowed: boolean
}

/** The complete configuration. */
export interface Config {
  /** Absolute path of the file. */
  readonly file: string
  readonly supervisor: SupervisorSettings
  /** In the order in which they are opened: http first, as supervisord does. */
  readonly servers: readonly Server[]
  readonly ctl: CtlSettings | undefined
  /** Sorted in start order: by priority, then name. */
  readonly groups: readonly Group[]
  /** Sorted by name. */
  readonly oneshots: readonly Oneshot[]
  /** Sorted by name. */
  readonly webhooks: readonly Webhook[]
  /** Sorted by name. */
  readonly log_targets: readonly LogTarget[]
  /** Sorted by name. */
  readonly peers: readonly Peer[]
  /** The dependencies. */
  readonly graph: Graph
}

/** A Config, and the warnings and notes about it. */
export interface Loaded {
  readonly config: Config
  readonly diagnostics: readonly Diagnostic[]
  /** As they were written, with places, and with what they inherit; a daemon does not keep them. */
  readonly tables?: readonly Table[]
}

/** A document that was resolved. */
export interface Resolved extends Loaded {
  readonly tables: readonly Table[]
}

/** The source of a daemon's configuration, at its start and at each reload. Rejects with ConfigError. */
export interface ConfigSource {
  load(): Promise<Loaded>
  /** Absent where programs come only from the file. */
  readonly dynamic?: DynamicPrograms | undefined
}
