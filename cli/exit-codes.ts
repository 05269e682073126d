// The exit codes of kahi's own commands. Programs that replace those of another tool use that tool's codes (cli/compat,
// and cli/ctl, which has those of supervisorctl).

/** The exit codes. */
export const EXIT = {
  /** Success. */
  ok: 0,
  /** The answer to a question is no. */
  no: 1,
  /** Wrong usage, or an invalid configuration. */
  usage: 2,
  /** A bug of kahi, or the helper was lost. */
  bug: 101,
  /** Not done within --timeout of `kahi ctl`; as timeout(1). */
  late: 124,
  /** The system refused something: a socket, a file, a permission. */
  refused: 111,
} as const

/** The exit codes of supervisorctl and of `kahi ctl`. Source: supervisor 4.2.5, supervisorctl.LSBInitExitStatuses. */
export const CTL_EXIT = {
  success: 0,
  generic: 1,
  invalidArguments: 2,
  unimplemented: 3,
  insufficientPrivileges: 4,
  notRunning: 7,
} as const

/** The exit codes of `kahi ctl status`. Source: supervisor 4.2.5, supervisorctl.LSBStatusExitStatuses. */
export const STATUS_EXIT = {
  success: 0,
  notRunning: 3,
  unknown: 4,
} as const

/** The exit codes of `kahi ctl up` and `down`. Source: s6-rc 0.5.4.1, s6-rc change. */
export const CHANGE_EXIT = {
  done: 0,
  failed: 1,
  timeout: 2,
  unknownName: 3,
} as const
