// All metrics, for docs/reference/metrics.md.

import { daemonFamilies } from '../../runtime/metrics/daemon-families.ts'
import type { Family } from '../../runtime/metrics/sample.ts'
import { supervisordFamilies } from '../../runtime/metrics/supervisord-families.ts'
import { unitFamilies } from '../../runtime/metrics/unit-families.ts'

/** Tables of all names. */
export function metricsMarkdown(): string {
  return [
    table('Each process and oneshot', unitFamilies, ['group', 'process']),
    table('The daemon', daemonFamilies, []),
    table('With `?names=supervisord`', supervisordFamilies, ['name', 'group']),
  ].join('\n\n')
}

function table<Of>(title: string, families: readonly Family<Of>[], own: readonly string[]): string {
  const rows = families.map(({ name, type, help, labels = [] }) => {
    const all = [...own, ...labels].map((label) => `\`${label}\``).join(', ')
    return `| \`${name}\` | ${type} | ${all} | ${help} |`
  })
  return [`## ${title}`, '', '| name | type | labels | meaning |', '|---|---|---|---|', ...rows].join('\n')
}
