// The exit codes of kahi's own commands. Programs that stand in for another tool use that tool's codes
// (cli/compat, and cli/ctl which answers as supervisorctl does).

/** What a command of kahi ends with. */
export const EXIT = {
  /** Done. */
  ok: 0,
  /** The answer is no. */
  no: 1,
  /** Wrong usage, or a configuration that cannot be used. */
  usage: 2,
  /** Our own bug, or the helper was lost. */
  bug: 101,
  /** The system refused: a socket, a file, a permission. */
  refused: 111,
} as const

/** What supervisorctl ends with, and so `kahi ctl`. Source: supervisor 4.2.5, supervisorctl.LSBInitExitStatuses. */
export const CTL_EXIT = {
  success: 0,
  generic: 1,
  invalidArguments: 2,
  unimplemented: 3,
  insufficientPrivileges: 4,
  notRunning: 7,
} as const

/** What `kahi ctl status` ends with. Source: supervisor 4.2.5, supervisorctl.LSBStatusExitStatuses. */
export const STATUS_EXIT = {
  success: 0,
  notRunning: 3,
  unknown: 4,
} as const

/** What `kahi ctl up` and `down` end with. Source: s6-rc 0.5.4.1, s6-rc change. */
export const CHANGE_EXIT = {
  done: 0,
  failed: 1,
  timeout: 2,
  unknownName: 3,
} as const
