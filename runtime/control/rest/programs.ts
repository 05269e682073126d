// Handlers for programs that are in no file.

import { ControlError } from '../errors.ts'
import { putProgram, removeProgram } from '../programs.ts'
import { type Call, json, pathPart, type Reply } from './reply.ts'

/** PUT /api/v1/programs/{name} with the keys of a program */
export async function putProgramOf(call: Call): Promise<Reply> {
  if (call.body === undefined) throw new ControlError('BAD_REQUEST', 'the body must be a JSON object of keys')
  return json(await putProgram.run(call.controlled, { name: pathPart(call, 'name'), text: call.text }))
}

/** DELETE /api/v1/programs/{name} */
export async function deleteProgramOf(call: Call): Promise<Reply> {
  return json(await removeProgram.run(call.controlled, { name: pathPart(call, 'name') }))
}
