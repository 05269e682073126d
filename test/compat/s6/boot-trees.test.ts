// Every tree of s6-rc of the corpus boots as an image in three ways: `init-s6` on its files, `kahi daemon` on the TOML that
// `kahi migrate` makes from the image, and on the TOML of the tree alone. Output, files and states are the same in all three.

import { describe, expect, test } from 'vitest'
import { bootFiles, bootToml, runInside, type Seen, servicesAre, stopped, WAYS } from '../../helpers/boot-twice.ts'
import { type CorpusTree, layCorpusTree, treeNames } from '../../helpers/corpus-trees.ts'
import { canBoot } from '../../helpers/image.ts'
import type { Daemon } from '../../helpers/kahi.ts'
import { eventually } from '../../helpers/wait.ts'

const can = canBoot()
const ENV = { FROM_ENGINE: 'a value', EMPTY: '', LINES: 'first\nsecond' }

/** Boots, restarts one service, stops; gives what was seen, and the order in which longruns ended. */
async function play(
  daemon: Daemon,
  { longruns, others, pipes }: CorpusTree,
): Promise<Seen & { readonly ended: readonly string[] }> {
  const count = (line: string): number =>
    daemon
      .output()
      .split('\n')
      .filter((one) => one === line).length
  const says = (line: string, times: number) => eventually(() => count(line) === times, `${times} times ${line}`)
  const states = [
    ...longruns.map(({ name, isTold }) => `${name} true ${isTold}`),
    ...others.map((name) => `${name} false false`),
  ]
  await daemon.line('up: legacy-services')
  await Promise.all(longruns.map(({ name }) => says(`at work: ${name}`, 1)))
  await Promise.all(pipes.map(([writer, reader]) => says(`${reader}/run| read from ${writer}`, 1)))
  await servicesAre(daemon, states)
  const last = longruns.findLast(({ name }) => !pipes.flat().includes(name))?.name
  if (last !== undefined) {
    expect(runInside(daemon, `s6-svc -r /run/service/${last}`)).toMatchObject({ status: 0 })
    await says(`at work: ${last}`, 2)
    await servicesAre(daemon, states)
  }
  const seen = await stopped(daemon)
  const ends = daemon
    .output()
    .split('\n')
    .flatMap((line) => /^(.*)\/run\| ends$/.exec(line)?.[1] ?? [])
  return { ...seen, ended: ends.slice(last === undefined ? 0 : 1) }
}

describe.runIf(can && treeNames.length > 0)('trees of the corpus', () => {
  test.each(treeNames)('%s', async (name) => {
    const tree = layCorpusTree(name)
    const options = { tree: tree.tree, env: ENV, before: 'ln -sf /command/with-contenv /usr/bin/with-contenv' }
    const daemons = [
      bootFiles(tree.files, options),
      ...(Object.keys(WAYS) as (keyof typeof WAYS)[]).map((way) => bootToml(tree.files, way, options)),
    ]
    const [files, ...tomls] = await Promise.all(daemons.map((daemon) => play(daemon, tree)))
    for (const toml of tomls) expect({ ...toml, ended: [] }).toEqual({ ...files, ended: [] })
    expect(files?.exitCode).toBe(0)
    for (const { ended } of [files, ...tomls].filter((one) => one !== undefined)) {
      expect(ended.toSorted()).toEqual(tree.longruns.map((one) => one.name).toSorted())
      for (const { name: one, needs } of tree.longruns)
        for (const other of needs)
          expect(ended.indexOf(one), `${one} before ${other}`).toBeLessThan(ended.indexOf(other))
    }
  })
})
