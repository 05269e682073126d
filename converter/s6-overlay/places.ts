// The directories in which s6-overlay keeps state while a container runs, for the tools of an image.

import { endsInNewline as readsNewline, INSTALL_RECORD, PLACES, type Where } from '../s6-rc/overlay-places.ts'
import type { Image } from './image.ts'

/** An image of version 1 or 2 that contains one of these has tools of s6 2.11 and later, or kahi's. */
const NEWER_TOOLS = ['usr/bin/s6-svlink', 'bin/s6-svlink', INSTALL_RECORD]

/** The directories of an image. */
export function placesOf({ generation, has }: Image): Where {
  const places = PLACES[generation]
  return NEWER_TOOLS.some(has) ? { ...places, scan_layout: 's6' } : places
}

/** Whether the files of the container's variables end with a newline, as the with-contenv of the image expects; kahi's reads both forms. */
export function endsInNewline({ generation, version, has }: Image): boolean {
  if (has(INSTALL_RECORD)) return generation === 3
  return version === undefined ? generation === 3 : readsNewline(version)
}
