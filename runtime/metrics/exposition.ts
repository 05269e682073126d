// The text of a scrape, in the format of Prometheus or of OpenMetrics, written by prom-client. The values exist already, so
// each scrape fills a registry of its own, and drops it.

import { ownTurn } from '../system/turn.ts'
import Counter from 'prom-client/lib/counter.js'
import Gauge from 'prom-client/lib/gauge.js'
import Registry from 'prom-client/lib/registry.js'
import { daemonFamilies } from './daemon-families.ts'
import type { DaemonSample, Family, Labels, UnitSample } from './sample.ts'
import { supervisordFamilies } from './supervisord-families.ts'
import { unitFamilies } from './unit-families.ts'

/** Which names are wanted: those of kahi, and those of node_exporter's collector for supervisord. */
export type NameSet = 'kahi' | 'supervisord'

/** What a scrape asks for. */
export interface Wanted {
  readonly format: 'prometheus' | 'openmetrics'
  readonly names: readonly NameSet[]
}

/** The text, and its content type. */
export interface Exposition {
  readonly contentType: string
  readonly body: string
}

/** Writes the text. */
export async function expose(wanted: Wanted, daemon: DaemonSample, units: readonly UnitSample[]): Promise<Exposition> {
  const contentType =
    wanted.format === 'openmetrics' ? Registry.OPENMETRICS_CONTENT_TYPE : Registry.PROMETHEUS_CONTENT_TYPE
  const registry = new Registry()
  registry.setContentType(contentType as typeof registry.contentType)
  if (wanted.names.includes('kahi')) {
    for (const family of daemonFamilies) fill(registry, family, [], [[daemon, {}]])
    const named = units.map((unit) => [unit, { group: unit.info.group, process: unit.info.name }] as const)
    for (const family of unitFamilies) {
      fill(registry, family, ['group', 'process'], named)
      await ownTurn()
    }
  }
  if (wanted.names.includes('supervisord')) {
    const named = units.map((unit) => [unit, { name: unit.info.name, group: unit.info.group }] as const)
    for (const family of supervisordFamilies) fill(registry, family, ['name', 'group'], named)
  }
  return { contentType, body: await registry.metrics() }
}

/** A family without values is left out. */
function fill<Of>(
  registry: Registry,
  family: Family<Of>,
  own: readonly string[],
  all: readonly (readonly [Of, Labels])[],
): void {
  const { name, help, labels = [], values, type } = family
  const given = all.flatMap(([of, labelled]) =>
    values(of).flatMap(([value, more]) => (value === undefined ? [] : [[{ ...labelled, ...more }, value] as const])),
  )
  if (given.length === 0) return
  const settings = { name, help, labelNames: [...own, ...labels], registers: [registry] }
  if (type === 'counter') {
    const counter = new Counter(settings)
    for (const [labelled, value] of given) counter.inc(labelled, value)
  } else {
    const gauge = new Gauge(settings)
    for (const [labelled, value] of given) gauge.set(labelled, value)
  }
}
