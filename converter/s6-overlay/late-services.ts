// Services that scripts of cont-init.d make in services.d while the container boots: s6-overlay looks there when these have
// run, in its oneshot legacy-services. Here that oneshot links the new ones into the scan directory and asks for a scan.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Table, Value } from '../../config/document.ts'
import { escapeValue } from '../s6-rc/convert-definition.ts'
import type { Image } from './image.ts'

/** Of the directory `$1`, into the scan directory `$2`. */
const TAKE = `
cd "$1" && [ -p "$2/.s6-svscan/control" ] || exit 0
for name in *; do
  if [ -e "$name/run" ] && [ ! -e "$2/$name" ]; then ln -s "$PWD/$name" "$2/"; fi
done
printf a >"$2/.s6-svscan/control"
`.trimStart()

/** Whether some script of cont-init.d names that directory. */
export function hasLateServices(image: Image): boolean {
  const folder = image.folder('cont-init.d')
  return (folder.list('.') ?? []).some((name) => {
    const node = folder.find(name)
    return node?.kind === 'file' && /\bservices\.d\b/.test(readFileSync(node.path, 'utf8'))
  })
}

/** The oneshot legacy-services with that to do. */
export function takeLateServices(table: Table, image: Image, scan: string): Table {
  const services = image.at(join(image.etc, 'services.d'))
  const value: Value = escapeValue(['/bin/sh', '-c', TAKE, 'legacy-services', services, scan])
  return { ...table, entries: table.entries.map((entry) => (entry.key === 'up' ? { ...entry, value } : entry)) }
}
