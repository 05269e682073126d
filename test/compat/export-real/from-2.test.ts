// Images of s6-overlay 1 and 2 become images of version 3: under the real s6-overlay 3 they have the same output and exit code as
// under version 2.

import { join } from 'node:path'
import { expect, test } from 'vitest'
import { bootImage, canBoot, type Files, firstPid, layFiles } from '../../helpers/image.ts'
import { type Daemon, kahi, scratch } from '../../helpers/kahi.ts'
import { bootOriginal, originalOverlay } from '../../helpers/original-overlay.ts'
import { OWN_TOOLS } from '../../helpers/boot-twice.ts'
import { overlay2Scenes, type Scene } from '../s6/overlay-2-scenes.ts'

const can = canBoot()
const original = can ? originalOverlay(3) : undefined

/** Directories that the new tree replaces. */
const REPLACED = /^etc\/(?:services|cont-init|cont-finish|fix-attrs)\.d\//

/** Scenes without CMD: that of version 3 gets another environment, which no file of the image can change. */
const scenes = overlay2Scenes.filter(
  ({ command, files }) => command.length === 0 && Object.keys(files).some((file) => file.endsWith('/run')),
)

/** Lines of the scripts themselves: directories of services are elsewhere, and version 3 announces other steps. */
const own = (lines: readonly string[]): readonly string[] =>
  lines
    .filter((line) => line !== '' && !/^\[[\w.-]+\] |^[\w/.-]+(?: [\w/.-]+)?: (?:info|warning): /.test(line))
    .map((line) => line.replace(/^web in \S+/, 'web in DIR'))
    .toSorted()

/** The files of the image with those that dist/kahi exports. */
async function exported(files: Files): Promise<{ readonly left: Files; readonly tree: string }> {
  const folder = scratch()
  layFiles(join(folder, 'image'), { ...files, 'etc/s6/init/init-stage1': '' })
  const tree = join(folder, 'tree')
  const { exitCode, stderr } = await kahi(['export', 's6-overlay', join(folder, 'image'), '-o', tree])
  expect(exitCode, stderr).toBe(0)
  expect(stderr).toContain('the image must not have')
  return { left: Object.fromEntries(Object.entries(files).filter(([path]) => !REPLACED.test(path))), tree }
}

const ways: Readonly<Record<string, (files: Files, tree: string, env: Scene['env']) => Daemon>> = {
  'kahi in the place of s6-overlay 3': (files, tree, env = {}) =>
    bootImage(files, [], { env, tree, before: OWN_TOOLS }),
  's6-overlay 3': (files, tree, env = {}) => bootOriginal(original ?? '', files, [], { env, tree }),
}

test.runIf(can).for(
  Object.keys(ways)
    .filter((way) => way.startsWith('kahi') || original !== undefined)
    .flatMap((way) => scenes.map((scene) => [way, scene.name, scene] as const)),
)('%s: %s', async ([way, , { files, env, stopAfter, code, lines }]) => {
  const { left, tree } = await exported(files)
  const daemon = ways[way]!(left, tree, env)
  if (stopAfter !== undefined) {
    await daemon.line(stopAfter)
    process.kill(firstPid(daemon), 'SIGTERM')
  }
  const { exitCode, stdout } = await daemon.ended()
  expect({ exitCode, lines: own(stdout.split('\n')) }, daemon.output()).toEqual({ exitCode: code, lines: own(lines) })
})
