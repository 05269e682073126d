// Scenes of s6-overlay 3 under `init-s6` with the files, and under `kahi daemon` with the TOML of `kahi migrate`. If KAHI_S6_OVERLAY
// names the files of the original, they also run under s6-overlay itself. All results must equal the measured ones.

import { describe, expect, test } from 'vitest'
import { OWN_TOOLS, WAYS } from '../../helpers/boot-twice.ts'
import { bootImage, canBoot } from '../../helpers/image.ts'
import type { Daemon } from '../../helpers/kahi.ts'
import { bootOriginal, originalOverlay } from '../../helpers/original-overlay.ts'
import type { Scene } from './overlay-parts.ts'
import { NOT_BY_TOML, overlayScenes } from './overlay-scenes.ts'

const can = canBoot()
const original = can ? originalOverlay(3) : undefined

const TOOLS = `${OWN_TOOLS}; for name in s6-rc s6-rc-db; do ln -sf /kahi/kahi /command/$name; done`
const words = ({ command }: Scene): readonly string[] => ['sh', '-c', `PATH=/command:$PATH; ${command}`]

/** The TOML gets the command as docs/compat/s6.md says: as a program that is named in `main`. */
const ADD_MAIN = [
  `sed -i 's/^boot = \\[/main = "s6rc-cmd"\\nboot = ["s6rc-cmd", /' /kahi.toml`,
  `printf '[programs.s6rc-cmd]\\ncommand = ["/command.sh"]\\ndepends_on = ["s6rc-stage2"]\\nautorestart = false\\nstartsecs = 0\\nstartretries = 0\\nstdio = "inherit"\\n' >>/kahi.toml`,
].join('; ')

const ways: Readonly<Record<string, (scene: Scene) => Daemon>> = {
  'init-s6': (scene) => {
    const { files, env = {}, before = ':' } = scene
    return bootImage(files, words(scene), { env, before: `${TOOLS}; ${before}` })
  },
  'the TOML': (scene) => {
    const { files, env = {}, before = ':', command } = scene
    const given = Object.entries(env).map(([name, value]) => `${name}=${value}`)
    const migrate = `env ${given.join(' ')} ${WAYS['the root of the image']} 2>/kahi.report || { cat /kahi.report >&2; exit 1; }`
    return bootImage(
      { ...files, 'command.sh': `#!/bin/sh\nPATH=/command:$PATH; ${command}\n` },
      ['daemon', '-c', '/kahi.toml'],
      {
        env,
        entry: '/kahi/kahi',
        before: [TOOLS, before, 'cd /', migrate, ADD_MAIN].join('; '),
      },
    )
  },
}

/** Lines of the image itself, sorted: without the log of kahi, and without that of the parts of s6-overlay. */
function said(daemon: Daemon): readonly string[] {
  const isLog = /^(?:\d{4}-\d\d-\d\d |\{"time"| {2}hint: |kahi: |[\w/.-]+(?: [\w/.-]+)?: (?:info|warning|fatal): )/
  return daemon
    .output()
    .split('\n')
    .filter((line) => line !== '' && !isLog.test(line))
    .toSorted()
}

async function play(daemon: Daemon, { code, lines }: Scene): Promise<void> {
  const { exitCode } = await daemon.ended()
  expect({ exitCode, lines: said(daemon) }, daemon.output()).toEqual({ exitCode: code, lines: lines.toSorted() })
}

describe.runIf(can).each(Object.keys(ways))('%s', (way) => {
  const scenes = way === 'the TOML' ? overlayScenes.filter((scene) => !NOT_BY_TOML.includes(scene)) : overlayScenes
  test.each(scenes.map((scene) => [scene.name, scene] as const))('%s', async (_, scene) => {
    const boot = ways[way]
    if (boot !== undefined) await play(boot(scene), scene)
  })
})

describe.runIf(original !== undefined)('s6-overlay itself', () => {
  test.each(overlayScenes.map((scene) => [scene.name, scene] as const))('%s', async (_, scene) => {
    const { files, env = {}, before = ':' } = scene
    await play(bootOriginal(original ?? '', files, words(scene), { env, before }), scene)
  })
})
