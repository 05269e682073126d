// What each byte written to .s6-svscan/control requests, one row for each byte. Source: s6 2.15, s6-svscanctl and
// s6-svscan; p, r, s and the digits are of s6 before 2.10.

/** A scan directory as the bytes control it. */
export interface Scanned {
  /** Begins to supervise new services. */
  scan(): void
  /** Ends the supervision of services that were gone at the last scan. */
  prune(): void
  /** Ends the daemon, as a client's shutdown does. */
  end(): void
}

type Command = (directory: Scanned) => void

const end: Command = (directory) => directory.end()

/** The bytes. An unknown byte is only logged. */
export const COMMANDS: Readonly<Record<string, Command>> = {
  a: (directory) => directory.scan(),
  n: (directory) => directory.prune(),
  N: (directory) => directory.prune(),
  h: (directory) => {
    directory.scan()
    directory.prune()
  },
  z: () => {}, // the helper reaps every process at once
  ...Object.fromEntries([...'tiqbprs0678'].map((letter) => [letter, end])),
}
