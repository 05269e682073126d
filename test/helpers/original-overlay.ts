// The original s6-overlay, built from its public sources outside of this repository by test/compat/export-real/build-s6-overlay.sh.
// A variable names the directory with its files. The tests contain measured facts. If the original is available, the tests also run
// it and compare it with these facts.

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { bootImage, type BootOptions, type Files } from './image.ts'
import type { Daemon } from './kahi.ts'

/** The variables that name the files of the original, and the versions of the measurements. */
const PLACES = {
  3: { variable: 'KAHI_S6_OVERLAY', version: 's6-overlay 3.2.3.2' },
  2: { variable: 'KAHI_S6_OVERLAY_2', version: 's6-overlay 2.2.0.3' },
  1: { variable: 'KAHI_S6_OVERLAY_1', version: 's6-overlay 1.22.1.0' },
} as const

/** The directory with the files of the original. If it is missing, prints a message and gives undefined. */
export function originalOverlay(generation: keyof typeof PLACES): string | undefined {
  const { variable, version } = PLACES[generation]
  const place = process.env[variable] ?? ''
  if (place !== '' && existsSync(join(place, 'init'))) return place
  console.warn(`not run beside ${version}: ${variable} does not name a directory with its files`)
  return undefined
}

/** Boots an image with the original in it. Its tools are first in PATH, as in an image of that version. */
export function bootOriginal(
  place: string,
  files: Files,
  command: readonly string[],
  { before = ':', ...options }: BootOptions = {},
): Daemon {
  const lay = `rm -f /init; cp -a --remove-destination ${place}/. /`
  return bootImage(files, command, { ...options, before: `${lay}; ${before}` })
}
