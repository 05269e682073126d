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

type Codes = readonly (readonly [code: number, meaning: string])[]

/** What the codes mean, for the reference page. */
export const EXIT_TABLES: readonly (readonly [title: string, codes: Codes])[] = [
  [
    'All commands',
    [
      [EXIT.ok, 'success'],
      [EXIT.no, 'the answer is no: something failed, differs, or was lost with `--strict`'],
      [EXIT.usage, 'wrong usage, or an invalid configuration'],
      [EXIT.bug, 'an error in kahi, or the helper was lost'],
      [EXIT.refused, 'the system refused something: a socket, a file, a permission'],
      [EXIT.late, '`kahi ctl --timeout`: not done in time'],
    ],
  ],
  [
    'kahi ctl',
    [
      [CTL_EXIT.success, 'success'],
      [CTL_EXIT.generic, 'an error, such as an unknown name'],
      [CTL_EXIT.invalidArguments, 'wrong usage'],
      [CTL_EXIT.insufficientPrivileges, 'the daemon refused the connection'],
      [CTL_EXIT.notRunning, 'no daemon, or the process did not start or was not running'],
    ],
  ],
  [
    'kahi ctl status',
    [
      [STATUS_EXIT.success, 'all processes are up'],
      [STATUS_EXIT.notRunning, 'a process is stopped, exited or FATAL'],
      [STATUS_EXIT.unknown, 'an unknown name, or no daemon'],
    ],
  ],
  [
    'kahi ctl up, down, wait',
    [
      [CHANGE_EXIT.done, 'done'],
      [CHANGE_EXIT.failed, 'something failed'],
      [CHANGE_EXIT.timeout, 'not in time'],
      [CHANGE_EXIT.unknownName, 'an unknown name'],
    ],
  ],
]
