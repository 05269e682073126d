// Scenes of s6-overlay 3 about settings and files of public images: base images of linuxserver and Home Assistant.

import { EMPTY, FINISH, LIST, type Scene, sleeper, TREE, unit, until } from './overlay-parts.ts'

const PACKAGE = '/package/admin/s6-overlay/etc/s6-rc/sources'

/** Settings that do not come from the environment of /init alone. */
export const imageScenes: readonly Scene[] = [
  {
    name: 'S6_RUNTIME_BUNDLEDIR names the directory of the bundles user and user2',
    files: {
      ...EMPTY,
      ...unit('usual', 'longrun', { run: sleeper('usual') }),
      [`${TREE}/other/type`]: 'longrun\n',
      [`${TREE}/other/run`]: '#!/bin/sh\necho other runs; touch /tmp/other\nexec sleep 1000\n',
      ...Object.fromEntries(['user', 'user2'].map((name) => [`srv/bundles/${name}/type`, 'bundle\n'])),
      'srv/bundles/user/contents.d/other': '',
      'srv/bundles/user2/contents.d/': '',
    },
    env: { S6_RUNTIME_BUNDLEDIR: '/srv/bundles' },
    command: `${until('/tmp/other')}${LIST}`,
    code: 0,
    lines: ['fix-attrs', 'legacy-cont-init', 'legacy-services', 'other', 'other runs'],
  },
  {
    name: 'a finish that removes run',
    files: {
      ...EMPTY,
      ...unit('once', 'longrun', { run: '#!/bin/sh\necho once runs\n', finish: FINISH('rm run') }),
    },
    command: `${until('/tmp/finished')}sleep 2; s6-svstat -o up,wantedup /run/service/once`,
    code: 0,
    lines: ['false true', 'once finish', 'once runs'],
  },
  {
    name: 'services that an image adds in the package of s6-overlay itself',
    files: {
      ...EMPTY,
      ...unit('app', 'longrun', { run: sleeper('app'), 'dependencies.d/base': '' }),
      'etc/cont-init.d/1': '#!/bin/sh\necho cont-init\n',
    },
    before: [
      `mkdir -p ${['banner', 'level', 'fix-attrs', 'legacy-cont-init', 'base'].map((name) => `${PACKAGE}/${name}`).join(' ')}`,
      `cd ${PACKAGE}; mkdir -p level/dependencies.d fix-attrs/dependencies.d legacy-cont-init/dependencies.d base/contents.d`,
      'for one in banner level; do echo oneshot >$one/type; echo "echo $one" >$one/up; touch base/contents.d/$one; done',
      'for one in fix-attrs legacy-cont-init; do [ -e $one/type ] || { echo oneshot >$one/type; echo true >$one/up; }; done',
      '[ -e base/type ] || echo bundle >base/type',
      'touch level/dependencies.d/banner fix-attrs/dependencies.d/banner legacy-cont-init/dependencies.d/level',
    ].join('; '),
    command: `${until('/run/service/app/supervise')}${LIST}`,
    code: 0,
    lines: [
      'banner',
      'level',
      'cont-init',
      'app runs',
      'app',
      'banner',
      'fix-attrs',
      'legacy-cont-init',
      'legacy-services',
      'level',
    ],
  },
  {
    name: 'S6_CMD_WAIT_FOR_SERVICES where longruns are in the bundle user',
    files: {
      ...EMPTY,
      ...unit('app', 'longrun', { run: sleeper('app') }),
      ...unit('db', 'longrun', {
        run: '#!/bin/sh\necho db runs; echo >&3\nexec sleep 1000\n',
        'notification-fd': '3\n',
      }),
      'etc/services.d/web/run': sleeper('web'),
    },
    env: { S6_CMD_WAIT_FOR_SERVICES: '1' },
    command: 's6-svstat -o up /run/service/web; sleep 0.3',
    code: 0,
    lines: ['app runs', 'db runs', 'web runs', 'true'],
  },
  {
    name: 'services of services.d get SIGTERM at once, and the end waits for them only as long as they run',
    files: {
      ...EMPTY,
      'etc/services.d/web/run':
        '#!/bin/sh\ntrap "echo web ends; exit 0" TERM\ntouch /tmp/web\nwhile :; do sleep 0.05; done\n',
      'etc/services.d/web/finish': '#!/bin/sh\necho "web finish $1"\n',
    },
    env: { S6_SERVICES_GRACETIME: '3600000' },
    command: until('/tmp/web'),
    code: 0,
    lines: ['web ends', 'web finish 0'],
  },
]
