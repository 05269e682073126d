// Questions about paths. Nothing here throws: a loop of links, or a directory that may not be entered, counts as
// missing.

import { type Dirent, readdirSync, statSync } from 'node:fs'
import { compareText } from '../config/model/compare.ts'

/** Whether the path is a directory, or a link to one. */
export function isDirectory(path: string): boolean {
  return look(path) === 'directory'
}

/** Whether the path is a regular file, or a link to one. */
export function isFile(path: string): boolean {
  return look(path) === 'file'
}

/** The kind of file at the path: `other` is a pipe, a device or a socket. */
export function look(path: string): 'file' | 'directory' | 'other' | undefined {
  try {
    const found = statSync(path)
    return found.isFile() ? 'file' : found.isDirectory() ? 'directory' : 'other'
  } catch {
    return undefined
  }
}

/** The entries of a directory, sorted; undefined when it cannot be read. */
export function listDirectory(directory: string): Dirent[] | undefined {
  try {
    return readdirSync(directory, { withFileTypes: true }).sort((a, b) => compareText(a.name, b.name))
  } catch {
    return undefined
  }
}
