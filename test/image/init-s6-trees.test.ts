// Real trees of s6-rc boot as images with kahi as /init: those of the corpus with stand-ins for all that their scripts would
// run, and OneTimeSecret's with its own scripts.

import { spawnSync } from 'node:child_process'
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { bootImage, canBoot, type Files } from '../helpers/image.ts'
import { root, scratch } from '../helpers/kahi.ts'

const CORPUS = join(root, '../shared/corpus/s6')
const EXECLINE = '/usr/lib/execline/bin'
const TREE = 'etc/s6-overlay/s6-rc.d'
const can = canBoot()
const names = existsSync(CORPUS)
  ? readdirSync(CORPUS).filter((name) => existsSync(join(CORPUS, name, 'graph.json')))
  : []
if (names.length === 0) console.warn(`no ${CORPUS}: its trees are not booted`)
const hasExecline = existsSync(EXECLINE)
if (!hasExecline) console.warn(`no execline in ${EXECLINE}: OneTimeSecret's tree is not booted`)

interface Graph {
  readonly services: Readonly<Record<string, { readonly type: string; readonly allDependencies: readonly string[] }>>
  readonly bundles: Readonly<Record<string, { readonly contents: readonly string[] }>>
}

/**
 * Interpreter of every script: what a longrun runs says so and goes on until told to end, all else has done its work. Where
 * there is a logger it reads standard output: they speak on the other one.
 */
const standIn = `#!/bin/sh
for word; do if [ -f "$word" ]; then file=$word; break; fi; done
folder=\${file%/*}; name=\${folder##*/}
case $(cat "$folder/type" 2>/dev/null):\${file##*/} in longrun:run) ;; *) exit 0 ;; esac
trap 'echo "$name ends" >&2; exit 0' TERM INT QUIT
echo "$name starts" >&2
if [ -f "$folder/notification-fd" ]; then eval "echo >&$(cat "$folder/notification-fd")"; fi
while :; do sleep 1000 & wait $!; done
`

/** A copy of the tree whose scripts are read by the stand-in, with whatever else its lines name. */
function layTree(name: string): { readonly tree: string; readonly files: Files } {
  const tree = scratch()
  const target = join(tree, TREE)
  mkdirSync(target, { recursive: true })
  cpSync(join(CORPUS, name, 's6-rc.d'), target, { recursive: true })
  const files: Record<string, string> = { 'stand-in': standIn, 'command/execlineb': standIn }
  for (const one of readdirSync(target, { recursive: true, encoding: 'utf8' })) {
    const path = join(target, one)
    if (!statSync(path).isFile()) continue
    const text = readFileSync(path, 'utf8')
    if (text.startsWith('#!')) writeFileSync(path, text.replace(/^.*/, '#!/stand-in'))
    chmodSync(path, 0o755)
    if (!one.endsWith('/up')) continue
    for (const word of text
      .replaceAll(/^\s*#.*$/gm, '')
      .split(/\s+/)
      .slice(0, 3)) {
      const file = word.startsWith('/') ? word.slice(1) : `command/${word}`
      if (/^[\w./-]+$/.test(file) && !/^(?:etc\/s6-overlay\/s6-rc\.d|bin)\//.test(file) && !file.endsWith('/'))
        files[file] ??= '#!/bin/sh\n'
    }
  }
  return { tree, files }
}

describe.runIf(can && names.length > 0)('trees of the corpus', () => {
  test.each(names)('%s', { timeout: 30_000 }, async (name) => {
    const { services, bundles } = JSON.parse(readFileSync(join(CORPUS, name, 'graph.json'), 'utf8')) as Graph
    const wanted = bundles.top?.contents ?? bundles.user?.contents ?? []
    const needed = new Set(wanted.flatMap((one) => [one, ...(services[one]?.allDependencies ?? [])]))
    const longruns = [...needed].filter((one) => services[one]?.type === 'longrun' && !one.startsWith('s6rc-'))
    const { tree, files } = layTree(name)
    const daemon = bootImage(files, [], { tree })
    await daemon.line('up: stage2')
    await Promise.all(longruns.map((one) => daemon.line(`${one} starts`)))
    const first = readFileSync(`/proc/${daemon.pid}/task/${daemon.pid}/children`, 'utf8')
    process.kill(Number(first), 'SIGTERM')
    expect(await daemon.ended()).toMatchObject({ exitCode: 0 })
    const lines = daemon.output().split('\n')
    const ended = lines.filter((line) => / ends$/.test(line)).map((line) => line.replace(/ ends$/, ''))
    expect(ended.toSorted()).toEqual(longruns.toSorted())
    for (const one of longruns)
      for (const other of services[one]?.allDependencies ?? [])
        if (longruns.includes(other))
          expect(ended.indexOf(one), `${one} before ${other}`).toBeLessThan(ended.indexOf(other))
    expect(daemon.output()).not.toContain('up failed')
  })
})

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

  function boot(more: Files, env: Readonly<Record<string, string>>) {
    const tree = scratch()
    mkdirSync(join(tree, TREE), { recursive: true })
    cpSync(join(root, 'fixtures/s6-rc/onetimesecret/input'), join(tree, TREE), { recursive: true })
    return bootImage({ ...files, ...more }, [], {
      tree,
      env,
      before: `ln -s ${EXECLINE}/* /command/; ln -s /kahi/kahi /command/s6-rc; ln -s /kahi/kahi /command/s6-rc-db`,
    })
  }

  test('boots, and ends in reverse', { timeout: 30_000 }, async () => {
    const daemon = boot({ 'app/etc/config.yaml': ':new: true\n' }, { REDIS_URL: 'redis://elsewhere', PORT: '8080' })
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
  })

  test('its documented commands give the documented answers', { timeout: 60_000 }, async () => {
    const daemon = boot({ 'app/etc/config.yaml': ':new: true\n' }, { REDIS_URL: 'redis://elsewhere' })
    await daemon.line('exec puma -C etc/puma.rb in /app')
    await daemon.line('ots worker in /app')
    await daemon.line('ots scheduler in /app')
    const first = readFileSync(`/proc/${daemon.pid}/task/${daemon.pid}/children`, 'utf8').trim()
    const run = (line: string) =>
      spawnSync('nsenter', ['-t', first, '-m', '-p', '-r', '-w', '/bin/sh', '-c', `PATH=/command:$PATH; ${line}`], {
        encoding: 'utf8',
        timeout: 20_000,
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

  test('without its configuration it starts nothing and ends with 1', { timeout: 30_000 }, async () => {
    const daemon = boot({}, { S6_BEHAVIOUR_IF_STAGE2_FAILS: '2' })
    expect(await daemon.ended()).toMatchObject({ exitCode: 1 })
    expect(daemon.output()).toContain('config-check: up failed: exit status 1')
    expect(daemon.output()).not.toContain('web on port')
  })
})
