// What s6-overlay brings along: services that a tree may depend on without having them. Here they stand for the places in the
// order of a boot at which s6-overlay does its own work (fix-attrs.d, cont-init.d, services.d); they do nothing themselves.
// Source: s6-overlay 3.2.3.2, etc/s6-rc/sources.

import type { Definition, Name, ServiceType } from './definition.ts'

interface Row {
  readonly name: string
  readonly type: ServiceType
  /** Dependencies, of a bundle its contents. */
  readonly names: readonly string[]
}

const ROWS: readonly Row[] = [
  { name: 'fix-attrs', type: 'oneshot', names: [] },
  { name: 'legacy-cont-init', type: 'oneshot', names: ['fix-attrs'] },
  { name: 'legacy-services', type: 'oneshot', names: ['base', 'user'] },
  { name: 'base', type: 'bundle', names: ['fix-attrs', 'legacy-cont-init'] },
  { name: 'user', type: 'bundle', names: [] },
  { name: 'user2', type: 'bundle', names: [] },
  { name: 'top', type: 'bundle', names: ['base', 'legacy-services', 'user', 'user2'] },
]

/** The bundle that s6-overlay starts. */
export const OVERLAY_TOP = 'top'

/** Names that only s6-overlay gives: a tree that uses one is made for it. */
export const OVERLAY_NAMES: readonly string[] = ['base', 'fix-attrs', 'legacy-cont-init', 'legacy-services']

/** Those that are not among the given names, as if they lay in `root`. */
export function standIns(known: ReadonlySet<string>, root: string): readonly Definition[] {
  const place = { file: root, line: 1, column: 1 }
  return ROWS.filter(({ name }) => !known.has(name)).map(({ name, type, names }) => {
    const others = names.map((other): Name => ({ name: other, place }))
    return {
      name,
      type,
      place,
      directory: root,
      nodes: new Map(),
      texts: new Map(),
      dependencies: type === 'bundle' ? [] : others,
      contents: type === 'bundle' ? others : [],
      producerFor: undefined,
      consumerFor: [],
      pipelineName: undefined,
      numbers: new Map(),
      scripts: new Map(),
      isStandIn: true,
    }
  })
}
