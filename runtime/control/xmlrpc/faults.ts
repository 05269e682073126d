// The fault codes of supervisord, and which error of kahi becomes which fault. Source: supervisor 4.2.5, xmlrpc.Faults.

import type { ControlError, ErrorCode } from '../operations/errors.ts'

/** Name → number. */
export const FAULTS = {
  UNKNOWN_METHOD: 1,
  INCORRECT_PARAMETERS: 2,
  BAD_ARGUMENTS: 3,
  SIGNATURE_UNSUPPORTED: 4,
  SHUTDOWN_STATE: 6,
  BAD_NAME: 10,
  BAD_SIGNAL: 11,
  NO_FILE: 20,
  NOT_EXECUTABLE: 21,
  FAILED: 30,
  ABNORMAL_TERMINATION: 40,
  SPAWN_ERROR: 50,
  ALREADY_STARTED: 60,
  NOT_RUNNING: 70,
  /** The status of a success in arrays. */
  SUCCESS: 80,
  ALREADY_ADDED: 90,
  STILL_RUNNING: 91,
  CANT_REREAD: 92,
} as const

/** Name of a fault. */
export type FaultName = keyof typeof FAULTS

const OF_ERROR: Readonly<Partial<Record<ErrorCode, FaultName>>> = {
  BAD_REQUEST: 'INCORRECT_PARAMETERS',
  NOT_FOUND: 'BAD_NAME',
  SHUTTING_DOWN: 'SHUTDOWN_STATE',
  NEEDS_FAILED: 'ABNORMAL_TERMINATION',
  NOT_READY: 'ABNORMAL_TERMINATION',
  BAD_ARGUMENTS: 'BAD_ARGUMENTS',
  BAD_SIGNAL: 'BAD_SIGNAL',
  NO_FILE: 'NO_FILE',
  NO_LOG: 'NO_FILE',
  NOT_EXECUTABLE: 'NOT_EXECUTABLE',
  ABNORMAL_TERMINATION: 'ABNORMAL_TERMINATION',
  SPAWN_ERROR: 'SPAWN_ERROR',
  ALREADY_STARTED: 'ALREADY_STARTED',
  NOT_RUNNING: 'NOT_RUNNING',
  ALREADY_ADDED: 'ALREADY_ADDED',
  STILL_RUNNING: 'STILL_RUNNING',
  CANT_REREAD: 'CANT_REREAD',
}

/** Faults whose text is only their name. */
const BARE: ReadonlySet<FaultName> = new Set(['SHUTDOWN_STATE', 'BAD_ARGUMENTS'])

/** A failed call: a number, and a text that begins with the name of the fault. */
export class Fault extends Error {
  readonly code: number

  constructor(name: FaultName, extra?: string) {
    super(extra === undefined ? name : `${name}: ${extra}`)
    this.name = 'Fault'
    this.code = FAULTS[name]
  }
}

/** Faults that say why the command of a process cannot be executed; their text does not name the process. */
export function isUnexecutable(name: FaultName): boolean {
  return name === 'NO_FILE' || name === 'NOT_EXECUTABLE'
}

/** The name of the fault for an error; errors without a fault of their own become FAILED. */
export function faultName(code: ErrorCode): FaultName {
  return OF_ERROR[code] ?? 'FAILED'
}

/**
 * The fault for an error; `subject` is what the call was about. If the error has a message of its own, that is used
 * instead.
 */
export function faultOf(error: ControlError, subject: string | undefined): Fault {
  const name = faultName(error.code)
  if (BARE.has(name)) return new Fault(name)
  if (name === 'CANT_REREAD' || name === 'FAILED') return new Fault(name, error.message)
  return new Fault(name, isUnexecutable(name) ? (error.hint ?? subject) : subject)
}
