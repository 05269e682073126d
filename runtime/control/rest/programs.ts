// Rows for programs that are in no file.

import { putProgram, removeProgram } from '../operations/programs.ts'
import { ProgramStatus } from '../operations/shapes/daemon.ts'
import { Program } from '../operations/shapes/program.ts'
import { pathPart, row } from './row.ts'

/** Rows for programs. */
export const programRows = {
  'PUT /api/v1/programs/{name}': row({
    access: 'admin',
    operation: putProgram,
    runsCommands: true,
    body: Program,
    answer: ProgramStatus,
    run: (call) => putProgram.run(call.controlled, { name: pathPart(call, 'name'), text: call.text }),
  }),
  'DELETE /api/v1/programs/{name}': row({
    access: 'admin',
    operation: removeProgram,
    runsCommands: true,
    answer: ProgramStatus,
    run: (call) => removeProgram.run(call.controlled, { name: pathPart(call, 'name') }),
  }),
}
