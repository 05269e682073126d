// Images of s6-overlay 3 boot with kahi as their /init: the order of the boot and of the end, failures, signals, variables.

import { describe, expect, test } from 'vitest'
import { bootImage, canBoot, type Files, said } from '../../helpers/image.ts'

import { missing } from '../../compat/s6/scan.ts'
import { ourCommands } from '../../helpers/s6-tools.ts'
import { longrun, speaker, stop, user, version3 } from './files.ts'

const can = canBoot()

describe.runIf(can)('version 3', () => {
  const everything: Files = {
    ...version3,
    ...user,
    'etc/fix-attrs.d/01-data': '/data true nobody,99:99 0640 0750',
    'data/inner/file': '',
    'etc/cont-init.d/20-second': '#!/bin/sh\necho second\n',
    'etc/cont-init.d/10-first': '#!/bin/sh\nstat -c "%U %a %n" /data/inner /data/inner/file\necho first\n',
    'etc/cont-finish.d/10-a': '#!/bin/sh\necho finish a\n',
    'etc/cont-finish.d/20-b': '#!/bin/sh\necho finish b\n',
    ...longrun('db', { 'dependencies.d/base': '' }),
    ...longrun('api', { 'dependencies.d/db': '' }),
    'etc/services.d/web/run': speaker('web'),
    'etc/s6-overlay/s6-rc.d/user2/contents.d/late': '',
    'etc/s6-overlay/s6-rc.d/late/type': 'longrun\n',
    'etc/s6-overlay/s6-rc.d/late/run': speaker('late'),
    'etc/s6-overlay/s6-rc.d/late/dependencies.d/legacy-services': '',
  }

  test('starts and stops in the order of s6-overlay; the command decides the exit code', async () => {
    const command =
      'until [ -e /tmp/web ] && [ -e /tmp/late ] && [ -e /tmp/api ]; do sleep 0.1; done; echo command; exit 7'
    const marks = Object.fromEntries(
      Object.entries(everything).map(([path, text]) => {
        const name = /(\w+)\/run$/.exec(path)?.[1]
        return [path, name === undefined ? text : speaker(name).replace('while', `touch /tmp/${name}\nwhile`)]
      }),
    )
    const daemon = bootImage(marks, ['sh', '-c', command])
    expect((await daemon.ended()).exitCode).toBe(7)
    const lines = said(daemon).filter((line) => !/^(?:web|late|command)/.test(line))
    expect(lines).toEqual([
      'nobody 750 /data/inner',
      'nobody 640 /data/inner/file',
      'first',
      'second',
      'db starts',
      'api starts',
      'api ends',
      'db ends',
      'finish a',
      'finish b',
    ])
    const at = (line: string): number => said(daemon).indexOf(line)
    expect(at('web starts')).toBeGreaterThan(at('api starts'))
    expect(at('late ends')).toBeLessThan(at('web ends'))
    expect(at('web ends')).toBeLessThan(at('api ends'))
  })

  test('without a command it runs until it is stopped, and then ends with 0', async () => {
    const daemon = bootImage({ ...version3, ...user, ...longrun('db') })
    await daemon.line('db starts')
    stop(daemon)
    expect(await daemon.ended()).toMatchObject({ exitCode: 0 })
    expect(said(daemon)).toEqual(['db starts', 'db ends'])
  })

  test.skipIf(missing)('services run where the tools of s6 find them (skipped without s6)', async () => {
    const files: Files = {
      ...user,
      ...longrun('web', {
        run: '#!/bin/sh\nexec s6-notifyoncheck -s 1 -w 20 -n 0 sh -c "until [ -e /tmp/api ]; do sleep 0.1; done"\n',
        'data/check': '#!/bin/sh\necho "checked in $(pwd)"\n',
        'notification-fd': '3\n',
        finish: '#!/bin/sh\ns6-svc -O . && echo web stays down; touch /tmp/done\n',
      }),
      ...longrun('api', { 'dependencies.d/web': '', run: speaker('api', 'touch /tmp/api') }),
    }
    const daemon = bootImage(files, ['sh', '-c', 'until [ -e /tmp/done ]; do sleep 0.1; done'])
    expect(await daemon.ended()).toMatchObject({ exitCode: 0 })
    expect(said(daemon).slice(0, 3)).toEqual(['checked in /run/s6-rc/servicedirs/web', 'api starts', 'web stays down'])
  })

  test('services that cont-init.d makes in services.d are started too', async () => {
    const files: Files = {
      'etc/cont-init.d/make':
        '#!/bin/sh\nmkdir -p /etc/services.d/late\nprintf "#!/bin/sh\\necho late starts\\ntouch /tmp/late\\nexec sleep 1000\\n" > /etc/services.d/late/run\nchmod +x /etc/services.d/late/run\n',
      'etc/services.d/web/run': speaker('web'),
    }
    const daemon = bootImage(files, ['sh', '-c', 'until [ -e /tmp/late ]; do sleep 0.1; done; exit 6'])
    expect(await daemon.ended()).toMatchObject({ exitCode: 6 })
    expect(said(daemon).filter((line) => line === 'late starts' || line === 'web starts')).toHaveLength(2)
  })

  test('with-contenv reads the variables anew each time; nothing else gets them', async () => {
    const files: Files = {
      ...version3,
      'etc/cont-init.d/1': '#!/bin/sh\necho "1: ${FOO-none}"\n',
      'etc/cont-init.d/2':
        '#!/command/with-contenv sh\necho "2: $FOO"; printf new > /run/s6/container_environment/BAR\n',
    }
    const command = ['/command/with-contenv', 'sh', '-c', 'echo "command: $FOO $BAR"']
    const daemon = bootImage(files, command, { env: { FOO: 'with\nnewline' } })
    expect(await daemon.ended()).toMatchObject({ exitCode: 0 })
    expect(said(daemon)).toEqual(['1: none', '2: with', 'newline', 'command: with', 'newline new'])
  })

  test('S6_KEEP_ENV: everything is inherited, nothing is written', async () => {
    const command = ['sh', '-c', 'echo "$FOO"; ls -d /run/s6/container_environment || exit 6']
    const daemon = bootImage(version3, command, { env: { FOO: 'kept', S6_KEEP_ENV: '1' } })
    expect(await daemon.ended()).toMatchObject({ exitCode: 6 })
    expect(said(daemon)).toContain('kept')
  })

  test.each([
    ['0', 5, true],
    ['1', 5, true],
    ['2', 1, false],
  ])('a script of cont-init.d fails, S6_BEHAVIOUR_IF_STAGE2_FAILS=%s: %i', async (behaviour, code, goesOn) => {
    const files: Files = {
      ...version3,
      ...user,
      ...longrun('db', { 'dependencies.d/base': '' }),
      'etc/cont-init.d/1': '#!/bin/sh\nexit 3\n',
      'etc/cont-init.d/2': '#!/bin/sh\nsleep 0.2; echo still run\n',
    }
    const env = { S6_BEHAVIOUR_IF_STAGE2_FAILS: behaviour }
    const daemon = bootImage(files, ['sh', '-c', 'echo command; exit 5'], { env })
    expect(await daemon.ended()).toMatchObject({ exitCode: code })
    expect(said(daemon).includes('still run')).toBe(goesOn)
    expect(said(daemon).includes('command')).toBe(goesOn)
    expect(daemon.output()).toContain('s6rc-cont-init-1: up failed: exit status 3')
  })

  test.each([
    ['0', 5],
    ['2', 1],
  ])('a oneshot of user fails, BEHAVIOUR %s: %i; services.d is not started', async (behaviour, code) => {
    const files: Files = {
      ...version3,
      'etc/s6-overlay/s6-rc.d/user/contents.d/broken': '',
      'etc/s6-overlay/s6-rc.d/broken/type': 'oneshot\n',
      'etc/s6-overlay/s6-rc.d/broken/up': '/bin/false\n',
      'etc/services.d/web/run': speaker('web'),
    }
    const env = { S6_BEHAVIOUR_IF_STAGE2_FAILS: behaviour }
    const daemon = bootImage(files, ['sh', '-c', 'exit 5'], { env })
    expect(await daemon.ended()).toMatchObject({ exitCode: code })
    expect(said(daemon)).not.toContain('web starts')
  })

  test('a finish script writes the exit code and halts', async () => {
    const finish = '#!/bin/sh\necho 42 > /run/s6-linux-init-container-results/exitcode\nexec /run/s6/basedir/bin/halt\n'
    const daemon = bootImage({ ...version3, ...user, ...longrun('db', { run: '#!/bin/sh\nexit 1\n', finish }) })
    expect(await daemon.ended()).toMatchObject({ exitCode: 42 })
  })

  test('signals: QUIT and HUP mean nothing; TERM ends with 0 whatever the command says', async () => {
    const daemon = bootImage(version3, ['sh', '-c', 'trap "exit 9" TERM; echo armed; while :; do sleep 0.1; done'])
    await daemon.line('armed')
    stop(daemon, 'SIGQUIT')
    stop(daemon, 'SIGQUIT')
    stop(daemon)
    expect(await daemon.ended()).toMatchObject({ exitCode: 0 })
    expect(daemon.output().match(/received SIG\w+/g)).toEqual(['received SIGTERM'])
  })

  test('INT: 111 where the container may not reboot, as with the usual engines', async () => {
    const daemon = bootImage({ ...version3, ...user, ...longrun('db') }, [], {
      through: ['setpriv', '--bounding-set=-sys_boot', '--inh-caps=-sys_boot'],
    })
    await daemon.line('db starts')
    stop(daemon, 'SIGINT')
    expect(await daemon.ended()).toMatchObject({ exitCode: 111 })
    expect(said(daemon)).toContain('db ends')
  })

  test('S6_CMD_RECEIVE_SIGNALS: they go to the command; S6_CMD_ARG0 stands before it', async () => {
    const env = { S6_CMD_RECEIVE_SIGNALS: '1', S6_CMD_ARG0: '/bin/sh  -c' }
    const daemon = bootImage(version3, ['trap "exit 9" TERM; echo armed; while :; do sleep 0.1; done'], { env })
    await daemon.line('armed')
    stop(daemon)
    expect(await daemon.ended()).toMatchObject({ exitCode: 9 })
  })

  test('S6_STAGE2_HOOK changes the files before they are read', async () => {
    const hook =
      '#!/bin/sh\nprintf "#!/bin/sh\\necho made by $1\\n" > /etc/cont-init.d/9\nchmod +x /etc/cont-init.d/9\n'
    const files: Files = { ...version3, hook, 'etc/cont-init.d/1': '#!/bin/sh\necho first\n' }
    const daemon = bootImage(files, ['true'], { env: { S6_STAGE2_HOOK: '/hook hand' } })
    expect(await daemon.ended()).toMatchObject({ exitCode: 0 })
    expect(said(daemon)).toEqual(['first', 'made by hand'])
    const env = { S6_STAGE2_HOOK: '/hook', S6_BEHAVIOUR_IF_STAGE2_FAILS: '2' }
    const failing = bootImage({ ...version3, hook: '#!/bin/sh\nexit 9\n' }, ['true'], { env })
    expect(await failing.ended()).toMatchObject({ exitCode: 9 })
  })

  test('S6_CMD_WAIT_FOR_SERVICES: the command waits for services.d; one that is down is not started', async () => {
    const files: Files = {
      ...version3,
      'etc/services.d/web/run': speaker('web', 'sleep 0.5; echo ready; echo >&3'),
      'etc/services.d/web/notification-fd': '3\n',
      'etc/services.d/off/run': speaker('off'),
      'etc/services.d/off/down': '',
    }
    const daemon = bootImage(files, ['echo', 'command'], { env: { S6_CMD_WAIT_FOR_SERVICES: '1' } })
    expect(await daemon.ended()).toMatchObject({ exitCode: 0 })
    expect(said(daemon).filter((line) => !/^web/.test(line))).toEqual(['ready', 'command'])
  })

  test.skipIf(missing !== undefined)('a logger of services.d answers at NAME/log', async () => {
    const files: Files = {
      ...version3,
      'etc/services.d/web/run': speaker('web'),
      'etc/services.d/web/log/run': '#!/bin/sh\nwhile read -r line; do echo "$1 read $line"; done\n',
    }
    const daemon = bootImage(
      files,
      ['sh', '-c', 'cd /run/service/web/log; read x; s6-svstat -u .; s6-svc -wr -r .; echo "restarted $?"'],
      { stdin: 'pipe' },
    )
    await daemon.line(/^web\/log read web starts$/)
    daemon.stdin?.end('\n')
    expect(await daemon.ended()).toMatchObject({ exitCode: 0 })
    expect(said(daemon)).toEqual(expect.arrayContaining(['true', 'restarted 0']))
  })

  test.skipIf(missing !== undefined).each(['the real', 'our'])(
    '%s s6-notifyoncheck and `s6-svc -O .` find the service they are in',
    async (whose) => {
      const tools = whose === 'our' ? `PATH=${ourCommands()}:$PATH; ` : ''
      const run = `#!/bin/sh\n${tools}exec s6-notifyoncheck -d -n 300 -w 100 sh -c 'touch /tmp/up; exec sleep 1000'\n`
      const inner = {
        run,
        'notification-fd': '3\n',
        'data/check': '#!/bin/sh\ntest -e /tmp/up\n',
        finish: `#!/bin/sh\n${tools}s6-svc -O .; echo "finish in $PWD"\n`,
      }
      const files = { ...version3, ...user, ...longrun('db', inner), ...longrun('api', { 'dependencies.d/db': '' }) }
      const command = [
        'sh',
        '-c',
        's6-svwait -U /run/service/db; s6-svstat -o ready /run/service/db; s6-svc -t /run/service/db; exec sleep 1000',
      ]
      const daemon = bootImage(files, command)
      await daemon.line('api starts')
      await daemon.line(/^true$/)
      await daemon.line('finish in /run/s6-rc/servicedirs/db')
      stop(daemon)
      expect(await daemon.ended()).toMatchObject({ exitCode: 0 })
      expect(daemon.output().match(/spawned: 'db'/g)).toHaveLength(1)
    },
  )

  test('S6_VERBOSITY=1 logs no more than warnings; S6_RUNTIME_PROFILE stands for /etc', async () => {
    const files: Files = {
      ...version3,
      'etc/cont-init.d/1': '#!/bin/sh\necho of etc\n',
      'etc/cont-profile.d/small/cont-init.d/1': '#!/bin/sh\necho of the profile\n',
    }
    const daemon = bootImage(files, ['true'], { env: { S6_VERBOSITY: '1', S6_RUNTIME_PROFILE: 'small' } })
    expect(await daemon.ended()).toMatchObject({ exitCode: 0, stdout: 'of the profile\n' })
    expect(daemon.output()).not.toContain(' INFO ')
  })

  const asUser = ['setpriv', '--reuid=1000', '--regid=1000', '--clear-groups']
  test.each([
    ['not as PID 1', { through: ['sh', '-c', '"$@"; exit $?', 'sh'] }, '0'],
    ['as a user', { before: 'chmod 1777 /run', through: asUser }, '1000'],
    ['as a user who may not write into /run', { through: asUser }, '1000'],
    ['without the native helper', { env: { KAHI_SHIM: 'none' } }, '0'],
    ['with a root that cannot be written', { before: 'mount -o remount,ro /' }, '0'],
  ])('%s', async (_, options, uid) => {
    const files: Files = { ...version3, ...user, ...longrun('db'), 'etc/cont-init.d/1': '#!/bin/sh\necho first\n' }
    const daemon = bootImage(files, ['sh', '-c', 'id -u; exit 3'], options)
    expect(await daemon.ended()).toMatchObject({ exitCode: 3 })
    expect(said(daemon)).toEqual(expect.arrayContaining(['first', uid]))
    expect(daemon.output()).toContain("spawned: 'db'")
  })

  test('a tree that s6-rc would refuse ends the container with the place of the mistake', async () => {
    const daemon = bootImage({ ...version3, 'etc/s6-overlay/s6-rc.d/user/contents.d/nobody': '' }, ['true'])
    expect(await daemon.ended()).toMatchObject({ exitCode: 2 })
    expect(daemon.output()).toContain('/etc/s6-overlay/s6-rc.d/user/contents.d/nobody:1:1: error:')
  })
})
