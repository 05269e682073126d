// Files of images of s6-overlay. Each image is the file system of this machine with a few more files, in new namespaces.

import { type Files, firstPid } from '../../helpers/image.ts'
import type { Daemon } from '../../helpers/kahi.ts'

/** The program in the first line of scripts of s6-overlay images: a placeholder that does the same as s6-overlay's own. */
export const withContenv = `#!/bin/sh
for file in /run/s6/container_environment/*; do export "\${file##*/}=$(cat "$file")"; done
exec "$@"
`
export const version3: Files = { 'command/with-contenv': withContenv }

/** A program that reports its start and its stop signal. */
export function speaker(name: string, extra = ''): string {
  return `#!/bin/sh\n${extra}\ntrap 'echo ${name} ends; exit 0' TERM\necho ${name} starts\nwhile :; do sleep 1000 & wait $!; done\n`
}

export function longrun(name: string, files: Readonly<Record<string, string>> = {}): Files {
  const inner = { type: 'longrun\n', run: speaker(name), ...files }
  return {
    ...Object.fromEntries(
      Object.entries(inner).map(([file, text]) => [`etc/s6-overlay/s6-rc.d/${name}/${file}`, text]),
    ),
    [`etc/s6-overlay/s6-rc.d/user/contents.d/${name}`]: '',
  }
}

/** An image of versions 1 and 2. */
export const version1: Files = {
  'etc/s6/init/init-stage1': '',
  'usr/bin/with-contenv': withContenv.replaceAll('/run/', '/var/run/'),
}

export const user: Files = { 'etc/s6-overlay/s6-rc.d/user/type': 'bundle\n' }

/** As an engine stops a container. */
export function stop(daemon: Daemon, signal: NodeJS.Signals = 'SIGTERM'): void {
  process.kill(firstPid(daemon), signal)
}
