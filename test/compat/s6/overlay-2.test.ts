// Scenes of s6-overlay 1 and 2, played by `init-s6` and, where KAHI_S6_OVERLAY_2 and KAHI_S6_OVERLAY_1 name the files of an
// original, by s6-overlay itself. What is expected was measured with 2.2.0.3 (s6 2.10.0.0, execline 2.7.0.0) and 1.22.1.0 (s6
// 2.8.0.0, execline 2.5.1.0), built from their public sources.

import { describe, expect, test } from 'vitest'
import { bootImage, canBoot, type Files, firstPid } from '../../helpers/image.ts'
import type { Daemon } from '../../helpers/kahi.ts'
import { bootOriginal, originalOverlay } from '../../helpers/original-overlay.ts'

const can = canBoot()

interface Scene {
  readonly name: string
  readonly files: Files
  readonly env?: Readonly<Record<string, string>>
  readonly command: readonly string[]
  /** A line after which the container is stopped. */
  readonly stopAfter?: string
  readonly code: number
  /** Lines on standard output, without those of FRAME, sorted. */
  readonly lines: readonly string[]
}

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

const script = (...lines: readonly string[]): string => `#!/bin/sh\n${lines.join('\n')}\n`
const withVariables = (...lines: readonly string[]): string => `#!/usr/bin/with-contenv sh\n${lines.join('\n')}\n`
const ran = (name: string, code = 0): readonly string[] => [
  `[cont-init.d] ${name}: executing... `,
  `[cont-init.d] ${name}: exited ${code}.`,
]
const EMPTY: Files = Object.fromEntries(
  ['fix-attrs.d', 'cont-init.d', 'services.d', 'cont-finish.d'].map((name) => [`etc/${name}/`, '']),
)
const DIRECTORY = '/var/run/s6/container_environment'
const SHOW = 'printf "[%s]" "$ECHOED" "$TWO" "${EMPTY-unset}" "${GONE-unset}" "$GIVEN" "$CWD"; echo'

const scenes: readonly Scene[] = [
  {
    name: 'a file of container_environment is a value, byte for byte',
    files: {
      ...EMPTY,
      'etc/cont-init.d/1': script(
        `cd ${DIRECTORY}; echo echoed >ECHOED; printf 'two\\nlines' >TWO; : >EMPTY; rm GONE`,
        'cat GIVEN | od -c | head -1',
      ),
      'etc/cont-init.d/2': withVariables(SHOW, 'printcontenv ECHOED'),
    },
    env: { GONE: 'x', GIVEN: 'a\nb\n' },
    command: ['sh', '-c', SHOW],
    code: 0,
    lines: [
      ...ran('1'),
      '0000000   a  \\n   b  \\n',
      ...ran('2'),
      ...[...Array(2).keys()].flatMap(() => ['[echoed', '][two', 'lines][][unset][a', 'b', '][/]']),
      'echoed',
      '[cmd] sh exited 0',
    ],
  },
  {
    name: 'S6_CMD_ARG0 is split into lines',
    files: EMPTY,
    env: { S6_CMD_ARG0: 'echo\na b' },
    command: ['c'],
    code: 0,
    lines: ['a b c', '[cmd] echo exited 0'],
  },
  {
    name: 'and is the command where there is none',
    files: EMPTY,
    env: { S6_CMD_ARG0: 'pwd' },
    command: [],
    code: 0,
    lines: ['/', '[cmd] pwd exited 0'],
  },
  {
    name: 'S6_RUNTIME_PROFILE',
    files: {
      ...EMPTY,
      'etc/cont-profile.d/small/cont-init.d/7': script('echo small'),
      'etc/cont-init.d/8': script('echo not run'),
      ...Object.fromEntries(
        ['fix-attrs.d', 'services.d', 'cont-finish.d'].map((name) => [`etc/cont-profile.d/small/${name}/`, '']),
      ),
    },
    env: { S6_RUNTIME_PROFILE: 'small', FOO: 'bar' },
    command: ['sh', '-c', 'echo "$FOO"; ls -d /var/run/s6/env-stage?; kill -9 $$'],
    code: 9,
    lines: [
      ...ran('7'),
      ...['small', 'bar', ...[1, 2, 3].map((stage) => `/var/run/s6/env-stage${stage}`), '[cmd] sh exited 265'],
    ],
  },
  {
    name: 'a failure in cont-init.d is passed over; services run in their copies; finish ends the container with its code',
    files: {
      ...EMPTY,
      'etc/cont-init.d/1': script('exit 3'),
      'etc/services.d/web/run': script('echo "web in $(pwd -P) $(cat data/x)"', 'sleep 0.5', 'exit 4'),
      'etc/services.d/web/data/x': 'data\n',
      'etc/services.d/web/finish': script(
        'echo "finish $1 $2"; printf "$1" >/var/run/s6/env-stage3/S6_STAGE2_EXITED',
        'exec s6-svscanctl -t /var/run/s6/services',
      ),
      'etc/services.d/say/run': script('echo logged', 'exec sleep 1000'),
      'etc/services.d/say/log/run': script('exec sed -u s/^/log:/'),
      'etc/services.d/off/run': script('echo off runs'),
      'etc/services.d/off/down': '',
      'etc/cont-finish.d/f': withVariables('echo "cont-finish $FOO"; exit 5'),
    },
    env: { FOO: 'bar' },
    command: [],
    code: 4,
    lines: [
      ...ran('1', 3),
      ...['web in /run/s6/services/web data', 'finish 4 0', 'log:logged', 'cont-finish bar'],
      '[cont-finish.d] f: executing... ',
      '[cont-finish.d] f: exited 5.',
    ],
  },
  {
    name: 'as an engine stops it',
    files: {
      ...EMPTY,
      'etc/fix-attrs.d/10': '/srv/one true daemon 0640 0750\n',
      'srv/one': 'x',
      'etc/services.d/web/run': withVariables(
        'trap "echo web ends; exit 0" TERM',
        'echo "web $FOO $(stat -c %U:%G:%a /srv/one)"; while :; do sleep 0.1; done',
      ),
    },
    env: { FOO: 'bar' },
    command: [],
    stopAfter: 'web bar',
    code: 0,
    lines: ['[fix-attrs.d] 10: applying... ', '[fix-attrs.d] 10: exited 0.', 'web bar daemon:daemon:640', 'web ends'],
  },
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

const each = scenes.map((scene) => [scene.name, scene] as const)

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
