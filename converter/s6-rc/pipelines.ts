// Names for several services: bundles with all their contents, and the bundles that s6-rc makes of pipelines.

import type { Definition, Name } from './definition.ts'

/** The bundle of a `pipeline-name`: all services that write, directly or through others, to the one that has it. */
export interface Pipeline {
  readonly name: Name
  /** The last consumer first. */
  readonly contents: readonly string[]
}

/** The pipelines that have a name. Source: s6-rc 0.7, s6-rc-compile make_pipelines. */
export function findPipelines(definitions: readonly Definition[]): readonly Pipeline[] {
  const byName = new Map(definitions.map((definition) => [definition.name, definition]))
  const upstream = (name: string, seen: readonly string[]): readonly string[] =>
    seen.includes(name)
      ? []
      : [name, ...(byName.get(name)?.consumerFor ?? []).flatMap((other) => upstream(other.name, [...seen, name]))]
  return definitions.flatMap(({ name, pipelineName }) =>
    pipelineName === undefined ? [] : [{ name: pipelineName, contents: upstream(name, []) }],
  )
}

/** The services in each bundle, including those of inner bundles. */
export function bundleMembers(definitions: readonly Definition[]): ReadonlyMap<string, readonly string[]> {
  const direct = new Map([
    ...definitions
      .filter(({ type }) => type === 'bundle')
      .map(({ name, contents }) => [name, contents.map((one) => one.name)] as const),
    ...findPipelines(definitions).map(({ name, contents }) => [name.name, contents] as const),
  ])
  const open = (name: string, above: readonly string[]): readonly string[] => {
    const inner = direct.get(name)
    if (inner === undefined) return [name]
    return above.includes(name) ? [] : inner.flatMap((one) => open(one, [...above, name]))
  }
  return new Map([...direct.keys()].map((name) => [name, [...new Set(open(name, []))]]))
}
