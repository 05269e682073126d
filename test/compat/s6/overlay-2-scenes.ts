// Images of s6-overlay 1 and 2, and their output. It was measured with 2.2.0.3 (s6 2.10.0.0, execline 2.7.0.0) and 1.22.1.0 (s6
// 2.8.0.0, execline 2.5.1.0), built from their public sources.

import type { Files } from '../../helpers/image.ts'

/** An image, how it is run, and what it writes. */
export interface Scene {
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

/** All of them. */
export const overlay2Scenes: readonly Scene[] = [
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
