// The shape of a program that a client adds: the keys of [programs.x], from their rows.

import * as v from 'valibot'
import { programKeys } from '../../../../config/keys/program.ts'

/** A key takes what kahi.toml takes for it; what is wrong with a value, and a key that does not exist, is said with its place. */
const entries = Object.fromEntries(
  Object.entries(programKeys).map(([name, { type, doc }]) => [
    name,
    v.optional(v.pipe(v.unknown(), v.description(`${type.name}: ${doc}`))),
  ]),
)

/** The keys of a program. */
export const Program = v.pipe(
  v.looseObject(entries),
  v.title('Program'),
  v.description('The keys of a program as in kahi.toml: `{"command":"sleep 9","environment":{"A":"b"}}`'),
)
