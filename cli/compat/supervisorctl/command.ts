// What a command of supervisorctl is.

import type { Session } from './session.ts'

/** A command: its name and what it does with the rest of the line; true ends the shell. */
export interface CtlCommand {
  readonly name: string
  run(session: Session, line: string): Promise<boolean | void>
}
