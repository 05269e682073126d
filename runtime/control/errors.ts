// Everything control can answer but success: one table, code → HTTP status → text. Protocols look codes up here;
// none invents its own.

/** Code → HTTP status and the text that goes with a name. */
export const ERRORS = {
  BAD_REQUEST: { status: 400, text: 'bad request' },
  UNAUTHORIZED: { status: 401, text: 'this server requires authentication' },
  FORBIDDEN: { status: 403, text: 'requests from other web sites are refused' },
  NOT_FOUND: { status: 404, text: 'no such process' },
  METHOD_NOT_ALLOWED: { status: 405, text: 'method not allowed' },
  CONFLICT: { status: 409, text: 'not possible now' },
  TOO_LARGE: { status: 413, text: 'request body too large' },
  SHUTTING_DOWN: { status: 409, text: 'supervisor is shutting down' },
  SERVER_ERROR: { status: 500, text: 'internal error' },
  ALREADY_STARTED: { status: 409, text: 'already started' },
  NOT_RUNNING: { status: 400, text: 'not running' },
  SPAWN_ERROR: { status: 500, text: 'spawn error' },
  NEEDS_FAILED: { status: 500, text: 'what it needs has failed' },
  NOT_READY: { status: 500, text: 'not ready in time' },
  TIMEOUT: { status: 500, text: 'not done in time; it goes on' },
  STOP_FAILED: { status: 500, text: 'it could not be taken down' },
  ESSENTIAL: { status: 409, text: 'it is essential: only the end of the daemon stops it' },
  ABNORMAL_TERMINATION: { status: 500, text: 'abnormal termination' },
  NO_FILE: { status: 404, text: 'no such file' },
  NOT_EXECUTABLE: { status: 500, text: 'file is not executable' },
  BAD_ARGUMENTS: { status: 400, text: 'bad arguments' },
  FAILED: { status: 500, text: 'failed' },
  ALREADY_ADDED: { status: 409, text: 'process group already active' },
  STILL_RUNNING: { status: 409, text: 'process group still running' },
  CANT_REREAD: { status: 409, text: 'the configuration cannot be used' },
  BAD_SIGNAL: { status: 400, text: 'bad signal name' },
} as const satisfies Record<string, { readonly status: number; readonly text: string }>

/** One of the codes of ERRORS. */
export type ErrorCode = keyof typeof ERRORS

/** A verb that could not be done: what, in a sentence, and what may help. */
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

/** The body of an error answer: `{"error": …, "code": …}`, with `hint` when there is one. */
export function errorBody(error: ControlError): { error: string; code: ErrorCode; hint?: string } {
  const body = { error: error.message, code: error.code }
  return error.hint === undefined ? body : { ...body, hint: error.hint }
}

/** A daemon that cannot start: the message for the user and the exit code, 2 (wrong use) or 111 (the system refused). */
export class StartError extends Error {
  readonly exitCode: 2 | 111

  constructor(message: string, exitCode: 2 | 111) {
    super(message)
    this.name = 'StartError'
    this.exitCode = exitCode
  }
}
