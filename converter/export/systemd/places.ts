// Names of units, and where the files of an export are on the machine that runs them.

import type { Plan } from '../plan/plan.ts'
import type { Unit } from '../plan/unit.ts'

/** Names and paths of one export; paths are absolute. */
export interface Places {
  /** The name of the whole: its target starts and stops all. */
  readonly whole: string
  /** The name of a unit of the plan, without its ending. */
  unitName(name: string): string
  /** The name of the target of a bundle or group, without its ending. */
  targetName(name: string): string
  /** The unit that stops the whole. */
  readonly stopper: string
  readonly variables: string
  secrets(unit: Unit): string
  script(unit: Unit, purpose: string): string
  /** The FIFO through which other programs write to this one. */
  pipe(name: string): string
}

/** The directory of unit files. */
export const UNITS = '/etc/systemd/system'

/** Targets that systemd itself has. Source: systemd 252, systemd.special(7). */
const RESERVED =
  /^(?:basic|default|emergency|exit|final|getty|graphical|halt|hibernate|initrd.*|kexec|local-fs.*|multi-user|network.*|nss.*|paths|poweroff|reboot|remote.*|rescue|rpcbind|shutdown|sigpwr|sleep|slices|sockets|suspend.*|swap|sysinit|system-update.*|time.*|timers|umount)$/

/** The names and paths of a plan. */
export function placesOf({ name: given, units, bundles }: Plan): Places {
  const whole = plain(given)
  const services = namesOf(
    units.map(({ name }) => name),
    whole,
    new Set([`${whole}-stop`]),
  )
  const targets = namesOf(
    bundles.map(({ name }) => name),
    whole,
    new Set([whole]),
  )
  const unitName = (name: string): string => services.get(name) ?? plain(name)
  return {
    whole,
    unitName,
    targetName: (name) => targets.get(name) ?? plain(name),
    stopper: `${whole}-stop.service`,
    variables: `/etc/${whole}/variables.env`,
    secrets: ({ name }) => `/etc/${whole}/${unitName(name)}.env`,
    script: ({ name }, purpose) =>
      `/usr/local/lib/${whole}/${unitName(name)}${purpose === 'start' ? '' : `-${purpose}`}`,
    pipe: (name) => `/run/${whole}/${unitName(name)}.pipe`,
  }
}

/** Names of units consist of letters, digits and `:-_.\`; an `@` would be a template. */
function plain(name: string): string {
  return name.replaceAll(/[^\w.-]/g, '-')
}

function namesOf(names: readonly string[], whole: string, taken: Set<string>): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  for (const name of names) {
    const own = plain(name)
    let unique = RESERVED.test(own) || taken.has(own) ? `${whole}-${own}` : own
    while (taken.has(unique)) unique += '-'
    taken.add(unique)
    found.set(name, unique)
  }
  return found
}
