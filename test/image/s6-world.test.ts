// Behaviour of s6-overlay on which scripts and health checks of images rely. The expected values were measured with the real
// s6-overlay 3.2.3.2 (s6 2.15.1, s6-rc 0.7.0, execline 2.9.9.2, s6-linux-init 1.2.0.2), built from its public sources.

import { describe, expect, test } from 'vitest'
import { bootImage, canBoot, type Files, firstPid, said } from '../helpers/image.ts'
import type { Daemon } from '../helpers/kahi.ts'

const can = canBoot()

/** with-contenv, the real one and kahi's: both keep PATH and read the files. */
const LINKS = 'mkdir -p /command; for name in $(/kahi/kahi-s6 --list); do ln -sf /kahi/kahi-s6 /command/$name; done'

/** Boots with kahi's commands of s6 in /command. */
function boot(files: Files, command: readonly string[], options: Parameters<typeof bootImage>[2] = {}): Daemon {
  return bootImage(files, command, { ...options, before: `${LINKS}; ${options.before ?? ':'}` })
}

describe.runIf(can)('fix-attrs.d', () => {
  test('an account alone brings its group; what the machine does not know comes from behind the comma', async () => {
    const lines = [
      ['daemon', '1:1'],
      ['daemon,5:5', '1:1'],
      ['nosuch,5:6', '5:6'],
      ['daemon:mail', '1:8'],
      ['12:13', '12:13'],
      ['7,12:13', '12:13'],
      ['man:nosuch,5:6', '6:6'],
    ].map(([account = '', owner = ''], index) => ({ account, owner, path: `srv/${index}` }))
    const files: Files = {
      ...Object.fromEntries(lines.map(({ path }) => [path, 'x'])),
      'etc/fix-attrs.d/1': lines.map(({ path, account }) => `/${path} true ${account} 0640 0750\n`).join(''),
    }
    const daemon = boot(files, ['sh', '-c', 'stat -c "%u:%g" /srv/?'])
    expect(await daemon.ended()).toMatchObject({ exitCode: 0 })
    expect(said(daemon)).toEqual(lines.map(({ owner }) => owner))
  })

  test.each([
    ['0', 5, ['cont-init runs', 'web runs', 'command']],
    ['1', 5, ['fix-attrs: warning: some fix files failed to apply', 'cont-init runs', 'web runs', 'command']],
    ['2', 1, ['fix-attrs: warning: some fix files failed to apply']],
  ])('a volume that cannot be changed, S6_BEHAVIOUR_IF_STAGE2_FAILS=%s: %i', async (behaviour, code, lines) => {
    const files: Files = {
      'srv/data/': '',
      'etc/fix-attrs.d/1': '/srv/data true daemon 0640 0750\n',
      'etc/cont-init.d/1': '#!/bin/sh\necho cont-init runs\n',
      'etc/services.d/web/run': '#!/bin/sh\necho web runs; touch /tmp/web; exec sleep 1000\n',
    }
    const before = 'mount -t tmpfs tmpfs /srv/data; mount -o remount,ro /srv/data'
    const command = 'until [ -e /tmp/web ]; do sleep 0.05; done; echo command; exit 5'
    const env = { S6_BEHAVIOUR_IF_STAGE2_FAILS: behaviour }
    const daemon = boot(files, ['sh', '-c', command], { before, env })
    expect(await daemon.ended()).toMatchObject({ exitCode: code })
    expect(
      said(daemon)
        .filter((line) => !/^ch(?:own|mod): /.test(line))
        .toSorted(),
    ).toEqual(lines.toSorted())
  })
})

describe.runIf(can)('the environment of the container', () => {
  test('a file of each variable ends with a newline, the empty one too; with-contenv gives all of them', async () => {
    const files: Files = {
      'etc/cont-init.d/1':
        '#!/bin/sh\nset -e\nread -r mode </run/s6/container_environment/MODE\necho "mode is $mode"\ncat /run/s6/container_environment/PROXY | wc -c\n',
    }
    const script = 'echo "PROXY=${PROXY-not set} lines=$(printf %s "$CERT" | wc -l) KEPT=${KEPT-not set}"'
    const env = { PROXY: '', CERT: 'first\nsecond\n', MODE: 'prod', S6_BEHAVIOUR_IF_STAGE2_FAILS: '2' }
    const daemon = boot(files, ['/command/with-contenv', 'sh', '-c', script], { env })
    expect(await daemon.ended()).toMatchObject({ exitCode: 0 })
    expect(said(daemon)).toEqual(['mode is prod', '1', 'PROXY= lines=2 KEPT=not set'])
  })

  test.each([
    ['3.2.1.0', 'without', 4],
    ['3.2.2.0', 'with', 5],
  ])('the files of s6-overlay %s are %s a newline', async (version, _, length) => {
    const files: Files = { [`package/admin/s6-overlay-${version}/`]: '' }
    const command = 'wc -c </run/s6/container_environment/MODE'
    const daemon = boot(files, ['sh', '-c', command], { env: { MODE: 'prod' } })
    expect(await daemon.ended()).toMatchObject({ exitCode: 0, stdout: `${length}\n` })
  })

  test('the hook reads and changes it, and has nothing but PATH of its own', async () => {
    const files: Files = {
      hook: '#!/command/with-contenv sh\necho "hook $FOO"\nprintf changed >/run/s6/container_environment/FOO\nprintf 1 >/run/s6/container_environment/ADDED\n',
      bare: '#!/bin/sh\necho "bare ${FOO-not set}"; exec /hook\n',
    }
    const command = ['/command/with-contenv', 'sh', '-c', 'echo "command $FOO $ADDED"']
    const daemon = boot(files, command, { env: { FOO: 'given', S6_STAGE2_HOOK: '/bare' } })
    expect(await daemon.ended()).toMatchObject({ exitCode: 0 })
    expect(said(daemon)).toEqual(['bare not set', 'hook given', 'command changed 1'])
  })

  test('a user who may not write into /run has all variables, and gets a hint how to start the container', async () => {
    const through = ['setpriv', '--reuid=1000', '--regid=1000', '--clear-groups']
    const command = ['/command/with-contenv', 'sh', '-c', 'echo "$(id -u) $FOO"']
    const daemon = boot({}, command, { env: { FOO: 'given' }, through })
    expect(await daemon.ended()).toMatchObject({ exitCode: 0 })
    expect(said(daemon)).toEqual(['1000 given'])
    expect(daemon.output().match(/^.*(?:warning|WARN).*$/gm)).toEqual([
      expect.stringContaining('start the container with --tmpfs /run:exec,uid=1000'),
      expect.stringContaining("'s6rc-cmd' has ended"),
    ])
  })
})

describe.runIf(can)('at the end', () => {
  const database = (atEnd: string) =>
    `#!/bin/sh\ntrap '${atEnd}' TERM\necho "database up"\nwhile :; do sleep 0.05; done\n`

  test('what a run script started and did not exec gets SIGTERM, and the time to end by itself', async () => {
    const files: Files = {
      'etc/services.d/db/run': '#!/bin/bash\n/database\n',
      database: database('sleep 1; echo clean shutdown; exit 0'),
    }
    const daemon = boot(files, [])
    await daemon.line('database up')
    process.kill(firstPid(daemon), 'SIGTERM')
    expect(await daemon.ended()).toMatchObject({ exitCode: 0 })
    expect(said(daemon)).toContain('clean shutdown')
    expect(daemon.output()).not.toContain('stopasgroup')
  })

  test('also in sessions of their own', async () => {
    const files: Files = {
      'etc/services.d/db/run': '#!/bin/bash\nsetsid /database\n',
      'etc/services.d/forks/run': '#!/bin/sh\n( setsid /forked & )\nexec sleep 1000\n',
      database: database('sleep 1; echo clean shutdown; exit 0'),
      forked:
        '#!/bin/sh\ntrap "sleep 1; echo forked shutdown; exit 0" TERM\necho "forked up"\nwhile :; do sleep 0.05; done\n',
    }
    const daemon = boot(files, [])
    await Promise.all([daemon.line('database up'), daemon.line('forked up')])
    process.kill(firstPid(daemon), 'SIGTERM')
    expect(await daemon.ended()).toMatchObject({ exitCode: 0 })
    expect(said(daemon)).toEqual(expect.arrayContaining(['clean shutdown', 'forked shutdown']))
  })

  test('but no more than S6_KILL_GRACETIME', async () => {
    const files: Files = { 'etc/services.d/db/run': '#!/bin/bash\n/database\n', database: database('') }
    const daemon = boot(files, [], { env: { S6_KILL_GRACETIME: '200' } })
    await daemon.line('database up')
    process.kill(firstPid(daemon), 'SIGTERM')
    expect(await daemon.ended()).toMatchObject({ exitCode: 0 })
    expect(daemon.output()).toMatch(/killing process \d+ of 'db', left over from its group, with SIGKILL$/m)
  })
})

const user: Files = { 'etc/s6-overlay/user-bundles.d/user/type': 'bundle\n' }

/** A longrun of s6-rc in the bundle user. */
function longrun(name: string, run: string, more: Files = {}): Files {
  const tree = `etc/s6-overlay/s6-rc.d/${name}`
  const rest = Object.fromEntries(Object.entries(more).map(([file, text]) => [`${tree}/${file}`, text]))
  const member = `etc/s6-overlay/user-bundles.d/user/contents.d/${name}`
  return { ...user, [`${tree}/type`]: 'longrun\n', [`${tree}/run`]: run, [member]: '', ...rest }
}

/** Waits in the image for files that services make. */
const until = (...files: string[]) => files.map((file) => `until [ -e ${file} ]; do sleep 0.05; done; `).join('')

describe.runIf(can)('where services are', () => {
  const sleeper = (name: string) => `#!/bin/sh\ntouch /tmp/${name}; exec sleep 1000\n`

  test('health checks and restarts name the directories of s6-overlay', async () => {
    const files = { ...longrun('svc-web', sleeper('web')), 'etc/services.d/old/run': sleeper('old') }
    const places = [
      '/run/s6-rc/servicedirs/svc-web',
      '/var/run/s6-rc/servicedirs/svc-web',
      '/run/s6/legacy-services/old',
    ]
    const script = `${until('/tmp/web', '/tmp/old')}for d in ${places.join(' ')}; do s6-svwait -u $d; s6-svstat -u $d; done; s6-svc -r ${places[0]}; echo "restart $?"; readlink /run/s6-rc/scandir /run/service/svc-web /run/service/old`
    const daemon = boot(files, ['sh', '-c', script])
    expect(await daemon.ended()).toMatchObject({ exitCode: 0 })
    expect(said(daemon)).toEqual([
      ...['true', 'true', 'true', 'restart 0'],
      ...['/run/service', '/run/s6-rc/servicedirs/svc-web', '/run/s6/legacy-services/old'],
    ])
  })

  test('services run there: wrappers of base images know them by it', async () => {
    const run = '#!/bin/sh\necho "in $(readlink /proc/$$/cwd)"; touch /tmp/$1; exec sleep 1000\n'
    const files = { ...longrun('svc-web', run), 'etc/services.d/old/run': run }
    const daemon = boot(files, ['sh', '-c', until('/tmp/svc-web', '/tmp/old')])
    expect(await daemon.ended()).toMatchObject({ exitCode: 0 })
    expect(said(daemon).toSorted()).toEqual(['in /run/s6-rc/servicedirs/svc-web', 'in /run/s6/legacy-services/old'])
  })

  test('data/ is their own: the image stays as it was, read-only or not', async () => {
    const run = '#!/bin/sh\necho 1 >data/count && touch /tmp/done; exec sleep 1000\n'
    const files = longrun('app', run, { 'data/count': '0\n' })
    const before = 'mount -t tmpfs tmpfs /tmp; mount -o remount,ro /'
    const script = `${until('/tmp/done')}cat /etc/s6-overlay/s6-rc.d/app/data/count /run/service/app/data/count`
    expect(await boot(files, ['sh', '-c', script], { before }).ended()).toMatchObject({ stdout: '0\n1\n' })
  })
})

describe.runIf(can)('services.d is read when cont-init.d has run', () => {
  test('which may remove a service, and make or remove its file down', async () => {
    const run = '#!/bin/sh\necho "$1 runs"; touch /tmp/$1; exec sleep 1000\n'
    const files: Files = {
      'etc/services.d/queue/run': run,
      'etc/services.d/later/run': run,
      'etc/services.d/later/down': '',
      'etc/services.d/off/run': run,
      'etc/cont-init.d/1':
        '#!/bin/sh\nrm -rf /etc/services.d/queue\nrm /etc/services.d/later/down\ntouch /etc/services.d/off/down\n',
    }
    const script = `${until('/tmp/later')}ls /run/service; s6-svstat -o up,wantedup /run/service/off`
    const daemon = boot(files, ['sh', '-c', script])
    expect(await daemon.ended()).toMatchObject({ exitCode: 0 })
    expect(said(daemon).toSorted()).toEqual(['later runs', 'later', 'off', 'false false'].toSorted())
  })

  test('a service that takes itself away runs once', async () => {
    const files: Files = {
      'etc/services.d/once/run': '#!/bin/sh\necho once runs; exit 0\n',
      'etc/services.d/once/finish':
        '#!/bin/sh\ns6-svc -x /run/service/once\nrm -rf /run/service/once\ns6-svscanctl -an /run/service\ntouch /tmp/finished\n',
    }
    const script = `${until('/tmp/finished')}sleep 2.5; ls /run/service`
    const daemon = boot(files, ['sh', '-c', script])
    expect(await daemon.ended()).toMatchObject({ exitCode: 0 })
    expect(said(daemon)).toEqual(['once runs'])
  })

  test('its names are its own: those of s6-rc.d and of s6-overlay itself may be among them', async () => {
    const run = (from: string) => `#!/bin/sh\necho "$1 of ${from}"; touch /tmp/${from}-$1; exec sleep 1000\n`
    const names = ['web', 'cmd', 'base', 'legacy-services', 'stage2', 'cont-init-1']
    const files: Files = {
      ...longrun('web', run('s6-rc.d')),
      ...longrun('cmd', run('s6-rc.d')),
      'etc/cont-init.d/1': '#!/bin/sh\n',
      ...Object.fromEntries(names.map((name) => [`etc/services.d/${name}/run`, run('services.d')])),
    }
    const marks = ['/tmp/s6-rc.d-web', '/tmp/s6-rc.d-cmd', ...names.map((name) => `/tmp/services.d-${name}`)]
    const daemon = boot(files, ['sh', '-c', until(...marks)])
    expect(await daemon.ended()).toMatchObject({ exitCode: 0 })
    expect(said(daemon).toSorted()).toEqual(
      [...names.map((name) => `${name} of services.d`), 'cmd of s6-rc.d', 'web of s6-rc.d'].toSorted(),
    )
  })

  test('s6-rc lists what the original lists', async () => {
    const files: Files = {
      ...longrun('app', sleeping),
      'etc/services.d/old/run': sleeping,
      'etc/cont-init.d/1': '#!/bin/sh\n',
      'etc/cont-finish.d/1': '#!/bin/sh\n',
    }
    const script = `${until('/tmp/up')}/kahi/kahi s6-rc -a list | sort`
    const daemon = boot(files, ['sh', '-c', script])
    expect(await daemon.ended()).toMatchObject({ exitCode: 0 })
    expect(said(daemon)).toEqual(['app', 'fix-attrs', 'legacy-cont-init', 'legacy-services', 's6rc-oneshot-runner'])
  })

  test('S6_CMD_WAIT_FOR_SERVICES: the command waits for them, but no longer than MAXTIME', async () => {
    const files: Files = {
      'etc/services.d/web/run': '#!/bin/sh\nexec sleep 1000\n',
      'etc/services.d/web/notification-fd': '3\n',
    }
    const env = { S6_CMD_WAIT_FOR_SERVICES: '1', S6_CMD_WAIT_FOR_SERVICES_MAXTIME: '300' }
    const [on, stopped] = [boot(files, ['echo', 'command'], { env }), { ...env, S6_BEHAVIOUR_IF_STAGE2_FAILS: '2' }]
    expect(await on.ended()).toMatchObject({ exitCode: 0, stdout: 'command\n' })
    expect(await boot(files, ['echo', 'command'], { env: stopped }).ended()).toMatchObject({ exitCode: 2, stdout: '' })
  })
})

const sleeping = '#!/bin/sh\ntouch /tmp/up; exec sleep 1000\n'
