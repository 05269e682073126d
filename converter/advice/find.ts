// All advice about a Document; what is certain is made, if asked for.

import type { Document } from '../../config/document.ts'
import type { Written } from '../format.ts'
import { ADVICE_KINDS, type Advice, type AdviceKind, type AdviceRule, type Suggestion } from './advice.ts'
import { makeChanges, showChanges } from './change.ts'
import { adviseOnCopies, adviseOnRestarts, adviseOnWaits, adviseOnWrappers } from './commands.ts'
import { adviseOnEndings, adviseOnLogs, adviseOnOneshots, adviseOnUsers } from './settings.ts'

/** One line for each rule. */
const rules: readonly AdviceRule[] = [
  adviseOnEndings,
  adviseOnOneshots,
  adviseOnWaits,
  adviseOnRestarts,
  adviseOnWrappers,
  adviseOnLogs,
  adviseOnCopies,
  adviseOnUsers,
]

/** A Document with advice about it. */
export interface Advised {
  readonly document: Document
  /** By kind, then in the order of the file. */
  readonly advice: readonly Suggestion[]
  /** What stands in the Document for what stood there before. */
  readonly standIns: ReadonlyMap<Written, Written>
}

/** Looks for advice. With `modernize` what is certain is done, one after the other, since one may make way for the next. */
export function advise(document: Document, modernize: boolean): Advised {
  const standIns = new Map<Written, Written>()
  const done: Suggestion[] = []
  let current = document
  for (;;) {
    const found = findAdvice(current)
    const next = modernize ? found.find(({ certain }) => certain) : undefined
    if (next === undefined) {
      const open = found.map((one) => suggest(current, one, false))
      return { document: current, advice: sort([...done, ...open]), standIns }
    }
    done.push(suggest(current, next, true))
    const changed = makeChanges(current, next)
    for (const [before, after] of standIns) standIns.set(before, changed.standIns.get(after) ?? after)
    for (const [before, after] of changed.standIns) standIns.set(before, after)
    current = changed.document
  }
}

function suggest(document: Document, advice: Advice, applied: boolean): Suggestion {
  return { ...advice, toml: showChanges(document, advice.changes), applied }
}

function findAdvice(document: Document): readonly Advice[] {
  return sort(rules.flatMap((rule) => rule(document)))
}

function sort<T extends Advice>(advice: readonly T[]): readonly T[] {
  return (Object.keys(ADVICE_KINDS) as AdviceKind[]).flatMap((kind) => advice.filter((one) => one.kind === kind))
}
