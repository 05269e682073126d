// Rows for programs that are in no file.

import * as v from 'valibot'
import { putProgram, removeProgram, scaleProgram } from '../operations/programs.ts'
import { ProgramStatus, ScaledProgram } from '../operations/shapes/daemon.ts'
import { Program } from '../operations/shapes/program.ts'
import { pathPart, row } from './row.ts'

const ScaleBody = v.strictObject({
  numprocs: v.pipe(v.number(), v.integer(), v.minValue(0), v.description('How many processes; 0 runs none')),
})

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
  'POST /api/v1/programs/{name}/scale': row({
    access: 'control',
    operation: scaleProgram,
    body: ScaleBody,
    answer: ScaledProgram,
    run: (call) => scaleProgram.run(call.controlled, { name: pathPart(call, 'name'), ...call.body }),
  }),
  'DELETE /api/v1/programs/{name}': row({
    access: 'admin',
    operation: removeProgram,
    runsCommands: true,
    answer: ProgramStatus,
    run: (call) => removeProgram.run(call.controlled, { name: pathPart(call, 'name') }),
  }),
}
