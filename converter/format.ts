// What a converter gives, whatever it read: the configuration as a Document, what there is to say about
// it, and for each thing that was read what became of it.

import type { Machine } from '../config/config.ts'
import type { Diagnostic, Place } from '../config/diagnostic.ts'
import type { Comment, Document, Entry, Table } from '../config/document.ts'

/** What became of a key or section: taken over, under another name, in another form, written out because the defaults differ, done by kahi itself, or lost. */
export type Fate = 'kept' | 'renamed' | 'changed' | 'defaulted' | 'replaced' | 'dropped'

/** One thing that was read, or for `defaulted` one that was not there. */
export interface LedgerEntry {
  readonly place: Place
  /** As it was called: `program:web`. */
  readonly section: string
  /** Empty for a whole section. */
  readonly key: string
  readonly fate: Fate
  /** Where it is in the TOML: `programs.web.command`; empty when it is nowhere. */
  readonly to: string
  readonly note?: string | undefined
}

/** What became of a line. */
export type LineFate = Fate | 'comment' | 'blank'

/** Something in a Document that a line became. */
export type Written = Table | Entry | Comment

/** One line of a source. */
export interface LineEntry {
  readonly place: Place
  readonly fate: LineFate
  /** Where what it says is in the TOML: `programs.web.command`; empty when it is nowhere. */
  readonly to: string
  /** What stands for it in the Document, be it a comment. */
  readonly written: Written | undefined
  readonly note?: string | undefined
}

/** How a conversion is made. */
export interface ConvertOptions {
  /** Write the source's directory where it says `%(here)s`, because the TOML may lie elsewhere. */
  readonly absoluteHere?: boolean
  /** The original would not start without its main section; true refuses such a fragment. */
  readonly complete?: boolean
  /** Passes over all sections but those, and accounts for no lines; absent converts all. */
  readonly only?: (section: string) => boolean
  /** Read this instead of the file of that name, for what is no file. */
  readonly text?: string | undefined
  /** Further source directories of s6-rc, whose services share their names. */
  readonly sources?: readonly string[]
  /** Source directories of the images below, the lowest first: the source is laid over them, file by file. */
  readonly bases?: readonly string[]
  /** Write scripts into the TOML instead of naming their files. */
  readonly inline?: boolean
  /** Turn scripts of execline into keys and scripts of sh where the result is the same. */
  readonly translate?: boolean
  /** Where the source directory will lie when its services run, if not where it lies now. */
  readonly at?: string | undefined
  /** The name of the format, if it is not to be found out. */
  readonly format?: string | undefined
  /** The command of a container, which runs beside its services; given, even if empty, where the result runs at once. */
  readonly command?: readonly string[]
  /** Where that command is run. */
  readonly directory?: string | undefined
}

/** What one process or oneshot must get. Values that are absent are null; times are seconds, sizes bytes, logs paths. */
export interface Expected {
  readonly group: string
  readonly name: string
  readonly values: Readonly<Record<string, unknown>>
  /** Where a key stands in the source; its section when it is not there. */
  place(key: string): Place
}

/** A second reader of the same files, small and on its own, so that a mistake of the conversion cannot hide behind itself. */
export interface Witness {
  /** Texts that may name variables. */
  readonly texts: readonly string[]
  /** What the files ask for, as far as it stands in the document. Throws ValueError when it cannot read them. */
  expect(machine: Machine, document: Document): readonly Expected[]
}

/** The result of reading old files. */
export interface Conversion {
  readonly document: Document
  readonly diagnostics: readonly Diagnostic[]
  readonly ledger: readonly LedgerEntry[]
  /** Every line of every file, in the order in which they were read. */
  readonly lines: readonly LineEntry[]
  /** Files that were read, the main one first. */
  readonly files: readonly string[]
  /** Only part of a configuration, to be included by another file. */
  readonly isFragment: boolean
}
