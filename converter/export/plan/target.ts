// The type of a target: the table of what its format can express, which makes the report and the reference page, and
// the function that writes its files.

import type { OneshotValues } from '../../../config/keys/oneshot.ts'
import type { ProgramValues } from '../../../config/keys/program.ts'
import type { SupervisorValues } from '../../../config/keys/supervisor.ts'
import type { Diagnostic } from '../../../config/model/diagnostic.ts'
import type { FormatOption, Given } from '../../format.ts'
import type { Plan } from './plan.ts'
import type { Unit } from './unit.ts'

/**
 * `kept`: the same there. `changed`: written in another form. `lost`: there is nothing like it. `daemon`: it belongs to
 * kahi's daemon itself, in whose place the target has a supervisor of its own.
 */
export type Verdict = 'kept' | 'changed' | 'lost' | 'daemon'

/** How a format expresses one key. */
export interface Saying {
  readonly verdict: Verdict
  /** How it is written, or why it is not. */
  readonly how: string
  /** What is lost for this unit, although the key is written; undefined when nothing is. */
  readonly loss?: ((unit: Unit) => string | undefined) | undefined
  /** A difference that users should know of, but that is no loss. */
  readonly note?: ((unit: Unit) => string | undefined) | undefined
}

/** Keys of a oneshot that a program has too are looked up there. */
export type OwnOneshotKey = Exclude<keyof OneshotValues, keyof ProgramValues>

/** Tables whose keys are not looked at one by one. */
export type WholeTable =
  | 'groups'
  | 'bundles'
  | 'event_listeners'
  | 'fcgi_programs'
  | 'webhooks'
  | 'log_targets'
  | 'peers'
  | 'server.unix'
  | 'server.http'
  | 'ctl'

/** The table of what a format can express: a row for every key. The compiler refuses a table that lacks one. */
export interface Says {
  readonly program: Readonly<Record<keyof ProgramValues, Saying>>
  readonly oneshot: Readonly<Record<OwnOneshotKey, Saying>>
  readonly supervisor: Readonly<Record<keyof SupervisorValues, Saying>>
  readonly tables: Readonly<Record<WholeTable, Saying>>
}

/** A file of the result. */
export interface OutputFile {
  /** Its path below the output directory. */
  readonly path: string
  readonly text: string
  /** What is written instead of `text`: a file that is not text. */
  readonly bytes?: Uint8Array
  /** Permissions; 0o644 when absent. */
  readonly mode?: number
}

/** The result of an export. */
export interface Output {
  readonly files: readonly OutputFile[]
  /** Findings that the table does not lead to; warnings are losses. */
  readonly diagnostics: readonly Diagnostic[]
}

/** What the second reader of a format found about a unit; keys are those of `expectedOf`. */
export type ReadUnit = Readonly<Record<string, unknown>>

/** What a format that kahi writes needs to do so; its name and options are in the list of targets. */
export interface Target {
  /** The name in messages: `a Compose file`. */
  readonly title: string
  readonly says: Says
  /** What is typed there instead of `supervisorctl VERB NAME`; undefined when there is nothing. */
  control(verb: string, name: string, options: Given & { readonly name: string }): string | undefined
  /** Whether the result has the whole configuration for kahi itself: then nothing is lost. */
  keepsAll?(options: Given): boolean
  write(plan: Plan, options: Given): Output | Promise<Output>
  /** Reads what was written with a second reader, for the proof: units by name. Absent where nothing reads the format. */
  readBack?(directory: string, plan: Plan, options: Given): Read | Promise<Read>
}

/** What a second reader found: units by name. */
export type Read = ReadonlyMap<string, ReadUnit>

/** A target in the list: what the command line needs, and where the rest is. */
export interface TargetRow {
  /** The name on the command line. */
  readonly name: string
  /** One line for --help. */
  readonly summary: string
  /** Options besides those of all targets. */
  readonly options: Readonly<Record<string, FormatOption>>
  readonly examples: readonly (readonly [command: string, meaning: string])[]
  /** Whether scripts of execline are translated, because the target has no s6. */
  readonly translates: boolean
  load(): Promise<Target>
}

/** A row of a key that is the same there. */
export function kept(how: string): Saying {
  return { verdict: 'kept', how }
}

/** A row of a key that is written in another form; `loss` says what is lost for some values. */
export function changed(how: string, loss?: Saying['loss']): Saying {
  return { verdict: 'changed', how, loss }
}

/** A row of a key that is written in another form; `note` says what is different for some values. */
export function noted(how: string, note: Saying['note']): Saying {
  return { verdict: 'changed', how, note }
}

/** A row of a key that the target cannot express. */
export function lost(how: string): Saying {
  return { verdict: 'lost', how }
}

/** A row of a key of kahi's daemon itself. */
export function daemon(how: string): Saying {
  return { verdict: 'daemon', how }
}
