// The directories in which s6-overlay keeps state while a container runs, and the form of the container's variables
// there. `kahi init-s6` makes these directories, and converted files name them, so both use the same ones. Source:
// s6-overlay 3.2.3.2, preinit, stage0 and rc.init; v1.21 and v2.2, init-stage1 and init-stage2.

import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { isDirectory } from '../folders.ts'

/** Versions 1 and 2 differ from version 3 in their paths, and in what follows a failure. */
export type Generation = 2 | 3

/** Keys of [supervisor] for these directories. */
export interface Places {
  readonly environment_directory: string
  readonly exit_code_file: string
  readonly halt_directory: string
  readonly scan_directory: string
  readonly scan_layout: string
  readonly run_layout: string
}

/** These keys, and further directories. */
export interface Where extends Places {
  /** Copies of the directories of services.d. */
  readonly legacy_services: string
  /** Service directories of s6-rc's longruns. */
  readonly servicedirs: string
}

/** Both generations. */
export const PLACES: Readonly<Record<Generation, Where>> = {
  2: {
    environment_directory: '/var/run/s6/container_environment',
    exit_code_file: '/var/run/s6/env-stage3/S6_STAGE2_EXITED',
    halt_directory: '/var/run/s6/basedir/bin',
    scan_directory: '/var/run/s6/services',
    scan_layout: 's6-2.10',
    run_layout: 's6-overlay-2',
    legacy_services: '/var/run/s6/services',
    servicedirs: '/run/s6-rc/servicedirs',
  },
  3: {
    environment_directory: '/run/s6/container_environment',
    exit_code_file: '/run/s6-linux-init-container-results/exitcode',
    halt_directory: '/run/s6/basedir/bin',
    scan_directory: '/run/service',
    scan_layout: 's6',
    run_layout: 's6-overlay',
    legacy_services: '/run/s6/legacy-services',
    servicedirs: '/run/s6-rc/servicedirs',
  },
}

/** What decides how an image runs, and is known only when its container starts. */
export const SET_AT_START = [
  "the container's command and S6_STAGE2_HOOK",
  'S6_* variables that the container sets and this shell does not',
] as const

/** The directory in which scripts without a service directory run. */
export const WORKING_DIRECTORY = '/'

/** Path below the root: the record of `kahi install --as s6-overlay`. */
export const INSTALL_RECORD = 'var/lib/kahi/s6-overlay.json'

/** The first version whose with-contenv removes a newline, and whose init writes one. */
const NEWLINES = [3, 2, 2]

/** Those keys whose values are not their defaults. */
export function placesIn(
  { environment_directory, exit_code_file, halt_directory, scan_directory, scan_layout, run_layout }: Where,
  keepsEnvironment: boolean,
): Partial<Places> {
  const layout = scan_layout === 's6' ? {} : { scan_layout }
  const places = { exit_code_file, halt_directory, scan_directory, ...layout, run_layout }
  return keepsEnvironment ? places : { environment_directory, ...places }
}

/** Whether S6_KEEP_ENV means that programs inherit all variables. */
export function keepsEnvironment({ S6_KEEP_ENV: text = '' }: Readonly<Record<string, string | undefined>>): boolean {
  return /^\d+$/.test(text) && Number(text) !== 0
}

/**
 * The version of s6-overlay: version 3 has a directory with its name below the root. Source: s6-overlay 3.2.3.2,
 * Makefile.
 */
export function overlayVersion(root: string): readonly number[] | undefined {
  const folder = join(root, 'package/admin')
  const names = isDirectory(folder) ? readdirSync(folder) : []
  const [, version] =
    names.map((name) => /^s6-overlay-(\d+(?:\.\d+)+)$/.exec(name)).find((found) => found !== null) ?? []
  return version?.split('.').map(Number)
}

/** Whether the files of the container's variables end with a newline, as the with-contenv of that version expects. */
export function endsInNewline(version: readonly number[] | undefined): boolean {
  if (version === undefined) return true
  const index = NEWLINES.findIndex((number, at) => number !== version[at])
  return index === -1 || (version[index] ?? 0) > (NEWLINES[index] ?? 0)
}

/** The root of the image whose tree of s6-rc is at its usual path. */
export function imageAround(tree: string): string | undefined {
  const root = /^(.*)\/etc\/(?:s6-overlay\/s6-rc\.d|s6-rc\/source|s6-rc\.d)$/.exec(tree)?.[1]
  return root === '' ? '/' : root
}

/** Whether the with-contenv of the image around a tree expects files that end with a newline. */
export function readsNewlines(tree: string): boolean {
  const root = imageAround(tree)
  return root === undefined || existsSync(join(root, INSTALL_RECORD)) || endsInNewline(overlayVersion(root))
}
