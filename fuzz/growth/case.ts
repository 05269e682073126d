// The inputs that the measurement uses: each kind can have any size.

import { thisMachine } from '../../runtime/system/users.ts'

/** A file of an input. */
export type File = readonly [path: string, text: string]

/** One kind of input. */
export interface Case {
  readonly name: string
  readonly first: number
  /** The files of the input of this many parts; the first one is read. */
  input(count: number): readonly File[]
  read(path: string, text: string, folder: string): unknown
}

export const machine = thisMachine()

/** Joins the parts to one text. */
export function times(count: number, part: (index: number) => string): string {
  return Array.from({ length: count }, (_, index) => part(index)).join('')
}
