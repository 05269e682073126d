// The trees of s6-rc and the images of s6-overlay below a directory.

import { type Dirent, readdirSync } from 'node:fs'
import { join, resolve as resolvePath } from 'node:path'
import { compareText } from '../../config/compare.ts'
import { isImage } from '../../converter/s6-overlay/image.ts'
import { findSource } from '../../converter/s6-rc/load.ts'

/** Where nobody keeps configurations, and much else. */
const PASSED = ['.git', 'node_modules']

/** Whether it is such a tree itself. */
export function isTree(directory: string): boolean {
  return isImage(directory) || findSource(directory) === directory
}

/** The directory itself or those below it, sorted; nothing below one of them, behind links, or in `except`. */
export function findTrees(directory: string, except?: string): readonly string[] {
  if (isTree(directory)) return [directory]
  const folders = (listDirectory(directory) ?? []).filter(
    (entry) => entry.isDirectory() && !PASSED.includes(entry.name),
  )
  return folders.flatMap(({ name }) => {
    const path = join(directory, name)
    return resolvePath(path) === except ? [] : findTrees(path, except)
  })
}

/** The entries in their order; undefined where they cannot be read. */
export function listDirectory(directory: string): Dirent[] | undefined {
  try {
    return readdirSync(directory, { withFileTypes: true }).sort((a, b) => compareText(a.name, b.name))
  } catch {
    return undefined
  }
}
