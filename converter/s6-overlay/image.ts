// Where an image keeps what s6-overlay reads, and which generation of s6-overlay it was made for. PATH is the root of the
// image's files or its etc; images below lie under it, file by file. Nothing here says what the files mean.
// Source: s6-overlay 3.2.3.2, rc.init; v1.21, init-stage2; sections 4.3 to 4.6 of their behaviour as verified by experiment.

import { existsSync, readdirSync, statSync } from 'node:fs'
import { join, relative, resolve as resolvePath } from 'node:path'
import { Layers } from '../s6-rc/layers.ts'

/** The directories that s6-overlay took over from its first version. */
export const LEGACY_FOLDERS = ['fix-attrs.d', 'cont-init.d', 'cont-finish.d', 'services.d'] as const

/** One of LEGACY_FOLDERS. */
export type LegacyFolder = (typeof LEGACY_FOLDERS)[number]

/** Versions 1 and 2 differ from 3 in where things are and in what follows a failure. */
export type Generation = 2 | 3

/** The files of an image. */
export interface Image {
  readonly generation: Generation
  /** Its etc, or the profile that stands for it. */
  readonly etc: string
  /** Source directories of s6-rc, those of the image itself first; empty when it has none. */
  readonly sources: readonly string[]
  /** The first of them in the images below. */
  readonly below: readonly string[]
  /** One of the old directories, with those of the images below under it. */
  folder(name: LegacyFolder): Layers
  /** Where something will lie when it is run. */
  at(path: string): string
  /** Whether the image has a program of that path. */
  has(program: string): boolean
}

/** What is asked for. */
export interface ImageOptions {
  readonly bases?: readonly string[] | undefined
  /** Where PATH will lie, if not where it lies now. */
  readonly at?: string | undefined
  /** Name of the directory in etc/cont-profile.d that stands for etc. */
  readonly profile?: string | undefined
}

/** Below the root: what `kahi install --as s6-overlay` has done to an image. */
export const INSTALL_RECORD = 'var/lib/kahi/s6-overlay.json'

/** Whether a directory is the root of an image with old directories in its etc, or such an etc. */
export function isImage(path: string): boolean {
  if (!isDirectory(path)) return false
  const hasLegacy = (etc: string): boolean => LEGACY_FOLDERS.some((name) => isDirectory(join(etc, name)))
  return hasLegacy(join(path, 'etc')) || hasLegacy(path) || isDirectory(join(path, 's6-overlay'))
}

/** Looks an image over. */
export function openImage(path: string, { bases = [], at, profile }: ImageOptions = {}): Image {
  const root = resolvePath(path)
  const etcOf = (one: string): string => {
    const etc = isDirectory(join(one, 'etc')) ? join(one, 'etc') : one
    return profile === undefined ? etc : join(etc, 'cont-profile.d', profile)
  }
  const etc = etcOf(root)
  return {
    generation: generationOf(root, etc),
    etc,
    sources: sourcesOf(etc, etc === root),
    below: bases.map((base) => join(etcOf(base), 's6-overlay/s6-rc.d')).filter(isDirectory),
    folder: (name) => new Layers([...bases, root].map((one) => join(etcOf(one), name))),
    at: (one) =>
      at === undefined ? one : join(at, relative(root, one).replace(/^s6-rc\.d(?=\/|$)/, 's6-overlay/s6-rc.d')),
    has: (program) => [root, ...bases].some((one) => existsSync(join(one, program))),
  }
}

/**
 * Where s6-rc.d has a bundle user, user-bundles.d is not read. Source: s6-overlay 3.2.3.2, rc.init. A directory that is no whole
 * image but has parts of its etc may have s6-rc.d itself beside them.
 */
function sourcesOf(etc: string, isParts: boolean): readonly string[] {
  const usual = join(etc, 's6-overlay/s6-rc.d')
  const tree = isParts && !isDirectory(usual) ? join(etc, 's6-rc.d') : usual
  const bundles = join(etc, 's6-overlay/user-bundles.d')
  const isOld = isDirectory(join(tree, 'user'))
  return [tree, ...(isOld ? [] : [bundles])].filter(isDirectory)
}

/** Version 3 keeps itself in /package and /command, versions 1 and 2 in /etc/s6. */
function generationOf(root: string, etc: string): Generation {
  const isThird =
    [join(root, 'package/admin'), join(etc, 's6-overlay')].some(hasOverlay) || isDirectory(join(root, 'command'))
  return !isThird && isDirectory(join(etc, 's6')) ? 2 : 3
}

function hasOverlay(folder: string): boolean {
  return isDirectory(folder) && readdirSync(folder).length > 0
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false
}
