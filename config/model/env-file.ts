// Files with variables of a program: what is written, and what they contain.

/** A file of variables, or a directory with a file for each variable. */
export interface EnvFile {
  /** An absolute path, once the configuration is resolved. */
  readonly path: string
  /** A file that is missing counts as empty. */
  readonly optional: boolean
}

/** The files of a program, and their variables. */
export interface EnvFiles {
  /** Later files have priority. */
  readonly files: readonly EnvFile[]
  /** Variables that the program does not set itself; null removes one that it would inherit. */
  readonly variables: Readonly<Record<string, string | null>>
  /** The path of the file that each variable comes from. */
  readonly origins: Readonly<Record<string, string>>
}
