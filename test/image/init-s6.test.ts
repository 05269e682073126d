// Images of s6-overlay boot with kahi as their /init: the order of the boot and of the end, the command and its exit code,
// failures, signals, variables. Each is this machine's file system with a few files over it, in namespaces of its own.

import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { bootImage, canBoot, type Files } from '../helpers/image.ts'
import type { Daemon } from '../helpers/kahi.ts'

const can = canBoot()

/** What scripts of s6-overlay images begin with: a stand-in that does what s6-overlay's own does. */
const withContenv = `#!/bin/sh
for file in /run/s6/container_environment/*; do export "\${file##*/}=$(cat "$file")"; done
exec "$@"
`
const version3: Files = { 'command/with-contenv': withContenv }

/** A program that says when it starts and when it is told to end. */
function speaker(name: string, extra = ''): string {
  return `#!/bin/sh\n${extra}\ntrap 'echo ${name} ends; exit 0' TERM\necho ${name} starts\nwhile :; do sleep 1000 & wait $!; done\n`
}

function longrun(name: string, files: Readonly<Record<string, string>> = {}): Files {
  const inner = { type: 'longrun\n', run: speaker(name), ...files }
  return {
    ...Object.fromEntries(
      Object.entries(inner).map(([file, text]) => [`etc/s6-overlay/s6-rc.d/${name}/${file}`, text]),
    ),
    [`etc/s6-overlay/s6-rc.d/user/contents.d/${name}`]: '',
  }
}

const user: Files = { 'etc/s6-overlay/s6-rc.d/user/type': 'bundle\n' }

/** Lines that the image wrote itself, without kahi's log. */
function said(daemon: Daemon): string[] {
  return daemon
    .output()
    .split('\n')
    .filter((line) => line !== '' && !/^\d{4}-\d\d-\d\d |^ {2}hint: /.test(line))
}

/** The first process of the image, as seen from outside. */
function firstPid(daemon: Daemon): number {
  const tasks = readdirSync(`/proc/${daemon.pid}/task`)
  return Number(
    tasks
      .map((task) => readFileSync(`/proc/${daemon.pid}/task/${task}/children`, 'utf8'))
      .join(' ')
      .trim(),
  )
}

/** As an engine stops a container. */
function stop(daemon: Daemon, signal: NodeJS.Signals = 'SIGTERM'): void {
  process.kill(firstPid(daemon), signal)
}

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
})
