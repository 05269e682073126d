// Whether `kahi migrate PATH` is about a Dockerfile, and the Dockerfiles below a directory.

import { join, resolve as resolvePath } from 'node:path'
import { ConfigError, type Diagnostic } from '../../config/model/diagnostic.ts'
import { DOCKERFILE_OPTIONS, isDockerfile } from '../../converter/dockerfile/options.ts'
import { isDirectory, isFile, listDirectory } from '../../converter/folders.ts'
import { identify } from '../../converter/identify.ts'
import { type Arguments, listOf, STDIN, textOf } from '../command.ts'
import { formatOptions } from './input.ts'

/** The name for --format. */
export const DOCKERFILE = 'dockerfile'
/** Folders that contain no Dockerfile of the project itself. */
const PASSED = ['.git', 'node_modules']

/**
 * The Dockerfile that is meant: PATH, or one in the directory PATH if that is no configuration itself. Undefined when
 * PATH is something else. Throws ConfigError for options that do not apply.
 */
export function findDockerfile(args: Arguments): string | undefined {
  const file = locate(pathOf(args), textOf(args, 'format'))
  const isGiven = (name: string): boolean => {
    const value = args[name]
    return value !== undefined && value !== false && !(Array.isArray(value) && value.length === 0)
  }
  const others = file === undefined ? Object.keys(DOCKERFILE_OPTIONS) : [...Object.keys(formatOptions), 'modernize']
  const idle = others.filter(isGiven)
  if (idle.length === 0 || textOf(args, 'out') !== undefined) return file
  const about = file === undefined ? 'PATH is no Dockerfile' : `${file} is a Dockerfile`
  throw new ConfigError(
    idle.map((name): Diagnostic => {
      const hint = file === undefined ? 'name a Dockerfile, or add --format dockerfile' : `leave --${name} out`
      return { severity: 'error', message: `${about}: --${name} does not apply to it`, hint }
    }),
  )
}

/** An option that takes several words takes the path behind it too. */
function pathOf(args: Arguments): string | undefined {
  return listOf(args, 'path')[0] ?? listOf(args, 'build-arg').at(-1)
}

function locate(path: string | undefined, format: string | undefined): string | undefined {
  if (path === undefined || path === STDIN || (format !== undefined && format !== DOCKERFILE)) return undefined
  if (!isDirectory(path)) return format === DOCKERFILE || isDockerfile(path) ? path : undefined
  const inside = ['Dockerfile', 'Containerfile'].map((name) => join(path, name)).find(isFile)
  if (inside === undefined && format === undefined) return undefined
  if (inside === undefined)
    throw new ConfigError([{ severity: 'error', message: `${path} has no Dockerfile`, hint: 'name the file' }])
  return format === DOCKERFILE || !isConfiguration(path) ? inside : undefined
}

function isConfiguration(path: string): boolean {
  try {
    return identify(path).path !== ''
  } catch (error) {
    if (error instanceof ConfigError) return false
    throw error
  }
}

/** The Dockerfiles below a directory, sorted; links to directories, and `except`, are not entered. */
export function findDockerfiles(directory: string, except: string): readonly string[] {
  return (listDirectory(directory) ?? []).flatMap((entry) => {
    const path = join(directory, entry.name)
    if (entry.isDirectory())
      return PASSED.includes(entry.name) || resolvePath(path) === except ? [] : findDockerfiles(path, except)
    return entry.isFile() && isDockerfile(path) ? [path] : []
  })
}
