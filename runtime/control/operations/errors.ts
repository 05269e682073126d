// All errors of control in one table, for all protocols and for kahi ctl: code → HTTP status → text. The status tells
// whose fault it is. 400 to 405, 413, 416 and 429: the request is wrong. 409: the state of the daemon or process does not
// allow it. 422: the program was asked and failed. 500: a bug of kahi. 503 and 507: the machine or the helper.

/** Code → HTTP status, and the text that follows the name. */
export const ERRORS = {
  BAD_REQUEST: { status: 400, text: 'bad request' },
  BAD_ARGUMENTS: { status: 400, text: 'bad arguments' },
  BAD_SIGNAL: { status: 400, text: 'bad signal name' },
  UNAUTHORIZED: { status: 401, text: 'this server requires authentication' },
  FORBIDDEN: { status: 403, text: 'requests from other web sites are refused' },
  PASSWORD_NEEDED: { status: 403, text: 'this server has no password: programs can be added only over a unix socket' },
  NOT_FOUND: { status: 404, text: 'no such process' },
  NO_LOG: { status: 404, text: 'no log file' },
  METHOD_NOT_ALLOWED: { status: 405, text: 'method not allowed' },
  ALREADY_STARTED: { status: 409, text: 'already started' },
  ALREADY_ADDED: { status: 409, text: 'process group already active' },
  NOT_RUNNING: { status: 409, text: 'not running' },
  STILL_RUNNING: { status: 409, text: 'process group still running' },
  ESSENTIAL: { status: 409, text: 'it is essential: only a shutdown of the daemon stops it' },
  NO_RELOAD: { status: 409, text: 'it has no reload_command' },
  CANT_REREAD: { status: 409, text: 'the configuration cannot be used' },
  CONFLICT: { status: 409, text: 'not possible now' },
  TOO_LARGE: { status: 413, text: 'request body too large' },
  BAD_RANGE: { status: 416, text: 'the log has no such part' },
  NO_FILE: { status: 422, text: 'no such file' },
  NOT_EXECUTABLE: { status: 422, text: 'file is not executable' },
  SPAWN_ERROR: { status: 422, text: 'spawn error' },
  ABNORMAL_TERMINATION: { status: 422, text: 'abnormal termination' },
  NEEDS_FAILED: { status: 422, text: 'a dependency has failed' },
  NOT_READY: { status: 422, text: 'not ready in time' },
  STOP_FAILED: { status: 422, text: 'could not be taken down' },
  TIMEOUT: { status: 422, text: 'not done in time; it continues' },
  FAILED: { status: 422, text: 'failed' },
  TOO_MANY_ATTEMPTS: { status: 429, text: 'too many wrong passwords; try again later' },
  SERVER_ERROR: { status: 500, text: 'internal error' },
  SHUTTING_DOWN: { status: 503, text: 'supervisor is shutting down' },
  BUSY: { status: 503, text: 'the requests and answers of all clients together are too long now; try again later' },
  UNAVAILABLE: { status: 503, text: 'the helper that runs the programs does not answer' },
  NO_SPACE: { status: 507, text: 'the disk is full' },
} as const satisfies Record<string, { readonly status: number; readonly text: string }>

/** NOT_FOUND for a group. */
export const NO_SUCH_GROUP = 'no such group'

/** One of the codes of ERRORS. */
export type ErrorCode = keyof typeof ERRORS

/** A verb that failed: the reason in a sentence, and a hint. */
export class ControlError extends Error {
  readonly code: ErrorCode
  readonly hint: string | undefined

  constructor(code: ErrorCode, message: string = ERRORS[code].text, hint?: string) {
    super(message)
    this.name = 'ControlError'
    this.code = code
    this.hint = hint
  }
}

/** The error of a request for a group that does not exist. */
export function noSuchGroup(group: string): ControlError {
  return new ControlError('NOT_FOUND', `${NO_SUCH_GROUP}: ${group}`)
}

/** The body of an error answer: `{"error": …, "code": …}`, with `hint` when there is one. */
export function errorBody(error: ControlError): { error: string; code: ErrorCode; hint?: string } {
  const body = { error: error.message, code: error.code }
  return error.hint === undefined ? body : { ...body, hint: error.hint }
}

/** The daemon cannot start: the message for the user, and the exit code, 2 (wrong use) or 111 (the system refused). */
export class StartError extends Error {
  readonly exitCode: 2 | 111

  constructor(message: string, exitCode: 2 | 111) {
    super(message)
    this.name = 'StartError'
    this.exitCode = exitCode
  }
}
