// Trees of files as archives. The same tree gives the same bytes: names are sorted, all files have the time of the release, and
// all belong to root.

import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { pack } from 'tar-stream'

/** A file, a link or a directory. */
export type Entry =
  | { readonly content: Buffer | string; readonly mode: number }
  | { readonly link: string }
  | { readonly mode: number; readonly isDirectory: true }

/** The entries by path, without a first slash. Missing parent directories are added. */
export type Tree = ReadonlyMap<string, Entry>

/** Reads files below `folder` as a tree below `prefix`. */
export function readTree(folder: string, prefix: string, isWanted: (path: string) => boolean = () => true): Tree {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(isWanted)
  const entries = names.flatMap((name): [string, Entry][] => {
    const [from, path] = [join(folder, name), join(prefix, name)]
    const status = lstatSync(from)
    if (status.isSymbolicLink()) return [[path, { link: readlinkSync(from) }]]
    if (!status.isFile()) return []
    return [[path, { content: readFileSync(from), mode: (status.mode & 0o111) === 0 ? 0o644 : 0o755 }]]
  })
  return new Map(entries)
}

/** All trees in one. */
export function merge(...trees: readonly Tree[]): Tree {
  return new Map(trees.flatMap((tree) => [...tree]))
}

/** The tree below a directory. */
export function below(prefix: string, tree: Tree): Tree {
  return new Map([...tree].map(([path, entry]) => [join(prefix, path), entry]))
}

/** A tar of the tree. `seconds` is the time of all entries. All names begin with `start`. */
export async function tarOf(tree: Tree, seconds: number, start = ''): Promise<Buffer> {
  const archive = pack()
  const bytes = buffer(archive)
  for (const [path, entry] of [...withDirectories(tree)].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const common = { mtime: new Date(seconds * 1000), uid: 0, gid: 0, uname: 'root', gname: 'root' }
    const name = `${start}${path}`
    if ('content' in entry) archive.entry({ ...common, name, mode: entry.mode }, entry.content)
    else if ('link' in entry) archive.entry({ ...common, name, type: 'symlink', linkname: entry.link, mode: 0o777 })
    else archive.entry({ ...common, name: `${name}/`, type: 'directory', mode: entry.mode })
  }
  archive.finalize()
  return bytes
}

function withDirectories(tree: Tree): Tree {
  const all = new Map<string, Entry>()
  for (const path of tree.keys()) {
    const parts = path.split('/')
    for (let length = 1; length < parts.length; length += 1)
      all.set(parts.slice(0, length).join('/'), { mode: 0o755, isDirectory: true })
  }
  return new Map([...all, ...tree])
}
