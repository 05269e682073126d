// The type of a target of the fuzzer.

import type { Arbitrary } from 'fast-check'

/** The result for one input. */
export type Verdict = 'accepted' | 'refused'

/** The folders that a target may use. The folder for files is removed at the end. */
export interface Surroundings {
  /** The root of the checkout. */
  readonly root: string
  readonly folder: string
}

/** A prepared target. */
export interface Attack<Input> {
  /**
   * Gives whether kahi accepted the input. Rejects when kahi has a bug: an exception other than a diagnostic, a crash, or a
   * wrong answer.
   */
  check(input: Input): Promise<Verdict>
  close(): Promise<void>
}

/** A reader of foreign input. */
export interface Target<Input> {
  readonly name: string
  /** One sentence for --help. */
  readonly about: string
  /** The reason why this machine cannot test the reader; undefined when it can. */
  missing?(root: string): string | undefined
  /** The inputs that are tried. */
  inputs(root: string): Arbitrary<Input>
  open(surroundings: Surroundings): Promise<Attack<Input>>
}

/** Ties the inputs of a target to its check, and hides their type from lists of targets. */
export function target<Input>(definition: Target<Input>): Target<unknown> {
  return {
    ...definition,
    async open(surroundings) {
      const attack = await definition.open(surroundings)
      // the inputs come from this target's own arbitrary
      return { check: (input) => attack.check(input as Input), close: () => attack.close() }
    },
  }
}
