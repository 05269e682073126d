// Finds all advice for a Document, and follows what is certain, on request.

import type { Document } from '../../config/keys/document.ts'
import type { Written } from '../format.ts'
import { ADVICE_KINDS, type Advice, type AdviceKind, type AdviceRule, type Suggestion } from './advice.ts'
import { makeChanges, showChanges } from './change.ts'
import { adviseOnCopies, adviseOnRestarts, adviseOnWaits, adviseOnWrappers } from './commands.ts'
import { canStart, type FindsProgram } from './executable.ts'
import { adviseOnSchedules } from './schedules.ts'
import { adviseOnEndings, adviseOnLogs, adviseOnOneshots, adviseOnUsers } from './settings.ts'

/** One line for each rule. */
const rules: readonly AdviceRule[] = [
  adviseOnEndings,
  adviseOnOneshots,
  adviseOnWaits,
  adviseOnSchedules,
  adviseOnRestarts,
  adviseOnWrappers,
  adviseOnLogs,
  adviseOnCopies,
  adviseOnUsers,
]

/** A Document with advice about it. */
export interface Advised {
  readonly document: Document
  /** Sorted by kind, then in the order of the file. */
  readonly advice: readonly Suggestion[]
  /** Parts of the Document that were changed, with their replacements. */
  readonly replacements: ReadonlyMap<Written, Written>
}

/**
 * Finds advice. With `modernize` certain advice is followed, one after the other, because one change may make another
 * one possible.
 */
export function advise(document: Document, modernize: boolean, looksUp: FindsProgram = canStart): Advised {
  const replacements = new Map<Written, Written>()
  const done: Suggestion[] = []
  let current = document
  for (;;) {
    const found = findAdvice(current, looksUp)
    const next = modernize ? found.find(({ certain }) => certain) : undefined
    if (next === undefined) {
      const open = found.map((one) => suggest(current, one, false))
      return { document: current, advice: sort([...done, ...open]), replacements }
    }
    done.push(suggest(current, next, true))
    const changed = makeChanges(current, next)
    for (const [before, after] of replacements) replacements.set(before, changed.replacements.get(after) ?? after)
    for (const [before, after] of changed.replacements) replacements.set(before, after)
    current = changed.document
  }
}

function suggest(document: Document, advice: Advice, applied: boolean): Suggestion {
  return { ...advice, toml: showChanges(document, advice.changes), applied }
}

function findAdvice(document: Document, looksUp: FindsProgram): readonly Advice[] {
  return sort(rules.flatMap((rule) => rule(document, looksUp)))
}

function sort<T extends Advice>(advice: readonly T[]): readonly T[] {
  return (Object.keys(ADVICE_KINDS) as AdviceKind[]).flatMap((kind) => advice.filter((one) => one.kind === kind))
}
