// Real trees of s6-rc boot as images with kahi as /init: the trees of the corpus with placeholders for the programs of their scripts,
// and OneTimeSecret's tree with its own scripts.

import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { WAYS } from '../helpers/boot-twice.ts'
import { bootImage, canBoot, type Files } from '../helpers/image.ts'
import { root, scratch } from '../helpers/kahi.ts'
import { LIMIT_MS } from '../helpers/wait.ts'

const EXECLINE = '/usr/lib/execline/bin'
const TREE = 'etc/s6-overlay/s6-rc.d'
const can = canBoot()
const hasExecline = existsSync(EXECLINE)
if (!hasExecline) console.warn(`no execline in ${EXECLINE}: OneTimeSecret's tree is not booted`)

describe.runIf(can && hasExecline)('OneTimeSecret', () => {
  const service = '#!/bin/sh\necho "$0 $* in $(pwd)"\ntrap "exit 3" TERM\nwhile :; do sleep 0.05; done\n'
  const files: Files = {
    'command/with-contenv':
      '#!/bin/sh\nfor file in /run/s6/container_environment/*; do export "${file##*/}=$(cat "$file")"; done\nexec "$@"\n',
    'command/s6-echo': '#!/bin/sh\necho "$@"\n',
    'command/s6-cat': '#!/bin/sh\nexec cat < /dev/null\n',
    'command/redis-cli': '#!/bin/sh\necho "asked $2"\n',
    'command/bundle': service,
    'app/bin/ots': service,
    'app/migrations/rename_keys.rb': '',
  }

  function boot(more: Files, env: Readonly<Record<string, string>>, way?: keyof typeof WAYS) {
    const tree = scratch()
    mkdirSync(join(tree, TREE), { recursive: true })
    cpSync(join(root, 'fixtures/s6-rc/onetimesecret/input'), join(tree, TREE), { recursive: true })
    const links = `ln -s ${EXECLINE}/* /command/; ln -s /kahi/kahi /command/s6-rc; ln -s /kahi/kahi /command/s6-rc-db`
    if (way === undefined) return bootImage({ ...files, ...more }, [], { tree, env, before: links })
    const how = { tree, env, entry: '/kahi/kahi', before: `${links}; ${WAYS[way]} 2>/kahi.report` }
    return bootImage({ ...files, ...more }, ['daemon', '-c', '/kahi.toml'], how)
  }

  test.each([undefined, 'the root of the image', 'the tree alone'] as const)(
    'boots, and ends in reverse: by its files, or by the TOML of %s',
    async (way) => {
      const env = { REDIS_URL: 'redis://elsewhere', PORT: '8080' }
      const daemon = boot({ 'app/etc/config.yaml': ':new: true\n' }, env, way)
      await daemon.line('asked redis://elsewhere')
      await daemon.line('web on port 8080')
      await Promise.all(
        ['exec puma -C etc/puma.rb in /app', 'ots worker in /app', 'ots scheduler in /app'].map((line) =>
          daemon.line(line),
        ),
      )
      const first = readFileSync(`/proc/${daemon.pid}/task/${daemon.pid}/children`, 'utf8')
      process.kill(Number(first), 'SIGTERM')
      expect(await daemon.ended()).toMatchObject({ exitCode: 0 })
      for (const name of ['web', 'worker', 'scheduler'])
        expect(daemon.output().indexOf(`${name} ended with 3, signal 0`)).toBeGreaterThan(0)
    },
  )

  test('its documented commands give the documented answers', async () => {
    const daemon = boot({ 'app/etc/config.yaml': ':new: true\n' }, { REDIS_URL: 'redis://elsewhere' })
    await daemon.line('exec puma -C etc/puma.rb in /app')
    await daemon.line('ots worker in /app')
    await daemon.line('ots scheduler in /app')
    const first = readFileSync(`/proc/${daemon.pid}/task/${daemon.pid}/children`, 'utf8').trim()
    const run = (line: string) =>
      spawnSync('nsenter', ['-t', first, '-m', '-p', '-r', '-w', '/bin/sh', '-c', `PATH=/command:$PATH; ${line}`], {
        encoding: 'utf8',
        timeout: LIMIT_MS,
      })
    expect(run('s6-svstat -u /run/service/web')).toMatchObject({ status: 0, stdout: 'true\n' })
    expect(run('s6-svc -wr -r /run/service/web && s6-svstat -u /run/service/web')).toMatchObject({ status: 0 })
    await daemon.line('web ended with 3, signal 0')
    expect(run('s6-rc -u change web')).toMatchObject({ status: 0 })
    const { status, stdout } = run('s6-rc-db list all')
    expect(status).toBe(0)
    expect(stdout.split('\n')).toEqual(expect.arrayContaining(['web', 'worker', 'scheduler', 'config-check', 'user']))
    process.kill(Number(first), 'SIGTERM')
    expect(await daemon.ended()).toMatchObject({ exitCode: 0 })
  })

  test('without its configuration it starts nothing and ends with 1', async () => {
    const daemon = boot({}, { S6_BEHAVIOUR_IF_STAGE2_FAILS: '2' })
    expect(await daemon.ended()).toMatchObject({ exitCode: 1 })
    expect(daemon.output()).toContain('config-check: up failed: exit status 1')
    expect(daemon.output()).not.toContain('web on port')
  })
})
