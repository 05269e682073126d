// Finds the files that s6-overlay reads in an image, and the generation of s6-overlay that the image was made for. PATH
// is the root of the image's files, or its etc; images below are laid under it, file by file. The files are not
// interpreted here. Source: s6-overlay 3.2.3.2, rc.init; v1.21, init-stage2; sections 4.3 to 4.6 of their behaviour as
// verified by experiment.

import { existsSync, readdirSync } from 'node:fs'
import { join, relative, resolve as resolvePath } from 'node:path'
import { isDirectory } from '../folders.ts'
import { Layers } from '../s6-rc/layers.ts'
import { findSource } from '../s6-rc/load.ts'
import { type Generation, overlayVersion } from '../s6-rc/overlay-places.ts'

/** The directories that exist since the first version of s6-overlay. */
export const LEGACY_FOLDERS = ['fix-attrs.d', 'cont-init.d', 'cont-finish.d', 'services.d'] as const

/** Where the package of version 3 has its own services. */
const PACKAGED = 'package/admin/s6-overlay/etc/s6-rc/sources'

/** One of LEGACY_FOLDERS. */
export type LegacyFolder = (typeof LEGACY_FOLDERS)[number]

/** The files of an image. */
export interface Image {
  readonly generation: Generation
  /** Version of s6-overlay, as [3, 2, 3, 2]; undefined when the image does not contain it. */
  readonly version: readonly number[] | undefined
  /** The etc of the image, or the profile that replaces it. */
  readonly etc: string
  /** Source directories of s6-rc, those of the image itself first; empty when there are none. */
  readonly sources: readonly string[]
  /** The first of these directories in the images below. */
  readonly below: readonly string[]
  /** The source directory in the package of s6-overlay. */
  readonly packaged: string | undefined
  /** One of the old directories, laid over those of the images below. */
  folder(name: LegacyFolder): Layers
  /** The path of a file when it is run. */
  at(path: string): string
  /** Whether the image has a program of that path. */
  has(program: string): boolean
}

/** Options for reading an image. */
export interface ImageOptions {
  readonly bases?: readonly string[] | undefined
  /** The later path of PATH, if it will not be the current one. */
  readonly at?: string | undefined
  /** Name of the directory in etc/cont-profile.d that replaces etc. */
  readonly profile?: string | undefined
  /** The directory of the bundles user and user2, if it is not user-bundles.d. */
  readonly bundles?: string | undefined
}

/** Whether a directory is the root of an image with directories of s6-overlay in its etc, or such an etc. */
export function isImage(path: string): boolean {
  if (!isDirectory(path)) return false
  const hasLegacy = (etc: string): boolean => LEGACY_FOLDERS.some((name) => isDirectory(join(etc, name)))
  const isEtc = (etc: string): boolean => hasLegacy(etc) || isDirectory(join(etc, 's6-overlay'))
  return isEtc(join(path, 'etc')) || isEtc(path)
}

/** Examines an image. */
export function openImage(path: string, { bases = [], at, profile, bundles }: ImageOptions = {}): Image {
  const root = resolvePath(path)
  const wholeEtc = (one: string): string => (isDirectory(join(one, 'etc')) ? join(one, 'etc') : one)
  const etcOf = (one: string): string =>
    profile === undefined ? wholeEtc(one) : join(wholeEtc(one), 'cont-profile.d', profile)
  const etc = etcOf(root)
  const tree = relative(root, join(etc, 's6-overlay/s6-rc.d'))
  const layers = [root, ...bases.map((base) => resolvePath(base)).toReversed()]
  const inImage = (one: string): string => {
    const layer = layers.find((other) => isBelow(one, other)) ?? root
    const inner = relative(layer, one).replace(/^s6-rc\.d(?=\/|$)/, 's6-overlay/s6-rc.d')
    return layer !== root && findSource(layer) === layer ? join(tree, inner) : inner
  }
  return {
    generation: generationOf(root, wholeEtc(root)),
    version: [root, ...bases].map(overlayVersion).find((version) => version !== undefined),
    etc,
    sources: sourcesOf(etc, etc === root, bundles === undefined ? undefined : join(root, bundles)),
    below: bases
      .map((base) => [join(etcOf(base), 's6-overlay/s6-rc.d'), findSource(base) ?? ''].find(isDirectory))
      .filter((tree) => tree !== undefined),
    packaged: [root, ...bases].map((one) => join(one, PACKAGED)).find(isDirectory),
    folder: (name) => new Layers([...bases, root].map((one) => join(etcOf(one), name))),
    at: (one) => (at === undefined ? one : join(at, inImage(one))),
    has: (program) => [root, ...bases].some((one) => existsSync(join(one, program))),
  }
}

/**
 * When s6-rc.d has a bundle user, user-bundles.d is not read. Source: s6-overlay 3.2.3.2, rc.init. A directory that is
 * not a whole image, but has parts of its etc, may have s6-rc.d beside them.
 */
function sourcesOf(etc: string, isParts: boolean, named: string | undefined): readonly string[] {
  const usual = join(etc, 's6-overlay/s6-rc.d')
  const tree = isParts && !isDirectory(usual) ? join(etc, 's6-rc.d') : usual
  const bundles = named ?? join(etc, 's6-overlay/user-bundles.d')
  const isOld = isDirectory(join(tree, 'user'))
  return [tree, ...(isOld ? [] : [bundles])].filter(isDirectory)
}

/** Version 3 is in /package and /command, versions 1 and 2 are in /etc/s6. */
function generationOf(root: string, etc: string): Generation {
  const isThird =
    [join(root, 'package/admin'), join(etc, 's6-overlay')].some(hasOverlay) || isDirectory(join(root, 'command'))
  return !isThird && isDirectory(join(etc, 's6')) ? 2 : 3
}

function hasOverlay(folder: string): boolean {
  return isDirectory(folder) && readdirSync(folder).length > 0
}

function isBelow(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith('/') ? folder : `${folder}/`)
}
