// Boots an image twice: `init-s6` on its files, and `kahi daemon` on the TOML that `kahi migrate` makes from them. Collects the
// output, files and states of both boots. Services and clients run at the same time, so their output is kept for each of them,
// without its order.

import { spawnSync } from 'node:child_process'
import { bootImage, type BootOptions, type Files, firstPid } from './image.ts'
import type { Daemon } from './kahi.ts'
import { eventually, LIMIT_MS } from './wait.ts'

/** kahi's own commands of s6, in the directory that s6-overlay uses. */
export const OWN_TOOLS =
  'mkdir -p /command; for name in $(/kahi/kahi-s6 --list); do ln -sf /kahi/kahi-s6 /command/$name; done'

/** The arguments of the conversion with their paths, as a user would type them in the image. */
export const WAYS = {
  'the root of the image': '/kahi/kahi migrate / --at / --force -o /kahi.toml',
  'the tree alone': '/kahi/kahi migrate /etc/s6-overlay/s6-rc.d --force -o /kahi.toml',
} as const satisfies Readonly<Record<string, string>>

/** A boot by the files themselves. */
export function bootFiles(files: Files, { before = ':', ...options }: BootOptions = {}): Daemon {
  return bootImage(files, [], { ...options, before: `${OWN_TOOLS}; ${before}` })
}

/** A boot by the TOML. */
export function bootToml(files: Files, way: keyof typeof WAYS, { before = ':', ...options }: BootOptions = {}): Daemon {
  return bootImage(files, ['daemon', '-c', '/kahi.toml'], {
    ...options,
    entry: '/kahi/kahi',
    before: `${OWN_TOOLS}; ${before}; ${WAYS[way]} 2>/kahi.report || { cat /kahi.report >&2; exit 1; }`,
  })
}

/** Runs a script in the image of a daemon. What the daemon writes meanwhile is read when it has ended. */
export function runInside(daemon: Daemon, script: string): { readonly status: number | null; readonly stdout: string } {
  const { status, stdout } = spawnSync('nsenter', [...insideWords(daemon, script)], {
    encoding: 'utf8',
    timeout: LIMIT_MS,
  })
  return { status, stdout }
}

/** Words of nsenter that run a script in the image of a daemon. */
export function insideWords(daemon: Daemon, script: string): readonly string[] {
  const place = ['-t', String(firstPid(daemon)), '-m', '-p', '-r', '-w']
  return [...place, '/bin/sh', '-c', `PATH=/command:$PATH; ${script}`]
}

/** Waits until the service directories are these, as `NAME UP READY`. */
export async function servicesAre(daemon: Daemon, expected: readonly string[]): Promise<void> {
  const script =
    'for one in /run/service/*/; do one=${one%/}; [ -e "$one" ] || continue; echo "${one##*/} $(s6-svstat -o up,ready "$one")"; done | LC_ALL=C sort'
  const look = (): string => runInside(daemon, script).stdout
  await eventually(
    () =>
      look() ===
      expected
        .toSorted()
        .map((line) => `${line}\n`)
        .join(''),
    `services are ${expected.join(', ')}`,
  )
}

/** Lines that begin with `NAME| `, by name, each list sorted. */
export function spoken(daemon: Daemon): Readonly<Record<string, readonly string[]>> {
  const lines = daemon
    .output()
    .split('\n')
    .flatMap((line) => {
      const [, name = '', said = ''] = /^([^| ]+)\| (.*)$/.exec(line) ?? []
      return name === '' ? [] : [{ name, said }]
    })
  const names = [...new Set(lines.map(({ name }) => name))].sort()
  return Object.fromEntries(
    names.map((name) => [
      name,
      lines
        .filter((line) => line.name === name)
        .map(({ said }) => said)
        .sort(),
    ]),
  )
}

/** Ends the container as an engine does, and gives everything that was collected. */
export async function stopped(daemon: Daemon): Promise<Seen> {
  process.kill(firstPid(daemon), 'SIGTERM')
  const { exitCode, signal } = await daemon.ended()
  return { exitCode, signal, spoken: spoken(daemon) }
}

/** The facts that are compared between two boots. */
export interface Seen {
  readonly exitCode: number | undefined
  readonly signal: string | undefined
  readonly spoken: Readonly<Record<string, readonly string[]>>
}

/** Shell commands that print user, directory, environment and arguments of a process; `name` is a variable with its name. */
export const CONFESSION = [
  'echo "$name| in $(pwd -P) as $(id -u):$(id -g) umask $(umask)"',
  `env | sed -u "/^\\(_\\|SHLVL\\|PWD\\|OLDPWD\\)=/d; s#^#$name| env #"`,
  'echo "$name| arguments $1 $2 $3"',
].join('\n')
