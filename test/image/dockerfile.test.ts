// The set-ups as images whose Dockerfile `kahi migrate Dockerfile` has changed: built with the archives of a release on a Debian
// without Node.js and Python, started as containers are, used with the commands that their users know, and stopped.

import { copyFileSync, cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { bootBuild, type Build, type Container } from '../helpers/docker-build.ts'
import { canBoot, type Files } from '../helpers/image.ts'
import { kahi, root, scratch } from '../helpers/kahi.ts'
import { released, whyNoRelease } from '../helpers/release.ts'
import { eventually } from '../helpers/wait.ts'

const why = canBoot() ? whyNoRelease() : 'images cannot be booted'
if (why !== undefined) console.log(`changed Dockerfiles are not built: ${why}`)

const PLACEHOLDER = readFileSync(join(root, 'fixtures/programs/placeholder'), 'utf8')
/** Installs nothing that kahi replaces. */
const APT_GET = `#!/bin/sh
for word; do
  case $word in
    supervisor* | s6* | python*) echo "apt-get: $word must not be needed"; exit 100 ;;
    nomad | consul | consul-template | podman) cp /placeholders/program /usr/bin/$word ;;
  esac
done
`
const WAYS = ['drop-in', 'converted'] as const
type Way = (typeof WAYS)[number]

/** Lays a build context with the archives of the release, and changes its Dockerfile with kahi. */
async function changed(fixture: string, more: string, way: Way, ...options: string[]): Promise<string> {
  const context = scratch()
  for (const folder of [more, fixture]) cpSync(join(root, 'fixtures', folder), context, { recursive: true })
  const words = ['migrate', 'Dockerfile', '--as', way, '--platform', 'linux/amd64', '-o', 'Dockerfile', '--force']
  const { exitCode, stderr } = await kahi([...words, ...options], { cwd: context })
  expect(exitCode, stderr).toBe(0)
  const [, archives = ''] = /^the build context \. needs (.*), from the release of kahi$/m.exec(stderr) ?? []
  const files = await released()
  for (const name of archives.split(' and ')) copyFileSync(join(files, name), join(context, name))
  return context
}

/** The programs that the processes of the container are. */
function programsIn(container: Container): readonly string[] {
  return container.run('readlink /proc/[0-9]*/exe; :').split('\n')
}

async function stop(container: Container): Promise<void> {
  process.kill(container.first(), 'SIGTERM')
  expect(await container.daemon.ended()).toMatchObject({ exitCode: 0 })
}

describe.skipIf(why !== undefined).each(WAYS)('%s', (way) => {
  test('HinD: supervisorctl controls it from inside', async () => {
    const context = await changed('images/hind', 'images/hind', way)
    const conf = join(context, 'etc/supervisor/conf.d/hind.conf')
    writeFileSync(conf, readFileSync(conf, 'utf8').replaceAll('startsecs=10', 'startsecs=0'))
    const placeholders = {
      'apt-get': APT_GET,
      program: PLACEHOLDER,
      wget: '#!/bin/sh\necho key\n',
      gpg: '#!/bin/sh\ncat > /dev/null\n',
      xcaddy: '#!/bin/sh\nmkdir -p /src && cp /placeholders/program /src/caddy\n',
    }
    const hind = await bootBuild({ context, placeholders })
    await hind.daemon.line('success: caddy-restarter entered RUNNING state')
    const names = ['caddy', 'caddy-restarter', 'consul', 'consul-template', 'nomad', 'podman-prune']
    const status = hind.run('supervisorctl status')
    expect(status.match(/^\S+ +(?=RUNNING)/gm)?.map((word) => word.trim())).toEqual(names)
    expect(programsIn(hind)).toContain('/opt/kahi/node')
    const pid = hind.run('supervisorctl pid caddy')
    expect(hind.run('supervisorctl restart caddy')).toBe('caddy: stopped\ncaddy: started\n')
    expect(hind.run('supervisorctl pid caddy')).not.toBe(pid)
    if (way === 'converted') expect(hind.run('/opt/kahi/kahi ctl status')).toContain('consul-template')
    // The first process is the shell of CMD, which has no handler for signals: in Docker too.
    expect(hind.run('supervisorctl shutdown')).toBe('Shut down\n')
    expect(await hind.daemon.ended()).toMatchObject({ exitCode: 0 })
    expect(hind.daemon.output()).toContain('stopped: nomad')
  })

  test("OneTimeSecret: s6's commands and the health check", async () => {
    const context = await changed('images/onetimesecret', 's6-rc/onetimesecret', way, '--target', 'final-s6')
    const service = '#!/bin/sh\necho "$0 $* in $(pwd)"\ntrap "exit 3" TERM\nwhile :; do sleep 0.05; done\n'
    const base: Files = {
      'usr/local/bin/redis-cli': '#!/bin/sh\n',
      'usr/local/bin/curl': '#!/bin/sh\necho "asked $2"\n',
      'usr/local/bin/bundle': service,
      'app/bin/ots': service,
      'app/migrations/rename_keys.rb': '',
      'app/etc/config.yaml': ':new: true\n',
    }
    const build: Build = { context, target: 'final-s6', placeholders: { 'apt-get': APT_GET }, base }
    const ots = await bootBuild(build)
    for (const line of ['configuration is up to date', 'puma -C etc/puma.rb in /app', 'ots worker in /app'])
      await ots.daemon.line(line)
    await eventually(() => ots.run(ots.healthcheck).endsWith('asked http://localhost:3000/health\n'))
    expect(ots.run('s6-svstat /run/service/web')).toMatch(/^up \(pid \d+/)
    if (way === 'drop-in') expect(ots.run('s6-rc-db list all')).toContain('scheduler\n')
    const pid = ots.run('s6-svstat -o pid /run/service/worker')
    ots.run('s6-svc -r /run/service/worker')
    await ots.daemon.line('worker ended with 3, signal 0')
    await eventually(() => expect(ots.run('s6-svstat -o up,pid /run/service/worker')).not.toContain(pid.trim()))
    expect(programsIn(ots)).toContain('/opt/kahi/node')
    await stop(ots)
    for (const name of ['web', 'scheduler']) expect(ots.daemon.output()).toContain(`${name} ended with 3, signal 0`)
  })

  test('Hera: tunnels are made while it runs', async () => {
    const context = await changed('images/hera', 'images/hera', way, '--base-image', 'alpine:3.22')
    const hera = readFileSync(join(root, 'test/image/hera/hera.sh'), 'utf8')
    const placeholders = {
      apk: '#!/bin/sh\ncase "$*" in *nodejs*) cp /placeholders/node-of-alpine /usr/bin/node ;; esac\n',
      go: '#!/bin/sh\nmkdir -p /dist && cp /placeholders/hera /dist/hera\n',
      curl: '#!/bin/sh\ntar czf - -C /placeholders cloudflared\n',
      cloudflared: '#!/bin/sh\n[ -e "$2" ] || exit 1\nexec sleep 1000\n',
      hera: hera.replace("example.com' 20", "example.com' 7").replace('seq 25', 'seq 1'),
    }
    const base = { tunnel: '#!/bin/sh\nexec cloudflared --config config.yml\n' }
    const container = await bootBuild({ context, placeholders, programs: { 'node-of-alpine': process.execPath }, base })
    await container.daemon.line('zombies')
    expect(container.daemon.output()).toContain('hera: 7 up, config in 2 lines')
    expect(container.daemon.output()).toMatch(/hera: as many open files\nhera: 7 up, 0 zombies$/m)
    expect(container.run('s6-svstat -u /var/run/s6/services/hera')).toBe('true\n')
    expect(programsIn(container)).toContain('/usr/bin/node')
    await stop(container)
  })
})
