// The shipped bundle: a daemon loads only the parts that it needs.

import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Metafile } from 'esbuild'
import { bundle } from '../../tools/build.ts'
import { root, scratch } from '../helpers/kahi.ts'

/** All source files and modules of Node that an output loads at its start, not those that it loads on first use. */
function loadedBy({ outputs }: Metafile, start: string): Set<string> {
  const loaded = new Set<string>()
  const seen = new Set([start])
  for (const path of seen) {
    for (const input of Object.keys(outputs[path]?.inputs ?? {})) loaded.add(input)
    for (const { path: target, kind } of outputs[path]?.imports ?? []) {
      if (kind !== 'import-statement') continue
      if (target in outputs) seen.add(target)
      else loaded.add(target)
    }
  }
  return loaded
}

test.each(['cli/commands/run-daemon.ts', 'cli/compat/supervisord.ts', 'cli/compat/init-s6.ts'])(
  'what %s loads at its start holds no parser, colours, HTTP',
  async (entry) => {
    const built = await bundle(root, join(scratch(), 'dist'))
    const [name] = Object.entries(built.outputs).find(([, { entryPoint }]) => entryPoint === entry) ?? []
    const loaded = [...loadedBy(built, name ?? '')]
    expect(loaded).toContain('runtime/supervisor/supervisor.ts')
    expect(
      loaded.filter((path) => /node_modules\/(?!smol-toml\/)|^node:https?$|control\/rest\/server/.test(path)),
    ).toEqual([])
  },
)

test('each daemon has the runtime once, and what it seldom needs is there once for all', async () => {
  const { outputs } = await bundle(root, join(scratch(), 'dist'))
  const holders = (source: string) => Object.values(outputs).filter(({ inputs }) => source in inputs)
  expect(holders('runtime/supervisor/supervisor.ts')).toHaveLength(4)
  expect(Object.keys(outputs).filter((path) => path.endsWith('.mjs') && isRe2(outputs[path]))).toHaveLength(1)
})

function isRe2(output: Metafile['outputs'][string] | undefined): boolean {
  return Object.keys(output?.inputs ?? {}).some((path) => path.includes('node_modules/re2js/'))
}
