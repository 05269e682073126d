// Describes the end of a process in supervisord's words and numbers.

import type { ExitStatus } from '../../shim/shim.ts'
import { signalInMessage } from '../../../config/values/signal.ts'

/** `exit status 3`, `terminated by SIGKILL`, `terminated by SIGSEGV (core dumped)`. Source: supervisor 4.2.5, decode_wait_status. */
export function describeExit(status: ExitStatus): string {
  if (status.signal === undefined) return `exit status ${status.code ?? 0}`
  return `terminated by ${signalInMessage(status.signal)}${status.coreDumped ? ' (core dumped)' : ''}`
}

/** The exit code, or -1 for death by signal. Source: supervisor 4.2.5, decode_wait_status. */
export function exitNumber(status: ExitStatus): number {
  return status.signal === undefined ? (status.code ?? 0) : -1
}
