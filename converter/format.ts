// The type of a format: it detects whether a path has this format, and gives a Source, which is passed to all code that
// reads it. Reading gives a Document, diagnostics, and for each part of the source what became of it.

import type { Machine } from '../config/model/machine.ts'
import type { Diagnostic, Place } from '../config/model/diagnostic.ts'
import type { Comment, Document, Entry, Table } from '../config/keys/document.ts'

/**
 * What became of a key or section: taken over, renamed, in another form, written because the defaults differ, done by
 * kahi itself, or lost.
 */
export type Fate = 'kept' | 'renamed' | 'changed' | 'defaulted' | 'replaced' | 'dropped'

/** A part of the source; for `defaulted` a part that is not in the source. */
export interface LedgerEntry {
  readonly place: Place
  /** The name in the source: `program:web`. */
  readonly section: string
  /** Empty for a whole section. */
  readonly key: string
  readonly fate: Fate
  /** Its place in the TOML: `programs.web.command`; empty when there is none. */
  readonly to: string
  readonly note?: string | undefined
}

/** What became of a line. */
export type LineFate = Fate | 'comment' | 'blank'

/** The part of a Document that a line became. */
export type Written = Table | Entry | Comment

/** One line of a source. */
export interface LineEntry {
  readonly place: Place
  readonly fate: LineFate
  /** The place in the TOML of what it says: `programs.web.command`; empty when there is none. */
  readonly to: string
  /** The part of the Document for this line; it may be a comment. */
  readonly written: Written | undefined
  readonly note?: string | undefined
}

/** An option of `kahi migrate` for a format. */
export interface FormatOption {
  readonly type: 'string' | 'boolean'
  /** One line for --help. */
  readonly summary: string
  /** Takes several words. */
  readonly many?: boolean
}

/** What a user says about a path. */
export interface Asked {
  /** The name of the format; undefined to detect it. */
  readonly format?: string | undefined
  /** Read this text instead of the file: for input that is no file or can be read only once. */
  readonly text?: string | undefined
  /** Further paths that belong to the first one. */
  readonly sources?: readonly string[]
  /** Values of the formats' options, by their names on the command line. */
  readonly options?: Given
}

/** Options as they were typed. */
export type Given = Readonly<Record<string, string | boolean | readonly string[] | undefined>>

/** Options of reading that the calling code decides, not the user. */
export interface Reading {
  /** Replace `%(here)s` by the directory of the source, because the TOML may be in another one. */
  readonly absoluteHere?: boolean
  /** Convert only the tables that clients of the daemon need (isForClients in config/keys/tables.ts), and record no lines. */
  readonly forClients?: boolean
}

/** A path whose format is known. */
export interface Source {
  /** The name of its format. */
  readonly format: string
  /** The main file or directory; for input that is no file, its name in messages. */
  readonly path: string
  /** A decision that was made for the user. */
  readonly note?: Diagnostic | undefined
  /** Reads the source with all its files. Throws ConfigError with all errors. */
  convert(machine: Machine, reading?: Reading): Conversion
  /** A machine with values for variables that are missing here, and diagnostics about them. Throws ConfigError. */
  prepare?(machine: Machine): { readonly machine: Machine; readonly diagnostics: readonly Diagnostic[] }
  /** Translates a diagnostic about its tables into the words of the format. */
  inOwnWords?(found: Diagnostic): Diagnostic
  /** Reads the source with a second, independent reader, for the proof of the conversion. Throws ConfigError. */
  witness(machine: Machine): Witness
}

/** A format that kahi reads. */
export interface Format {
  /** The name for --format. */
  readonly name: string
  /** The name in messages: `a supervisord.conf`. */
  readonly title: string
  /** It is kahi's own format, which is not converted. */
  readonly isNative?: boolean
  /** Endings of the names of its files, such as `.conf`; without any when only directories have this format. */
  readonly endings: readonly string[]
  /** What a directory of this format contains: `supervisord.conf, *.conf`; absent when only files have this format. */
  readonly holds?: string
  /** Options of `kahi migrate` for this format. */
  readonly options: Readonly<Record<string, FormatOption>>
  /** Whether further paths may follow the first one. */
  readonly takesSources: boolean
  /**
   * The source at a path; undefined when the path has another format. Throws ConfigError when the format was named and
   * the path cannot have it.
   */
  detect(path: string, asked: Asked): Source | undefined
  /** Whether a file or directory that was found in a folder has this format. */
  meets(path: string, isDirectory: boolean): boolean
  /** Whether a found one may include other found ones. */
  leads?(path: string): boolean
}

/** Whether the name of a file has an ending of the format. */
export function isNamedAs({ endings }: Pick<Format, 'endings'>, path: string): boolean {
  return endings.some((ending) => path.endsWith(ending))
}

/** All options of converters. */
export interface ConvertOptions extends Reading {
  /** The original does not start without its main section; true refuses such a fragment. */
  readonly complete?: boolean
  /** Read this text instead of the file: for input that is no file. */
  readonly text?: string | undefined
  /** Further source directories of s6-rc; all services share one set of names. */
  readonly sources?: readonly string[]
  /** Source directories of the images below, the lowest first. The source is laid over them, file by file. */
  readonly bases?: readonly string[]
  /** Write scripts into the TOML instead of naming their files. */
  readonly inline?: boolean
  /** Translate scripts of execline into keys and scripts of sh, where the result is the same. */
  readonly translate?: boolean
  /** The path of the source directory when its services run, if it will not be the current one. */
  readonly at?: string | undefined
  /**
   * The command of a container, which runs beside its services. It is given, even if empty, when the result is run at
   * once.
   */
  readonly command?: readonly string[]
  /** The same for a result that is run later. */
  readonly laterCommand?: readonly string[] | undefined
  /** The image is being booted: changes that its scripts make during the boot count. */
  readonly isBoot?: boolean
  /** The directory in which that command is run. */
  readonly directory?: string | undefined
}

/**
 * The expected settings of one process or oneshot. Absent values are null; times are seconds, sizes bytes, logs paths.
 */
export interface Expected {
  readonly group: string
  readonly name: string
  readonly values: Readonly<Record<string, unknown>>
  /** The place of a key in the source; that of its section when the key is absent. */
  place(key: string): Place
}

/** A second reader of the same files. It is small and independent, so that a mistake of the conversion is found. */
export interface Witness {
  /** Texts that may contain variables. */
  readonly texts: readonly string[]
  /** The expected settings of all tables in the document. Throws ValueError when the files cannot be read. */
  expect(machine: Machine, document: Document): readonly Expected[]
}

/** The result of reading old files. */
export interface Conversion {
  readonly document: Document
  readonly diagnostics: readonly Diagnostic[]
  readonly ledger: readonly LedgerEntry[]
  /** Every line of every file, in the order of reading. */
  readonly lines: readonly LineEntry[]
  /** The files that were read, the main one first. */
  readonly files: readonly string[]
  /** What decides how it runs and stands in none of its files. */
  readonly uncompared?: readonly string[]
  /** It is only a part of a configuration, to be included by another file. */
  readonly isFragment: boolean
}
