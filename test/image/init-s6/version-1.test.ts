// Images of s6-overlay 1 and 2 boot with kahi as their /init.

import { describe, expect, test } from 'vitest'
import { bootImage, canBoot, type Files, said } from '../../helpers/image.ts'

import { speaker, stop, version1 } from './files.ts'

const can = canBoot()

describe.runIf(can)('versions 1 and 2', () => {
  test('the command has the variables; scripts need not be executable', async () => {
    const files: Files = {
      ...version1,
      'etc/cont-init.d/1': '#!/bin/sh\necho "init ${FOO-none}"\n',
      'etc/services.d/web/run': `${speaker('web').slice(1)}`,
      'etc/cont-finish.d/1': '#!/bin/sh\necho finish\n',
    }
    const web = { 'etc/services.d/web/run': `#${files['etc/services.d/web/run']}` }
    const options = { env: { FOO: 'bar' }, before: 'chmod -x /etc/services.d/web/run' }
    const daemon = bootImage(
      { ...files, ...web },
      ['sh', '-c', 'echo "command $FOO"; while :; do sleep 0.1; done'],
      options,
    )
    await daemon.line('command bar')
    await daemon.line('web starts')
    stop(daemon, 'SIGQUIT')
    expect(await daemon.ended()).toMatchObject({ exitCode: 0 })
    expect(said(daemon)).toEqual(expect.arrayContaining(['init none', 'web ends']))
    expect(said(daemon).at(-1)).toBe('finish')
  })

  test('S6_CMD_WAIT_FOR_SERVICES_MAXTIME does not limit cont-init.d', async () => {
    const files = { ...version1, 'etc/cont-init.d/1': '#!/bin/sh\nsleep 0.5\necho done\n' }
    const daemon = bootImage(files, ['true'], { env: { S6_CMD_WAIT_FOR_SERVICES_MAXTIME: '100' } })
    expect(await daemon.ended()).toMatchObject({ exitCode: 0 })
    expect(said(daemon)).toEqual(['done'])
  })

  test.each(['1', '2'])('cont-init.d stops at the first failure, BEHAVIOUR %s', async (behaviour) => {
    const files: Files = {
      ...version1,
      'etc/cont-init.d/1': '#!/bin/sh\nexit 3\n',
      'etc/cont-init.d/2': '#!/bin/sh\necho not run\n',
      'etc/services.d/web/run': speaker('web'),
    }
    const daemon = bootImage(files, ['echo', 'command'], { env: { S6_BEHAVIOUR_IF_STAGE2_FAILS: behaviour } })
    await daemon.line(behaviour === '1' ? 'not starting s6rc-cmd' : 'the daemon ends with exit code 1')
    if (behaviour === '1') stop(daemon)
    expect(await daemon.ended()).toMatchObject({ exitCode: behaviour === '1' ? 0 : 1 })
    expect(said(daemon)).toEqual([])
  })
})
