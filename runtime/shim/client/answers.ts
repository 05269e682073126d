// What the first frame of a helper and its refusals mean.

import { type Frame, fieldOf, numberOf, PROTOCOL_VERSION } from './frames.ts'
import { OPCODES } from './opcodes.ts'
import { SpawnError } from '../shim.ts'
import { errnoName } from './status.ts'

/** Why this first frame is not that of a helper of our version; undefined when it is. */
export function versionProblem(frame: Frame): string | undefined {
  const version = frame.opcode === OPCODES.hello ? fieldOf(frame, 'protocol') : undefined
  if (frame.version === PROTOCOL_VERSION && version === `${PROTOCOL_VERSION}`) return undefined
  return `it speaks protocol ${version ?? frame.version}, this is kahi with protocol ${PROTOCOL_VERSION}`
}

/** The error that a FAILED says. */
export function refusal(frame: Frame): SpawnError {
  return new SpawnError(fieldOf(frame, 'step') ?? 'shim', errnoName(numberOf(frame, 'errno') ?? 0))
}

/** Throws what is no SpawnError. */
export function asSpawnError(error: unknown): SpawnError {
  if (error instanceof SpawnError) return error
  throw error
}
