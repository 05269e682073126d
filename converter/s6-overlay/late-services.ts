// services.d as s6-overlay reads it: after the scripts of cont-init.d, which may have added, removed or changed
// services. Its oneshot legacy-services copies them, links the copies into the scan directory, and requests a scan;
// from then on they are services of a scan directory. A boot always does that. A conversion does it only when a script
// of cont-init.d names services.d; otherwise the services become tables of the TOML (services-d.ts). Source: s6-overlay
// 3.2.3.2, services-up; v1.21 and v2.2, init-stage2.

import { readBytes } from '../../config/values/read-text.ts'
import { join } from 'node:path'
import type { Diagnostic } from '../../config/model/diagnostic.ts'
import { FIRST_AMONG_EQUALS } from '../../config/model/dynamic.ts'
import type { Entry, Table } from '../../config/keys/document.ts'
import type { Value } from '../../config/model/value.ts'
import { escapeValue } from '../s6-rc/convert-definition.ts'
import type { Ledger } from '../s6-rc/ledger.ts'
import { readFolder } from './folder.ts'
import type { Image } from './image.ts'
import { placesOf } from './places.ts'
import type { OverlaySettings } from './variables.ts'

/**
 * Arguments: `$1` services.d, `$2` the directory of the copies, `$3` the scan directory, `$4` 1 to wait for them, `$5`
 * the longest wait in milliseconds for all of them, `$6` S6_BEHAVIOUR_IF_STAGE2_FAILS, `$7` 1 when the boot then has failed.
 */
const TAKE = `
mkdir -p "$2" "$3"
up= ready=
for service in "$1"/*/; do
  [ -d "$service" ] || continue
  name=\${service%/} name=\${name##*/}
  rm -rf "$2/$name" && mkdir -p "$2/$name" && cp -a "$service." "$2/$name/" || continue
  if [ "$2" != "$3" ] && { [ -L "$3/$name" ] || [ ! -e "$3/$name" ]; }; then
    rm -f "$3/$name" && ln -s "$2/$name" "$3/$name"
  fi
  if [ -e "$2/$name/down" ]; then continue; fi
  if [ -e "$2/$name/notification-fd" ]; then ready="$ready $2/$name"; else up="$up $2/$name"; fi
done
[ -p "$3/.s6-svscan/control" ] || exit 0
printf a >"$3/.s6-svscan/control"
[ "$4" = 1 ] && [ -n "$up$ready" ] && command -v s6-svwait >/dev/null || exit 0
for service in $up $ready; do
  for look in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
    [ -p "$service/supervise/control" ] && break
    sleep 0.1
  done
done
failed=0
[ -z "$ready" ] || s6-svwait -U -t "$5" -- $ready &
[ -z "$up" ] || s6-svwait -u -t "$5" -- $up || failed=1
wait $! || failed=1
[ "$failed" = 0 ] || [ "$6" = 0 ] || echo 'services-up: warning: some legacy longruns failed to start' >&2
[ "$7" != 1 ] || exit "$failed"
exit 0
`.trimStart()

/**
 * Takes the services away again, as when a client stops a dependency of legacy-services. Arguments: `$1` the directory of the
 * copies, `$2` the scan directory, `$3` the longest wait in milliseconds. Source: s6-overlay 3.2.3.2, services-down.
 */
const LEAVE = `
for service in "$1"/*/; do
  [ -d "$service" ] || continue
  name=\${service%/} name=\${name##*/}
  rm -f "$2/$name"
done
[ -p "$2/.s6-svscan/control" ] || exit 0
printf an >"$2/.s6-svscan/control"
look=0
for service in "$1"/*/; do
  while [ "$(s6-svstat -u "\${service%/}" 2>/dev/null)" = true ] && [ "$look" -lt "$3" ]; do
    sleep 0.1
    look=$((look + 100))
  done
done
exit 0
`.trimStart()

/** Whether a script of cont-init.d names services.d. */
export function hasLateServices(image: Image): boolean {
  const folder = image.folder('cont-init.d')
  return (folder.list('.') ?? []).some((name) => {
    const node = folder.find(name)
    return node?.kind === 'file' && /\bservices\.d\b/.test(readBytes(node.path).toString())
  })
}

/** The oneshot legacy-services with these scripts. Versions 1 and 2 have no s6-rc: nothing takes it down. */
export function takeLateServices(table: Table, image: Image, settings: OverlaySettings): Table {
  const services = image.at(join(image.etc, 'services.d'))
  const { scan_directory: scan, legacy_services: copies } = placesOf(image)
  const { waitsForServices, waitMs, ifFails, servicesGraceSecs } = settings
  const isFatal = ifFails > (image.generation === 3 ? 1 : 0)
  const limits = [waitsForServices ? '1' : '0', String(waitMs), String(ifFails), isFatal ? '1' : '0']
  const up = scriptOf(TAKE, [services, copies, scan, ...limits])
  const down = scriptOf(LEAVE, [copies, scan, String(servicesGraceSecs * 1000)])
  const commands: readonly Entry[] = [
    { key: 'up', value: up, place: table.place },
    ...(image.generation === 3 ? [{ key: 'down', value: down, place: table.place }] : []),
    // its down waits for the services, so they have to stop at the same time
    { key: 'priority', value: FIRST_AMONG_EQUALS, place: table.place },
  ]
  return { ...table, entries: [...commands, ...table.entries.filter(({ key }) => key !== 'up')] }
}

function scriptOf(script: string, words: readonly string[]): Value {
  return escapeValue(['/bin/sh', '-c', script, 'legacy-services', ...words])
}

/** Records the files of services.d, which stay where they are, and reports that. */
export function keepServices(image: Image, ledger: Ledger): readonly Diagnostic[] {
  const layers = image.folder('services.d')
  const names = (layers.list('.') ?? []).filter((name) => layers.find(name)?.kind === 'directory')
  for (const name of names) {
    const folder = readFolder(name, layers, name)
    for (const file of folder.nodes.keys())
      ledger.settle(folder, file, { fate: 'kept', to: '', note: 'read when cont-init.d has run' })
  }
  if (names.length === 0) return []
  const message = `Scripts of cont-init.d change services.d: its services (${names.join(', ')}) are read when these have run, and are not in the TOML`
  return [{ severity: 'note', message }]
}
