// `kahi ctl up` and `kahi ctl down`: bring up targets with all their dependencies, take down targets with all their
// dependents.

import type { TransitionResult } from '../../runtime/control/operations/shapes/graph.ts'
import type { Outcome } from '../../runtime/control/operations/shapes/process.ts'
import { formatPlan } from '../../runtime/plan/plan.ts'
import { type Arguments, type Command, flagOf, listOf, type OptionSpec } from '../command.ts'
import { CHANGE_EXIT, EXIT } from '../exit-codes.ts'
import { print, printProblem } from '../print.ts'
import { type Client, Refused } from './client.ts'
import { shown } from './names.ts'
import { explain, readSeconds, withDaemon } from './session.ts'
import { namingWhoHangs } from './waiting.ts'

const options: Readonly<Record<string, OptionSpec>> = {
  'dry-run': { type: 'boolean', summary: 'Print the steps, as kahi plan does, and do nothing' },
  timeout: {
    type: 'string',
    summary: 'How long to wait, in seconds; steps that are not done then continue, exit code 2',
  },
  wait: { type: 'boolean', default: true, summary: 'Wait until it is done; --no-wait returns when it has begun' },
  json: { type: 'boolean', summary: 'Print steps and outcomes as JSON' },
}
const positionals: Command['positionals'] = [
  { name: 'targets', summary: 'Programs, oneshots, groups, bundles, or all', required: true, many: true },
]

/** Brings up targets with all their dependencies. */
export const upCommand: Command = {
  name: 'up',
  usage: '[--only] [--dry-run] [--timeout SECONDS] [--no-wait] [--json] TARGET...',
  summary:
    'Bring up targets with all their dependencies; exit 1 when something failed, 2 after a time-out, 3 for unknown names',
  options: { only: { type: 'boolean', summary: 'First take down everything that they do not need' }, ...options },
  positionals,
  examples: [
    ['kahi ctl up web', 'web, after all its dependencies; wait until it is ready'],
    ['kahi ctl up --only rescue', 'everything else is taken down first, except essential units'],
    ['kahi ctl up --dry-run user', 'the units that this would start'],
  ],
  run: (args) => transition(args, 'up'),
}

/** Takes down targets with all their dependents. */
export const downCommand: Command = {
  name: 'down',
  usage: '[--dry-run] [--timeout SECONDS] [--no-wait] [--json] TARGET...',
  summary:
    'Take down targets after all their dependents; exit 1 when something failed, 2 after a time-out, 3 for unknown names',
  options,
  positionals,
  examples: [['kahi ctl down db', 'db, after all its dependents; oneshots are taken down too']],
  run: (args) => transition(args, 'down'),
}

async function transition(args: Arguments, verb: 'up' | 'down'): Promise<number> {
  const timeout = readSeconds(args, 'timeout')
  if (timeout === undefined) return EXIT.usage
  const verbOf = async (client: Client): Promise<number> => {
    try {
      const body = {
        targets: [...listOf(args, 'targets')],
        dry_run: flagOf(args, 'dry-run'),
        wait: flagOf(args, 'wait'),
        timeout,
      }
      const work =
        verb === 'up'
          ? client.call('POST /api/v1/up', { body: { ...body, only: flagOf(args, 'only') } })
          : client.call('POST /api/v1/down', { body })
      return report(await namingWhoHangs(client, { isMeant: () => true, isStart: verb === 'up' }, work), args)
    } catch (error) {
      if (!(error instanceof Refused) || error.code !== 'NOT_FOUND') throw error
      if (flagOf(args, 'json')) explain(error, client.url, args)
      else printProblem(error.message, error.hint)
      return CHANGE_EXIT.unknownName
    }
  }
  return withDaemon(args, verbOf, { hasOwnTimeout: true })
}

function report(result: TransitionResult, args: Arguments): number {
  const { steps, services } = result
  if (flagOf(args, 'json')) print(JSON.stringify(result, null, 2))
  else if (flagOf(args, 'dry-run'))
    for (const line of steps.length === 0 ? ['nothing to do'] : formatPlan(steps)) print(line)
  else for (const outcome of services) print(`${shown(outcome)}: ${textFor(outcome)}`)
  const failures = services.filter(({ status }) => status === 'error')
  if (failures.length === 0) return CHANGE_EXIT.done
  return failures.every(({ code }) => code === 'TIMEOUT') ? CHANGE_EXIT.timeout : CHANGE_EXIT.failed
}

function textFor({ status, error }: Outcome): string {
  if (status === 'error') return `ERROR (${error})`
  return status === 'unchanged' ? 'nothing to do' : status
}
