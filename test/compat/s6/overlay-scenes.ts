// Images that s6-overlay and kahi must boot in the same way. The expected output was measured with s6-overlay 3.2.3.2 (s6 2.15.1, s6-rc
// 0.7.0, execline 2.9.9.2, s6-linux-init 1.2.0.2), built from its public sources.

import type { Files } from '../../helpers/image.ts'
import { EMPTY, FINISH, LIST, type Scene, sleeper, unit, until } from './overlay-parts.ts'
import { imageScenes } from './overlay-image-scenes.ts'

const limit = (behaviour: string): Readonly<Record<string, string>> => ({
  S6_CMD_WAIT_FOR_SERVICES_MAXTIME: '2000',
  S6_BEHAVIOUR_IF_STAGE2_FAILS: behaviour,
})

/** Nothing says that db is ready; slow takes too long. */
const LATE: Files = {
  ...EMPTY,
  ...unit('db', 'longrun', { run: sleeper('db'), 'notification-fd': '3\n' }),
  ...unit('after-db', 'oneshot', { up: 'echo after-db\n', 'dependencies.d/db': '' }),
  ...unit('slow', 'oneshot', {
    up: 'sh -c "echo slow; until [ -e /tmp/go ]; do sleep 0.05; done; echo slow is done"\n',
  }),
  ...unit('after-slow', 'oneshot', { up: 'echo after-slow\n', 'dependencies.d/slow': '' }),
  'etc/services.d/web/run': sleeper('web'),
}
const LATE_COMMAND = `echo command; ${LIST}; s6-svstat -o up,ready /run/service/db; touch /tmp/go; sleep 2; echo end; exit 5`

/** A script of cont-init.d takes too long. */
const INIT: Files = {
  ...EMPTY,
  ...unit('app', 'longrun', { run: sleeper('app'), 'dependencies.d/base': '' }),
  'etc/cont-init.d/10':
    '#!/bin/sh\necho 10 begins\nuntil [ -e /tmp/go ]; do sleep 0.05; done\necho 10 ends\ntouch /tmp/ended\n',
  'etc/cont-init.d/20': '#!/bin/sh\necho 20\n',
  'etc/services.d/web/run': sleeper('web'),
}

const timeLimits: readonly Scene[] = [
  ...['0', '1'].map((behaviour) => ({
    name: `what is not up within MAXTIME is left alone, and the command runs (${behaviour})`,
    files: LATE,
    env: limit(behaviour),
    command: LATE_COMMAND,
    code: 5,
    lines: ['command', 'db runs', 'end', 'fix-attrs', 'legacy-cont-init', 'slow', 'true false'],
  })),
  {
    name: 'or the container ends with 2 (2)',
    files: LATE,
    env: limit('2'),
    command: LATE_COMMAND,
    code: 2,
    lines: ['db runs', 'slow'],
  },
  {
    name: 'a script of cont-init.d runs to its end, but no other one after it',
    files: INIT,
    env: limit('0'),
    command: `echo command; ${LIST}; touch /tmp/go; ${until('/tmp/ended')}sleep 1; exit 5`,
    code: 5,
    lines: ['10 begins', '10 ends', 'command', 'fix-attrs'],
  },
  {
    name: 'with 2 a script of cont-init.d that takes too long ends the container',
    files: INIT,
    env: limit('2'),
    command: 'echo command',
    code: 2,
    lines: ['10 begins'],
  },
  {
    name: 'services.d is waited for no longer than the whole boot may take',
    files: { ...EMPTY, 'etc/services.d/web/run': sleeper('web'), 'etc/services.d/web/notification-fd': '3\n' },
    env: { ...limit('2'), S6_CMD_WAIT_FOR_SERVICES: '1' },
    command: 'echo command',
    code: 2,
    lines: ['web runs'],
  },
  {
    name: 'a failure is no time-out: 1',
    files: { ...EMPTY, ...unit('fails', 'oneshot', { up: 'false\n' }) },
    env: { ...limit('2'), S6_CMD_WAIT_FOR_SERVICES_MAXTIME: '60000' },
    command: 'echo command',
    code: 1,
    lines: [],
  },
  ...['0', '1'].map((behaviour) => ({
    name: `which the boot survives (${behaviour})`,
    files: {
      ...EMPTY,
      ...unit('fails', 'oneshot', { up: 'false\n' }),
      ...unit('app', 'longrun', { run: sleeper('app') }),
    },
    env: { ...limit(behaviour), S6_CMD_WAIT_FOR_SERVICES_MAXTIME: '60000' },
    command: `${until('/run/service/app/supervise')}echo command; ${LIST}; exit 7`,
    code: 7,
    lines: ['app', 'app runs', 'command', 'fix-attrs', 'legacy-cont-init'],
  })),
]

const worlds: readonly Scene[] = [
  {
    name: 'the names in /run',
    files: { ...EMPTY, ...unit('app', 'longrun', { run: sleeper('app') }), 'etc/services.d/old/run': sleeper('old') },
    command: [
      until('/run/service/old', '/run/service/app'),
      'for f in /run/s6-rc/scandir /run/s6-rc/compiled; do echo "$f $(readlink $f)"; done; ',
      'for f in compiled scandir servicedirs state lock prefix; do [ -e /run/s6-rc/$f ] && echo "has $f"; done; ',
      '[ -d /run/s6/db ] && echo "has db"; [ -d /run/s6-rc/scandir/app ] && echo "app by scandir"; ',
      'cat /run/s6/workdir; [ -d /var/run/s6-rc/servicedirs/app ] && echo "app by /var/run"; ',
      's6-svok /run/s6-rc/servicedirs/app && echo "app is supervised"; s6-svok /run/s6/legacy-services/old && echo "old is supervised"',
    ].join(''),
    code: 0,
    lines: [
      ...[
        '/',
        '/run/s6-rc/compiled /run/s6/db',
        '/run/s6-rc/scandir /run/service',
        'app by /var/run',
        'app by scandir',
      ],
      ...['app is supervised', 'app runs', 'has compiled', 'has db', 'has lock', 'has prefix', 'has scandir'],
      ...['has servicedirs', 'has state', 'old is supervised', 'old runs'],
    ],
  },
  {
    name: 'a second start of the container begins with the data of the image',
    files: {
      ...EMPTY,
      ...unit('app', 'longrun', {
        run: '#!/bin/sh\necho "app $(cat data/count)"\ntouch /tmp/up\nexec sleep 1000\n',
        'data/count': 'image\n',
      }),
      'etc/services.d/old/run': '#!/bin/sh\necho "old $(cat data/count)"\ntouch /tmp/old\nexec sleep 1000\n',
      'etc/services.d/old/data/count': 'image\n',
    },
    before:
      'for d in /run/s6-rc/servicedirs/app /run/s6/legacy-services/old; do mkdir -p $d/data; echo stale >$d/data/count; done; touch /run/s6-rc/.kahi',
    command: until('/tmp/up', '/tmp/old'),
    code: 0,
    lines: ['app image', 'old image'],
  },
  {
    name: 'programs that end at once hold up nothing, however many there are',
    files: {
      ...EMPTY,
      ...Object.assign({}, ...['a', 'b', 'c'].map((name) => unit(name, 'longrun', { run: '#!/bin/sh\nexit 3\n' }))),
    },
    command: 'echo command; exit 5',
    code: 5,
    lines: ['command'],
  },
]

/** What a finish script may do to keep its own service down. */
const ends: readonly Scene[] = [
  ['s6-svc -d /run/service/once', 'false false'],
  ['s6-svc -O .', 'false false'],
  ['exec 3>/tmp/finished; exit 125', 'false false'],
  ['rm -rf /run/s6-rc/servicedirs/once; s6-svscanctl -an /run/service', ' '],
].map(([script = '', status = '']) => ({
  name: `a longrun that takes itself away: ${script}`,
  files: {
    ...EMPTY,
    ...unit('once', 'longrun', { run: '#!/bin/sh\necho once runs\nsleep 1\nexit 3\n', finish: FINISH(script) }),
  },
  command: `${until('/tmp/finished')}sleep 3; echo "$(s6-svstat -o up,wantedup /run/service/once 2>/dev/null || echo ' ')"; exit 0`,
  code: 0,
  lines: [status, 'once finish', 'once runs'].toSorted(),
}))

/** Takes services of s6-rc down and up again; those of services.d go with them. */
const changes: readonly Scene[] = [
  {
    name: 's6-rc -d change takes services.d down, and -u brings it back',
    files: {
      ...EMPTY,
      ...unit('cron', 'longrun', { run: sleeper('cron') }),
      'etc/services.d/redis/run': sleeper('redis'),
      'etc/services.d/redis/finish': '#!/bin/sh\necho "redis finish $1 $2"\n',
      'etc/services.d/off/run': sleeper('off'),
      'etc/services.d/off/down': '',
    },
    command: [
      // The supervisors of s6-overlay come some time after `s6-svscanctl -a` and `s6-rc -u change` have returned.
      'up() { for one in redis off; do until s6-svstat -o up /run/service/$one >/dev/null 2>&1; do sleep 0.05; done; done; s6-svwait -u /run/service/redis; }',
      'state() { for one in cron redis off; do echo "$1: $one $(s6-svstat -o up /run/service/$one 2>/dev/null || echo gone)"; done; }',
      'up',
      'state 1',
      's6-rc -v0 -d change cron',
      'state 2',
      's6-rc -v0 -u change top',
      'up',
      'state 3',
      's6-rc -v0 -d change legacy-services',
      'state 4',
      's6-rc -v0 -u change legacy-services',
      'up',
      'state 5',
    ].join('; '),
    code: 0,
    lines: [
      ...['1: cron true', '1: off false', '1: redis true', '2: cron false', '2: off gone', '2: redis gone'],
      ...['3: cron true', '3: off false', '3: redis true', '4: cron true', '4: off gone', '4: redis gone'],
      ...[
        '5: cron true',
        '5: off false',
        '5: redis true',
        'cron runs',
        'cron runs',
        ...['redis runs', 'redis runs', 'redis runs'],
        ...['redis finish 256 15', 'redis finish 256 15', 'redis finish 256 15'],
      ],
    ],
  },
]

/** The hook runs before anything is converted. */
const hooks: readonly Scene[] = [
  {
    name: 'settings that the hook writes into container_environment count',
    files: {
      ...EMPTY,
      hook: '#!/bin/sh\nprintf "echo hook" >/run/s6/container_environment/S6_CMD_ARG0\n',
    },
    env: { S6_STAGE2_HOOK: '/hook' },
    command: 'true',
    code: 0,
    lines: ['hook sh -c PATH=/command:$PATH; true'],
  },
]

/** All scenes. */
export const overlayScenes: readonly Scene[] = [...timeLimits, ...worlds, ...ends, ...imageScenes, ...changes, ...hooks]
/** These are not played by a TOML: there services of services.d are programs, which s6-rc does not bring back, and no hook is run. */
export const NOT_BY_TOML: readonly Scene[] = [...changes, ...hooks]
