// Types for the destination of a process's output, and for the format of its lines.

/** Where the output of a stream goes: nowhere, a file that kahi names, a path, or the daemon's own stdout or stderr. */
export type LogFile =
  | { readonly kind: 'none' }
  | { readonly kind: 'auto' }
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'stdout'; readonly path: string }
  | { readonly kind: 'stderr'; readonly path: string }

/** The standard descriptors of a program: pipes to the daemon, or those of the daemon itself. */
export type Stdio = 'pipes' | 'inherit'

/** The format of a program's lines: unchanged, after time and name, after name and stream, or JSON objects. */
export type LineFormat = 'raw' | 'prefix' | 'channel' | 'json'

/** What a configuration says of it; `auto` depends on where the lines are written. */
export type StreamFormat = 'auto' | LineFormat
