// `npm run smoke`: a few tests of the front tier with each version of Node.js that kahi supports. The official programs come from
// npm and are kept in the build cache; KAHI_NODE gives their path to the launcher. `npm run smoke -- 26` runs one version.

import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import type { Processor } from './cross.ts'
import { nodeOf } from './release/fetch.ts'

/** The newest release of each supported version at the time of the last change of this list; 20 is the oldest. */
const VERSIONS = ['20.20.2', '22.23.5', '24.22.3', '26.12.1'] as const
/** Tests of parts that a version of Node.js could break: daemon, REST, drop-in, health checks, events of the kernel. */
const FILES = ['boot', 'supervisord', 'healthcheck', 'watch'].map((name) => `test/cli/${name}.test.ts`)

/** Runs the tests; gives the exit code of the first version that fails. */
export function main(argv: readonly string[], root: string): number {
  const wanted = VERSIONS.filter((version) => argv.length === 0 || argv.some((word) => version.startsWith(`${word}.`)))
  for (const version of wanted) {
    const node = fetch(version)
    if (node === undefined) continue
    const found = spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout.trim()
    process.stdout.write(`smoke: ${found}\n`)
    const words = [join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--project', 'front', ...FILES]
    const { status } = spawnSync(process.execPath, words, {
      cwd: root,
      stdio: 'inherit',
      env: { ...process.env, KAHI_NODE: node },
    })
    if (status !== 0) return status ?? 1
  }
  return 0
}

function fetch(version: string): string | undefined {
  try {
    return nodeOf(process.arch as Processor, version)
  } catch (error) {
    process.stdout.write(`smoke: Node.js ${version} cannot be fetched from npm and is not tried: ${String(error)}\n`)
    return undefined
  }
}
