// Scenes of s6-overlay 1 and 2 under `init-s6`. If KAHI_S6_OVERLAY_2 and KAHI_S6_OVERLAY_1 name the files of an original, the scenes
// also run under s6-overlay itself.

import { describe, expect, test } from 'vitest'
import { bootImage, canBoot, type Files, firstPid } from '../../helpers/image.ts'
import type { Daemon } from '../../helpers/kahi.ts'
import { bootOriginal, originalOverlay } from '../../helpers/original-overlay.ts'
import { overlay2Scenes, type Scene } from './overlay-2-scenes.ts'

const can = canBoot()

/** What each boot and each end writes. */
const FRAME = [
  '[s6-init] making user provided files available at /var/run/s6/etc...exited 0.',
  '[s6-init] ensuring user provided files have correct perms...exited 0.',
  ...['[fix-attrs.d] applying ownership & permissions fixes...', '[fix-attrs.d] done.'],
  ...['[cont-init.d] executing container initialization scripts...', '[cont-init.d] done.'],
  ...['[services.d] starting services', '[services.d] done.'],
  ...['[cont-finish.d] executing container finish scripts...', '[cont-finish.d] done.'],
  ...['[s6-finish] waiting for services.', '[s6-finish] sending all processes the TERM signal.'],
  '[s6-finish] sending all processes the KILL signal and exiting.',
]

async function play(daemon: Daemon, { stopAfter, code, lines }: Scene): Promise<void> {
  if (stopAfter !== undefined) {
    await daemon.line(stopAfter)
    await daemon.line('[services.d] done.')
    process.kill(firstPid(daemon), 'SIGTERM')
  }
  const { exitCode, stdout } = await daemon.ended()
  const said = stdout.split('\n').filter((line) => line !== '')
  expect({ exitCode, lines: said.toSorted() }, daemon.output()).toEqual({
    exitCode: code,
    lines: [...FRAME, ...lines].toSorted(),
  })
}

const each = overlay2Scenes.map((scene) => [scene.name, scene] as const)

test.runIf(can).each(each)('kahi: %s', async (_, { files, env = {}, command, ...scene }) => {
  const image: Files = { ...files, 'etc/s6/init/init-stage1': '' }
  const before = '/kahi/kahi install --as s6-overlay >/install.log'
  await play(bootImage(image, command, { env, before }), { files, command, ...scene })
})

/** Version 1 removes a variable whose file is empty. */
describe.each([2, 1] as const)('s6-overlay %s itself', (generation) => {
  const original = can ? originalOverlay(generation) : undefined
  test.runIf(original !== undefined).each(each)('%s', async (_, { files, env = {}, command, ...scene }) => {
    const lines =
      generation === 2 ? scene.lines : scene.lines.map((line) => line.replace('][][unset]', '][unset][unset]'))
    await play(bootOriginal(original ?? '', files, command, { env }), { files, command, ...scene, lines })
  })
})
