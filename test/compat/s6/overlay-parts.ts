// The parts of scenes of s6-overlay 3: services, empty directories, commands.

import type { Files } from '../../helpers/image.ts'

/** An image, how it is booted, and what was measured. */
export interface Scene {
  readonly name: string
  readonly files: Files
  readonly env?: Readonly<Record<string, string>>
  /** A script: the command of the container. */
  readonly command: string
  /** Run before the boot. */
  readonly before?: string
  readonly code: number
  /** Lines that the image says, sorted. */
  readonly lines: readonly string[]
}

export const TREE = 'etc/s6-overlay/s6-rc.d'
const BUNDLES = 'etc/s6-overlay/user-bundles.d'

/** A definition of s6-rc in the bundle user. */
export function unit(name: string, type: 'longrun' | 'oneshot', files: Files): Files {
  const own = Object.fromEntries(Object.entries(files).map(([file, text]) => [`${TREE}/${name}/${file}`, text]))
  return { ...own, [`${TREE}/${name}/type`]: `${type}\n`, [`${BUNDLES}/user/contents.d/${name}`]: '' }
}

export const EMPTY: Files = {
  [`${TREE}/`]: '',
  [`${BUNDLES}/user/type`]: 'bundle\n',
  [`${BUNDLES}/user/contents.d/`]: '',
  [`${BUNDLES}/user2/type`]: 'bundle\n',
  [`${BUNDLES}/user2/contents.d/`]: '',
}

export const sleeper = (name: string): string => `#!/bin/sh\necho "${name} runs"\nexec sleep 1000\n`
/** A command that waits for files. */
export const until = (...files: string[]): string =>
  files.map((file) => `until [ -e ${file} ]; do sleep 0.05; done; `).join('')
/** Without db: kahi lists a longrun that runs and was never ready, s6-rc does not (docs/compat/s6.md). */
export const LIST = 's6-rc -a list | grep -v -e ^s6rc- -e ^db | sort'

export const FINISH = (script: string): string =>
  `#!/bin/sh\necho "$3 finish"\nPATH=/command:$PATH\n${script}\ntouch /tmp/finished\n`
