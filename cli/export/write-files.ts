// Writes the files of an export: first into a directory beside the target, where they are proved, then each is renamed
// to its place. Nothing is replaced without --force, and nothing is written when a file is in the way.

import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, resolve as resolvePath } from 'node:path'
import type { OutputFile } from '../../converter/export/plan/target.ts'
import { refusalOf, WriteError } from '../write-file.ts'

/** Options of writing. */
export interface FilesOptions {
  readonly force: boolean
  /** Permissions that no file may exceed: those of the sources. */
  readonly permissions: number
  /** Looks at the files before they get to their places; throws to leave everything as it was. */
  check(directory: string): Promise<void>
}

const EXECUTABLE = 0o111
const MOST_NAMED = 3

/** Writes all files below `target`, or none. Throws WriteError. */
export async function writeFiles(target: string, files: readonly OutputFile[], options: FilesOptions): Promise<void> {
  const root = resolvePath(target)
  if (!options.force) refuseExisting(root, files)
  const stage = makeStage(root)
  try {
    for (const { path, text, bytes, mode = 0o644 } of files) {
      mkdirSync(dirname(join(stage, path)), { recursive: true })
      writeFileSync(join(stage, path), bytes ?? text, { mode: mode & (options.permissions | EXECUTABLE), flag: 'wx' })
    }
    await options.check(stage)
    move(stage, root, files)
  } catch (error) {
    if (error instanceof Error && 'code' in error) throw new WriteError(`Cannot write ${target}: ${refusalOf(error)}`)
    throw error
  } finally {
    rmSync(stage, { recursive: true, force: true })
  }
}

function refuseExisting(root: string, files: readonly OutputFile[]): void {
  const taken = files.map(({ path }) => join(root, path)).filter((path) => existsSync(path))
  if (taken.length === 0) return
  const more = taken.length > MOST_NAMED ? ` and ${taken.length - MOST_NAMED} more files` : ''
  const verb = taken.length === 1 ? 'exists' : 'exist'
  throw new WriteError(`${taken.slice(0, MOST_NAMED).join(', ')}${more} ${verb}`, 'use --force to replace what exists')
}

function makeStage(root: string): string {
  try {
    mkdirSync(dirname(root), { recursive: true })
    return mkdtempSync(join(dirname(root), `.${basename(root)}-kahi-`))
  } catch (error) {
    throw new WriteError(`Cannot write ${root}: ${refusalOf(error)}`)
  }
}

/** The directory stays on one file system, so each rename is at once. */
function move(stage: string, root: string, files: readonly OutputFile[]): void {
  for (const { path } of files) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    renameSync(join(stage, path), join(root, path))
  }
}
