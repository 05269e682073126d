// What bundles contain in the end. Bundles may contain each other in many ways, so each is opened once, and without recursion.

import { append } from '../model/append.ts'

/**
 * The members of each bundle, each once, in the order of its contents. `single` gives the members that a name stands for
 * that is no bundle. A bundle that contains itself adds nothing to itself.
 */
export function membersOf(
  contents: ReadonlyMap<string, readonly string[]>,
  single: (name: string) => readonly string[],
): ReadonlyMap<string, readonly string[]> {
  const done = new Map<string, readonly string[]>()
  const open = new Set<string>()
  for (const wanted of contents.keys()) {
    const stack = [wanted]
    for (let name = stack.at(-1); name !== undefined; name = stack.at(-1)) {
      const inner = contents.get(name) ?? []
      const first = open.has(name) ? [] : inner.filter((one) => contents.has(one) && !done.has(one) && !open.has(one))
      if (!done.has(name)) open.add(name)
      if (first.length > 0) append(stack, first)
      else {
        stack.pop()
        open.delete(name)
        const found = (one: string): readonly string[] => done.get(one) ?? (contents.has(one) ? [] : single(one))
        if (!done.has(name)) done.set(name, [...new Set(inner.flatMap(found))])
      }
    }
  }
  return done
}
