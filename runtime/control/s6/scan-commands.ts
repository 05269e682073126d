// What each byte written to .s6-svscan/control asks for, one row a byte.
// Source: s6 2.15, s6-svscanctl and s6-svscan; p, r, s and the digits are of s6 before 2.10.

/** A scan directory as the bytes steer it. */
export interface Scanned {
  /** Begins to supervise what has come. */
  scan(): void
  /** Lets go of what was gone at the last scan. */
  prune(): void
  /** Ends the daemon, as a request for its end does. */
  end(): void
}

type Command = (directory: Scanned) => void

const end: Command = (directory) => directory.end()

/** The bytes; an unknown one is only told of. */
export const COMMANDS: Readonly<Record<string, Command>> = {
  a: (directory) => directory.scan(),
  n: (directory) => directory.prune(),
  N: (directory) => directory.prune(),
  h: (directory) => {
    directory.scan()
    directory.prune()
  },
  z: () => {}, // the helper reaps everything as it comes
  ...Object.fromEntries([...'tiqbprs0678'].map((letter) => [letter, end])),
}
