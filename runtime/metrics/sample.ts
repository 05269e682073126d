// What the metrics of one scrape are made from.

import type { LogTargetStatus } from '../log-targets/log-targets.ts'
import type { WebhookStatus } from '../webhooks/webhooks.ts'
import type { GroupUsage } from '../process/usage.ts'
import type { ProcessInfo } from '../service/context.ts'
import type { Counts } from './tally.ts'

/** One unit at the time of the scrape. */
export interface UnitSample {
  readonly info: ProcessInfo
  readonly counts: Readonly<Counts>
  /** Milliseconds from the start of its newest process until it was RUNNING, and until it was ready. */
  readonly startMs: number | undefined
  readonly readyMs: number | undefined
  /** Undefined without a process. */
  readonly usage: GroupUsage | undefined
  readonly streams: readonly StreamSample[]
}

/** The output of a unit: bytes that were read, and bytes that no log got. */
export interface StreamSample {
  readonly stream: 'stdout' | 'stderr'
  readonly receivedBytes: number
  readonly droppedBytes: number
}

/** The daemon process at the time of the scrape. */
export interface DaemonSample {
  readonly version: string
  readonly startedAtMs: number
  readonly applies: number
  readonly appliedAtMs: number
  readonly usage: GroupUsage | undefined
  readonly helper: { readonly isAnswering: boolean; readonly usage: GroupUsage | undefined }
  /** How late a turn of the event loop came, and for how long the event loop has worked so far. */
  readonly lagMs: number
  readonly busyMs: number
  /** Output of the daemon process that its standard output and standard error did not take. */
  readonly droppedBytes: number
  readonly webhooks: readonly WebhookStatus[]
  readonly logTargets: readonly LogTargetStatus[]
  /** How many scrapes there were before this one, and the time that they took. */
  readonly scrapes: number
  readonly scrapesMs: number
}

/** Label → value. A label with an empty value counts as absent. */
export type Labels = Readonly<Record<string, string>>

/** All series of one name, for each `Of`. */
export interface Family<Of> {
  readonly name: string
  readonly type: 'gauge' | 'counter'
  readonly help: string
  /** Labels besides those that say which unit it is. */
  readonly labels?: readonly string[]
  values(of: Of): readonly (readonly [value: number | undefined, labels?: Labels])[]
}
