// Hera with kahi: an image of s6-overlay 1.21 whose program makes services while it runs. kahi is /init, once with Debian's
// tools of s6 and once with kahi's own. hera/hera.sh does the same as Hera's code.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { bootImage, canBoot, type Files } from '../helpers/image.ts'
import { type Daemon, root } from '../helpers/kahi.ts'
import { below, processState } from '../helpers/processes.ts'
import { noRealTools } from '../helpers/s6-tools.ts'
import { eventually } from '../helpers/wait.ts'

const can = canBoot()
if (noRealTools !== undefined) console.warn(`Hera's image is not booted: ${noRealTools}`)

const ROOTFS: Files = {
  'etc/s6/init/init-stage2': '',
  'etc/fix-attrs.d/01-hera-logs': '/var/log true nobody,32768:32768 0755 0755\n',
  'etc/cont-init.d/10-logs': '#!/bin/sh\nmkdir -p /var/log/hera\n',
  'etc/services.d/hera/run': '#!/usr/bin/execlineb\nforeground { hera }\n',
  'usr/bin/hera': readFileSync(join(root, 'test/image/hera/hera.sh'), 'utf8'),
  tunnel: '#!/bin/sh\n[ -e config.yml ] || exit 1\nexec sleep 1000\n',
}
const TOOLS = [
  ["Debian's tools", ':'],
  ["kahi's tools", 'rm /init; /kahi/kahi install --as s6-overlay > /dev/null'],
] as const

async function boot(before: string): Promise<Daemon> {
  const daemon = bootImage(ROOTFS, [], { before })
  await daemon.line('zombies')
  return daemon
}

describe.runIf(can && noRealTools === undefined).each(TOOLS)('Hera with %s', (_, before) => {
  test('tunnels come and go a thousand times, and end with the container', async () => {
    const daemon = await boot(before)
    const said = daemon.output().match(/^hera: .*$/gm)
    expect(said).toEqual([
      'hera: 20 up, config in 2 lines',
      'hera: 20 up after 1000 events',
      'hera: 0 up after the stop',
      'hera: as many open files',
      'hera: 20 up, 0 zombies',
    ])
    const all = below(daemon.pid)
    process.kill(all[1] ?? 0, 'SIGTERM')
    expect(await daemon.ended()).toMatchObject({ exitCode: 0 })
    expect(all.map(processState).filter(Boolean)).toEqual([])
  })
})

test.runIf(can && noRealTools === undefined)('when kahi is killed no tunnel is left', async () => {
  const daemon = await boot(':')
  const [, ...all] = below(daemon.pid)
  const daemonProcess = all.find((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').startsWith('node'))
  expect(all.length).toBeGreaterThan(22)
  process.kill(daemonProcess ?? 0, 'SIGKILL')
  await eventually(() => expect(all.map(processState).filter(Boolean)).toEqual([]))
  expect((await daemon.ended()).exitCode).not.toBe(0)
})
