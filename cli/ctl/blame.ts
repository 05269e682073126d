// `kahi ctl blame`: shows how long each unit took at the start of the daemon.

import type { BootObject } from '../../runtime/control/operations/shapes/graph.ts'
import { type Command, flagOf } from '../command.ts'
import { EXIT } from '../exit-codes.ts'
import { print } from '../print.ts'
import { withDaemon } from './session.ts'

type Service = BootObject['services'][number]

/** Shows how long each unit took at the start of the daemon. */
export const blameCommand: Command = {
  name: 'blame',
  usage: '[--json]',
  summary:
    'Show how long each program and oneshot took at the start of the daemon, and which of them determined how long the start took',
  options: { json: { type: 'boolean', summary: 'Print the times as JSON, in ms since the start began' } },
  positionals: [],
  examples: [['kahi ctl blame', 'the slowest first; * marks the units that the whole start waited for']],
  run: (args) =>
    withDaemon(args, async (client) => {
      const boot = await client.call('GET /api/v1/boot')
      if (flagOf(args, 'json')) print(JSON.stringify(boot, null, 2))
      else for (const line of blameLines(boot)) print(line)
      return EXIT.ok
    }),
}

/** Printed when the daemon started no unit. */
export const NO_BOOT = 'this daemon has started nothing by itself'

/**
 * How long a unit took after its dependencies had come until it was up, in milliseconds; until now when it is not up.
 */
function tookMs({ begun, up }: Service, elapsed: number): number {
  return begun === null ? 0 : (up ?? elapsed) - begun
}

function blameLines({ services, elapsed }: BootObject): readonly string[] {
  if (services.length === 0) return [NO_BOOT]
  const slowestFirst = services.toSorted((a, b) => tookMs(b, elapsed) - tookMs(a, elapsed))
  const rows = slowestFirst.map((service) => {
    const { name, begun, started, up, failure, critical } = service
    const took = up === null ? null : tookMs(service, elapsed)
    const state = failure !== '' ? `  (${failure})` : up === null ? '  (not up yet)' : ''
    return `${critical ? '*' : ' '} ${[took, begun, started, up].map(seconds).join(' ')}  ${name}${state}`
  })
  const head = `  ${['took', 'waited', 'started', 'up'].map((word) => word.padStart(9)).join(' ')}`
  return [summary(services), '', head, ...rows]
}

function summary(services: readonly Service[]): string {
  const times = services.flatMap(({ up }) => (up === null ? [] : [up]))
  const path = services.filter(({ critical }) => critical).toSorted((a, b) => (a.up ?? 0) - (b.up ?? 0))
  const last = (Math.max(0, ...times) / 1000).toFixed(3)
  const why = path.length === 0 ? '' : `; it waited for ${path.map(({ name }) => name).join(', then ')}`
  return `${times.length} of ${services.length} were up after ${last} s${why}`
}

function seconds(ms: number | null): string {
  return (ms === null ? '-' : `${(ms / 1000).toFixed(3)}s`).padStart(9)
}
