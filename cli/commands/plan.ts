// `kahi plan`: shows the order of starts or stops, and which of them happen at the same time.

import { unitId } from '../../config/model/names.ts'
import type { Config } from '../../config/settings/config.ts'
import { withDependents } from '../../config/graph/graph.ts'
import { nearest } from '../../config/values/nearest.ts'
import { activeGroups } from '../../runtime/plan/order.ts'
import { formatPlan, planStart, planStop } from '../../runtime/plan/plan.ts'
import { wantedUnits } from '../../runtime/plan/wanted.ts'
import { type Arguments, type Command, flagOf, listOf, textOf } from '../command.ts'
import { EXIT } from '../exit-codes.ts'
import { withConfig } from '../graph/load.ts'
import { print, printProblem } from '../print.ts'

/** Prints the steps of a start or stop. */
export const planCommand: Command = {
  name: 'plan',
  usage: '[-c FILE] [--down] [TARGET...]',
  summary: 'Print the steps of a start or stop in order; the steps of a line happen at the same time',
  options: {
    config: {
      type: 'string',
      alias: 'c',
      summary: 'A kahi.toml, or anything that kahi migrate reads; by default the kahi.toml that is found',
    },
    down: { type: 'boolean', summary: 'Stops instead of starts: each unit after its dependents' },
  },
  positionals: [
    {
      name: 'targets',
      summary: 'Programs, oneshots, groups, bundles; by default what the daemon starts',
      required: false,
      many: true,
    },
  ],
  examples: [
    ['kahi plan', 'what the daemon does at its start'],
    ['kahi plan web', 'what `kahi ctl start web` may have to start'],
    ['kahi plan --down', 'what a shutdown of the daemon does'],
    ['kahi plan --down db', 'what `kahi ctl stop db` stops'],
  ],
  run: async (args: Arguments) =>
    withConfig(textOf(args, 'config'), (config) => {
      const targets = listOf(args, 'targets')
      const unknown = targets.find((name) => !config.graph.names.has(name))
      if (unknown !== undefined) {
        const close = nearest(unknown, [...config.graph.names.keys()])
        printProblem(`There is no "${unknown}"`, close === undefined ? undefined : `did you mean "${close}"?`)
        return EXIT.usage
      }
      const units = targets.flatMap((name) => config.graph.names.get(name) ?? [])
      const steps = flagOf(args, 'down') ? stops(config, units) : starts(config, units)
      for (const line of formatPlan(steps)) print(line)
      return EXIT.ok
    }),
}

function starts(config: Config, units: readonly string[]): ReturnType<typeof planStart> {
  return planStart(config.graph, units.length === 0 ? wantedUnits(config) : units)
}

/** Priorities matter only at the end of the daemon. */
function stops(config: Config, units: readonly string[]): ReturnType<typeof planStop> {
  const { graph, oneshots } = config
  if (units.length > 0) return planStop(graph, withDependents(graph, units), () => 0)
  const ofGroups = activeGroups(config).flatMap(({ priority, processes }) =>
    processes.map(({ group, name }) => [unitId(group, name), priority] as const),
  )
  const ranks = new Map([...ofGroups, ...oneshots.map(({ name, up }) => [unitId(name, name), up.priority] as const)])
  return planStop(graph, ranks.keys(), (unit) => ranks.get(unit) ?? 0)
}
