// The names of the TOML files that `kahi migrate DIR --out DIR` writes.

/**
 * For each path, given with the endings of its format, the path of its TOML: `a/web.conf` → `a/web.toml`. The whole
 * name stays before `.toml` when it has none of the endings, and when two files would get the same name.
 */
export function nameTargets(
  files: readonly (readonly [path: string, endings: readonly string[]])[],
): ReadonlyMap<string, string> {
  const short = new Map(files.map(([path, endings]) => [path, nameTarget(path, endings)]))
  const isAlone = (target: string): boolean => [...short.values()].filter((other) => other === target).length === 1
  return new Map([...short].map(([path, target]) => [path, isAlone(target) ? target : `${path}.toml`]))
}

function nameTarget(path: string, endings: readonly string[]): string {
  const ending = endings.find((one) => path.endsWith(one)) ?? ''
  return `${path.slice(0, path.length - ending.length)}.toml`
}
