// `kahi daemon` with the TOML of an s6-overlay image behaves as `init-s6` with the image: each image boots in both ways, and the
// results are compared.

import { describe, expect, test } from 'vitest'
import { bootFiles, bootToml, CONFESSION, servicesAre, stopped, WAYS } from '../helpers/boot-twice.ts'
import { bootImage, type BootOptions, canBoot, type Files } from '../helpers/image.ts'

const can = canBoot()
const TREE = 'etc/s6-overlay/s6-rc.d'
const DIRECTORIES = '/run/s6-rc/servicedirs'
const ways = Object.keys(WAYS) as (keyof typeof WAYS)[]

/** A definition in the bundle user. */
function service(name: string, type: 'longrun' | 'oneshot', files: Files): Files {
  const own = Object.fromEntries(Object.entries(files).map(([file, text]) => [`${TREE}/${name}/${file}`, text]))
  return { ...own, [`${TREE}/${name}/type`]: `${type}\n`, [`${TREE}/user/contents.d/${name}`]: '' }
}

const USER: Files = { [`${TREE}/user/type`]: 'bundle\n' }

/** Prints its user, directory and environment, then runs until its stop signal. */
const longrun = (name: string, interpreter: string): string =>
  `#!${interpreter}\nname=${name}\n${CONFESSION}\ntrap 'echo "${name}| ends"; exit 0' TERM\necho 'at work: ${name}'\nwhile :; do sleep 1000 & wait $!; done\n`

/** Boots in both ways until the services have these states (`NAME UP READY`). Compares the results, and gives them. */
async function compare(files: Files, way: keyof typeof WAYS, services: readonly string[], options: BootOptions = {}) {
  const seen = await Promise.all(
    [bootFiles(files, options), bootToml(files, way, options)].map(async (daemon) => {
      const up = services.filter((line) => line.includes(' true ')).map((line) => line.replace(/ .*/, ''))
      await Promise.all(up.map((name) => daemon.line(`at work: ${name}`)))
      await servicesAre(daemon, services)
      return stopped(daemon)
    }),
  )
  expect(seen[1]).toEqual(seen[0])
  return seen[0]
}

describe.runIf(can).each(ways)('%s', (way) => {
  test('with-contenv gives the variables of the container, others have PATH alone; where each runs, and as whom', async () => {
    const files: Files = {
      ...USER,
      ...service('web', 'longrun', {
        run: longrun('web', '/command/with-contenv sh'),
        'dependencies.d/prepare': '',
        'data/page': 'first\n',
      }),
      ...service('plain', 'longrun', {
        run: longrun('plain', '/bin/sh').replace('trap', 'echo >&3\ntrap'),
        'notification-fd': '3\n',
      }),
      ...service('prepare', 'oneshot', { up: '/etc/s6-overlay/scripts/prepare\n' }),
      ...service('inline', 'oneshot', { up: `sh -c "printf 'inline| in %s\\\\n' $PWD"\n` }),
      'etc/s6-overlay/scripts/prepare': `#!/command/with-contenv sh\nname=prepare\n${CONFESSION}\nprintf later >/run/s6/container_environment/ADDED\n`,
    }
    const env = { FOO: 'given', EMPTY: '', CERT: 'first\nsecond' }
    const seen = await compare(files, way, ['plain true true', 'web true false'], { env })
    expect(seen).toMatchObject({
      exitCode: 0,
      spoken: {
        web: expect.arrayContaining([
          'env ADDED=later',
          'env FOO=given',
          'env EMPTY=',
          `in ${DIRECTORIES}/web as 0:0 umask 0022`,
          'ends',
        ]),
        plain: expect.arrayContaining([`in ${DIRECTORIES}/plain as 0:0 umask 0022`, 'arguments plain  ']),
        prepare: expect.arrayContaining(['env FOO=given', 'in / as 0:0 umask 0022']),
        inline: ['in /'],
      },
    })
    expect(seen?.spoken.plain?.filter((line) => /^env (?!PATH=|SUPERVISOR_)/.test(line))).toEqual([])
  })

  test.each(['halt', 'poweroff'])('a finish script writes the exit code and calls %s', async (command) => {
    const finish = `#!/bin/sh\necho "db| finish $1 $2"\necho 7 >/run/s6-linux-init-container-results/exitcode\nexec /run/s6/basedir/bin/${command}\n`
    const files: Files = { ...USER, ...service('db', 'longrun', { run: '#!/bin/sh\nexit 3\n', finish }) }
    const daemon = bootToml(files, way)
    expect(await daemon.ended()).toMatchObject({ exitCode: 7 })
    expect(daemon.output()).toContain('db| finish 3 0')
    if (command === 'halt') expect(await bootFiles(files).ended()).toMatchObject({ exitCode: 7 })
  })

  test('a script outside of the tree keeps a service down', async () => {
    const files: Files = {
      ...USER,
      ...service('once', 'longrun', { run: '#!/bin/sh\nexec /etc/s6-overlay/scripts/once\n' }),
      ...service('web', 'longrun', { run: longrun('web', '/bin/sh') }),
      'etc/s6-overlay/scripts/once':
        '#!/command/with-contenv sh\necho "once| runs"\ns6-svc -O /run/service/once\nexit 0\n',
    }
    const seen = await compare(files, way, ['once false false', 'web true false'])
    expect(seen).toMatchObject({ exitCode: 0, spoken: { once: ['runs'] } })
  })

  test('a second start in the same container begins with the variables that it was given', async () => {
    const run = longrun('web', '/command/with-contenv sh').replace(
      '\ntrap',
      '\nprintf 1 >/run/s6/container_environment/STALE\ntrap',
    )
    const files: Files = { ...USER, ...service('web', 'longrun', { run }) }
    const again =
      'mkdir -p /run/s6/container_environment; printf 1 >/run/s6/container_environment/STALE; touch /run/s6/container_environment/.kahi'
    const seen = await compare(files, way, ['web true false'], { before: again })
    expect(JSON.stringify(seen)).not.toContain('STALE')
  })
})

describe.runIf(can)('under another first process', () => {
  test('halt reaches the daemon', async () => {
    const files: Files = {
      ...USER,
      ...service('db', 'longrun', { run: '#!/bin/sh\nexit 1\n', finish: '#!/bin/sh\nexec /run/s6/basedir/bin/halt\n' }),
    }
    const daemon = bootToml(files, 'the root of the image', { through: ['sh', '-c', '"$@"; exit $?', 'sh'] })
    expect(await daemon.ended()).toMatchObject({ exitCode: 0 })
  })
})

describe.runIf(can)('the directories of the first version', () => {
  const script = (name: string): string => `#!/command/with-contenv sh\nname=${name}\n${CONFESSION}\n`
  const legacy: Files = {
    'srv/data/file': 'x',
    'etc/fix-attrs.d/1': '/srv/data true daemon 0640 0750\n',
    'etc/cont-init.d/1': `${script('init-1')}printf 1 >/run/s6/container_environment/ADDED\nexit 3\n`,
    'etc/cont-init.d/2': `${script('init-2')}stat -c "init-2| %u %a" /srv/data /srv/data/file\n`,
    'etc/services.d/web/run': longrun('web', '/command/with-contenv sh'),
    'etc/services.d/web/finish': '#!/bin/sh\necho "web| finish $1 $2"\n',
    'etc/services.d/web/data/page': 'x',
    'etc/services.d/off/run': longrun('off', '/bin/sh'),
    'etc/services.d/off/down': '',
    'etc/cont-finish.d/1': script('finish-1'),
  }
  const services = ['off false false', 'web true false']

  test.each(['', 'rm /etc/services.d/off/down'])('of version 3; a script of cont-init.d does: %s', async (changes) => {
    const files: Files = { ...legacy, 'etc/cont-init.d/3': `#!/bin/sh\n${changes}\n` }
    const states = changes === '' ? services : ['off true false', 'web true false']
    const seen = await compare({ ...files, ...USER }, 'the root of the image', states, { env: { FOO: 'given' } })
    expect(seen).toMatchObject({
      exitCode: 0,
      spoken: {
        'init-1': expect.arrayContaining(['env FOO=given', 'in / as 0:0 umask 0022']),
        'init-2': expect.arrayContaining(['env ADDED=1', '1 750', '1 640']),
        web: expect.arrayContaining(['env ADDED=1', 'in /run/s6/legacy-services/web as 0:0 umask 0022', 'finish 0 0']),
        'finish-1': expect.arrayContaining(['env FOO=given']),
      },
    })
  })
})

test.runIf(can)('the TOML of a whole image names its root', async () => {
  const files: Files = { ...USER, ...service('web', 'longrun', { run: longrun('web', '/bin/sh') }) }
  const daemon = bootImage(files, ['-c', '/kahi/kahi migrate / --at / 2>/dev/null | head -n 1'], { entry: '/bin/sh' })
  expect(await daemon.ended()).toMatchObject({ stdout: expect.stringMatching(/^# Converted from \/ by kahi /) })
})
