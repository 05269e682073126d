// Placeholders for the services of s6-overlay itself, on which a tree may depend without containing them. They mark the
// times in the boot at which s6-overlay does its own work (fix-attrs.d, cont-init.d, services.d); they do nothing
// themselves. Source: s6-overlay 3.2.3.2, etc/s6-rc/sources.

import type { Definition, Name, ServiceType } from './definition.ts'

interface Row {
  readonly name: string
  readonly type: ServiceType
  /** Dependencies; for a bundle its contents. */
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

/** Names that only s6-overlay uses: a tree with one of them was made for it. */
export const OVERLAY_NAMES: readonly string[] = ['base', 'fix-attrs', 'legacy-cont-init', 'legacy-services']

/** The placeholders whose names are not known yet, as if they were in `root`. */
export function placeholders(known: ReadonlySet<string>, root: string): readonly Definition[] {
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
      isPlaceholder: true,
    }
  })
}

/**
 * Placeholders and the definitions that an image has beside those of s6-overlay itself, in its package. What the image adds to
 * the services of s6-overlay, dependencies and contents, is added to the placeholders. Source: s6-overlay 3.2.3.2, rc.init,
 * which compiles that directory too.
 */
export function withPackage(known: readonly Definition[], packaged: readonly Definition[]): readonly Definition[] {
  const isKnown = ({ name }: Definition): boolean => known.some((one) => one.name === name)
  const joined = (names: readonly Name[], more: readonly Name[]): readonly Name[] => [
    ...names,
    ...more.filter(({ name }) => !names.some((one) => one.name === name)),
  ]
  const extended = known.map((one) => {
    const found = one.isPlaceholder ? packaged.find(({ name }) => name === one.name) : undefined
    if (found === undefined) return one
    const { dependencies, contents } = found
    return {
      ...one,
      dependencies: joined(one.dependencies, dependencies),
      contents: joined(one.contents, contents),
    }
  })
  return [...extended, ...packaged.filter((one) => !isKnown(one))]
}
