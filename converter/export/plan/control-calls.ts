// Programs that call supervisorctl: in the target another command does the same.

import { hasVariables } from './variables.ts'
import type { Plan } from './plan.ts'
import type { Unit } from './unit.ts'
import type { Diagnostic } from '../../../config/model/diagnostic.ts'

/** The command of the target for a verb and the name of a unit; undefined when there is none. */
export type Control = (verb: string, name: string) => string | undefined

/** `supervisorctl restart web`, with a path and options. */
const CALL =
  /(?<![\w-])(?:\/[\w./-]*\/)?supervisorctl(?:\s+-[csupr]\s*\S+|\s+--?\w[\w-]*=\S+)*\s+(start|stop|restart|signal|status)\s+([A-Z0-9]+\s+(?=[\w.:-]+))?([\w.:-]+)/g
const WORD = /(?:^|[\s/;&|('"`])supervisorctl\b/

/** The plan with those calls replaced, and findings: notes for replaced calls, warnings for others. */
export function replaceCalls(
  plan: Plan,
  control: Control,
): { readonly plan: Plan; readonly diagnostics: readonly Diagnostic[] } {
  const diagnostics: Diagnostic[] = []
  const byId = new Map(
    plan.units.flatMap(
      (unit) =>
        [
          [unit.id, unit.name],
          [unit.settings.name, unit.name],
        ] as const,
    ),
  )
  const replace = (unit: Unit, text: string): string => {
    if (!WORD.test(text) || hasVariables(text)) return text
    const found = text.replaceAll(CALL, (all: string, verb: string, _signal: string | undefined, name: string) => {
      const other = byId.get(name)
      const command = other === undefined ? undefined : control(verb, other)
      if (command === undefined) return all
      const message = `${unit.name}: ${all.replaceAll(/\s+/g, ' ')} becomes ${command}`
      diagnostics.push({ severity: 'note', message, place: unit.table.place })
      return command
    })
    if (WORD.test(found)) {
      const message = `${unit.name} calls supervisorctl, which is not there`
      diagnostics.push({ severity: 'warning', message, place: unit.table.place })
    }
    return found
  }
  const units = plan.units.map((unit) => {
    const { argv } = unit.settings
    if (argv === undefined || !argv.some((word) => WORD.test(word))) return unit
    const joined = argv[0]?.endsWith('supervisorctl') === true ? replace(unit, argv.join(' ')).split(' ') : undefined
    return { ...unit, settings: { ...unit.settings, argv: joined ?? argv.map((word) => replace(unit, word)) } }
  })
  return { plan: { ...plan, units }, diagnostics }
}
