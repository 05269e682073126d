// What Debian's packages of the old tools weigh on a small image: the packages that apt would install there.

import { spawnSync } from 'node:child_process'

/** What packages bring to an image that has Debian's required packages alone. */
export interface Weight {
  readonly packages: number
  /** What is downloaded. */
  readonly bytes: number
  /** What the files take up. */
  readonly installedBytes: number
}

/** The weight of packages; undefined where there is no apt or it does not know them. */
export function weightOf(names: readonly string[]): Weight | undefined {
  const listed = run('dpkg-query', ['-W', '-f=${Package} ${Priority}\n'])
  const required = [...(listed ?? '').matchAll(/^(\S+) required$/gm)].map(([, name]) => name ?? '')
  const [base, all] = [installed(required), installed([...required, ...names])]
  if (base === undefined || all === undefined) return undefined
  const added = all.filter((name) => !base.includes(name))
  const shown = run('apt-cache', ['show', '--no-all-versions', ...added]) ?? ''
  const sum = (field: string): number =>
    [...shown.matchAll(new RegExp(`^${field}: (\\d+)$`, 'gm'))].reduce((total, [, size]) => total + Number(size), 0)
  return { packages: added.length, bytes: sum('Size'), installedBytes: sum('Installed-Size') * 1024 }
}

/** What apt would install for these packages where nothing is installed. */
function installed(names: readonly string[]): readonly string[] | undefined {
  const words = ['-s', '--no-install-recommends', '-o', 'Dir::State::status=/dev/null', 'install', ...names]
  const said = run('apt-get', words)
  return said === undefined
    ? undefined
    : [...new Set([...said.matchAll(/^Inst (\S+)/gm)].map(([, name]) => name ?? ''))]
}

function run(program: string, words: readonly string[]): string | undefined {
  const { status, stdout } = spawnSync(program, words, { encoding: 'utf8', maxBuffer: 2 ** 26 })
  return status === 0 ? stdout : undefined
}
