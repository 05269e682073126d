// Real inputs as seeds: the project's own fixtures.

import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'

/** The text of each file, by its path inside the tree. */
export type Tree = readonly (readonly [path: string, text: string])[]

/** Texts of the fixtures below `folder` whose names match. */
export function seedTexts(root: string, folder: string, name: RegExp): readonly string[] {
  return readTree(join(root, folder)).flatMap(([path, text]) => (name.test(path) ? [text] : []))
}

/** The input of each case in a folder of fixtures, as a tree. */
export function seedTrees(root: string, folder: string): readonly Tree[] {
  const base = join(root, folder)
  return readdirSync(base)
    .map((name) => join(base, name, 'input'))
    .filter((path) => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true)
    .map(readTree)
}

function readTree(base: string): Tree {
  return readdirSync(base, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((path) => [relative(base, path), readFileSync(path, 'utf8')] as const)
}
