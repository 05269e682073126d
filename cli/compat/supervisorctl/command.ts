// The type of a command of supervisorctl.

import type { Session } from './session.ts'

/** A command: its name, and a function for the rest of the line; true ends the shell. */
export interface CtlCommand {
  readonly name: string
  run(session: Session, line: string): Promise<boolean | void>
}
