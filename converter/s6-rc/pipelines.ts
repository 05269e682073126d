// Names for several services: bundles with all their contents, and the bundles that s6-rc makes of pipelines.

import { membersOf } from '../../config/graph/members.ts'
import { append } from '../../config/model/append.ts'
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
  const upstream = (last: string): readonly string[] => {
    const found = new Set<string>()
    const waiting = [last]
    for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
      if (found.has(name)) continue
      found.add(name)
      append(waiting, (byName.get(name)?.consumerFor ?? []).map((other) => other.name).toReversed())
    }
    return [...found]
  }
  return definitions.flatMap(({ name, pipelineName }) =>
    pipelineName === undefined ? [] : [{ name: pipelineName, contents: upstream(name) }],
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
  return membersOf(direct, (name) => [name])
}
