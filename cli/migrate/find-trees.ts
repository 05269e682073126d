// Finds the configurations of all formats below a directory.

import { append } from '../../config/model/append.ts'
import { join, resolve as resolvePath } from 'node:path'
import { listDirectory } from '../../converter/folders.ts'
import type { Format } from '../../converter/format.ts'
import { formats } from '../../converter/formats.ts'

/** Folders that contain no configuration, but many files. */
const PASSED = ['.git', 'node_modules']

/** The number of folders that are searched for a hint: the root of a machine has many more. */
const MOST_FOLDERS = 500
const KERNEL_FOLDERS = ['/proc', '/sys', '/dev']

/** The format of a file or directory; undefined when it is no configuration. */
export function formatAt(path: string, isFolder: boolean): Format | undefined {
  return formats.find((format) => format.meets(path, isFolder))
}

/** The nearest configuration below a directory; undefined when there is none, or none that is near. */
export function nearestTree(directory: string): string | undefined {
  const queue = [directory]
  for (let index = 0; index < Math.min(queue.length, MOST_FOLDERS); index += 1) {
    const folder = queue[index] ?? directory
    if (formatAt(folder, true) !== undefined) return folder
    append(
      queue,
      foldersIn(folder).filter((one) => !KERNEL_FOLDERS.includes(one)),
    )
  }
  return undefined
}

function foldersIn(directory: string): readonly string[] {
  return (listDirectory(directory) ?? [])
    .filter((entry) => entry.isDirectory() && !PASSED.includes(entry.name))
    .map(({ name }) => join(directory, name))
}

/**
 * Directories that are configurations: the directory itself, or those below it, sorted. Nothing below one of them,
 * behind links, or in `except` is searched.
 */
export function findTrees(directory: string, except?: string): readonly string[] {
  if (formatAt(directory, true) !== undefined) return [directory]
  return foldersIn(directory).flatMap((path) => (resolvePath(path) === except ? [] : findTrees(path, except)))
}

/**
 * Files that are configurations, sorted, also those inside configurations that are directories. Links to directories,
 * and `except`, are not entered.
 */
export function findFiles(directory: string, except?: string): readonly string[] {
  const entries = listDirectory(directory)
  if (entries === undefined) return [directory]
  return entries.flatMap((entry) => {
    const path = join(directory, entry.name)
    if (entry.isDirectory()) return resolvePath(path) === except ? [] : findFiles(path, except)
    return formatAt(path, false) === undefined ? [] : [path]
  })
}
