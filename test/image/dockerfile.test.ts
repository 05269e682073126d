// The set-ups as images whose Dockerfile `kahi migrate Dockerfile` has changed. The test builds them with the archives of a release on
// a Debian without Node.js and Python, starts them as containers, uses the commands that their users know, and stops them.

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

/** Makes a build context with the archives of the release, and changes its Dockerfile with kahi. */
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

/** The programs of the container's processes. */
function programsIn(container: Container): readonly string[] {
  return container.run('readlink /proc/[0-9]*/exe; :').split('\n')
}

async function stop(container: Container): Promise<void> {
  process.kill(container.first(), 'SIGTERM')
  expect(await container.daemon.ended()).toMatchObject({ exitCode: 0 })
}

/** The image of OneTimeSecret. A given command replaces its own command, as with `docker run IMAGE COMMAND`. */
async function bootOneTimeSecret(context: string, command?: readonly string[]): Promise<Container> {
  const service = '#!/bin/sh\necho "$0 $* in $(pwd)"\ntrap "exit 3" TERM\nwhile :; do sleep 0.05; done\n'
  const base: Files = {
    'usr/local/bin/redis-cli': '#!/bin/sh\n',
    'usr/local/bin/curl': '#!/bin/sh\necho "asked $2"\n',
    'usr/local/bin/bundle': service,
    'app/bin/ots': service,
    'app/bin/entrypoint.sh': '#!/bin/sh\nexec bundle exec puma -C etc/alone.rb\n',
    'app/migrations/rename_keys.rb': '',
    'app/etc/config.yaml': ':new: true\n',
  }
  const build: Build = { context, target: 'final-s6', placeholders: { 'apt-get': APT_GET }, base }
  return bootBuild(command === undefined ? build : { ...build, command })
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
    // The first process is the shell of CMD, which has no handler for signals. This is the same in Docker.
    expect(hind.run('supervisorctl shutdown')).toBe('Shut down\n')
    expect(await hind.daemon.ended()).toMatchObject({ exitCode: 0 })
    expect(hind.daemon.output()).toContain('stopped: nomad')
  })

  test("OneTimeSecret: s6's commands and the health check", async () => {
    const context = await changed('images/onetimesecret', 's6-rc/onetimesecret', way, '--target', 'final-s6')
    const ots = await bootOneTimeSecret(context)
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

  test('flush-manager: the command is restarted when its file of a ConfigMap changes', async () => {
    const context = await changed('images/flush-manager', 'images/flush-manager', way)
    const placeholders = {
      apk: '#!/bin/sh\ncase "$*" in *nodejs*) cp /placeholders/node-of-alpine /usr/bin/node ;; esac\n',
      go: '#!/bin/sh\nmkdir -p /dist && echo "the original must not run" > /dist/manager\n',
    }
    const container = await bootBuild({ context, placeholders, programs: { 'node-of-alpine': process.execPath } })
    await container.daemon.line('app serve read port = 9121')
    expect(programsIn(container)).toContain('/usr/bin/node')
    const directory = '/usr/local/bin/conf'
    container.run(`mkdir ${directory}/..new && echo 'port = 9122' > ${directory}/..new/app.conf`)
    container.run(`ln -s ..new ${directory}/..data && ln -s ..data/app.conf ${directory}/next`)
    container.run(`mv -T ${directory}/next ${directory}/app.conf`)
    await container.daemon.line('app serve read port = 9122')
    if (way === 'drop-in') {
      await container.daemon.line('Child process restarted successfully after config change')
      expect(container.run('manager -version')).toBe('flush-manager version 1.0.0\n')
    }
    await stop(container)
    expect(container.daemon.output().match(/^app ends$/gm)).toHaveLength(2)
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

describe.skipIf(why !== undefined)("OneTimeSecret's documented commands for single services", () => {
  // As with the original: first all services of the bundle start, then the command. The container ends with the command.
  // Source: s6-overlay 3.2.0.2, booted with the same tree.
  test('with-contenv s6-rc -u change web', async () => {
    const context = await changed('images/onetimesecret', 's6-rc/onetimesecret', 'drop-in', '--target', 'final-s6')
    const ots = await bootOneTimeSecret(context, ['with-contenv', 's6-rc', '-u', 'change', 'web'])
    expect(await ots.daemon.ended()).toMatchObject({ exitCode: 0 })
    for (const name of ['web', 'scheduler', 'worker'])
      expect(ots.daemon.output()).toMatch(new RegExp(`^${name} ended with (?:3, signal 0|256, signal 15)$`, 'm'))

    const web = await bootOneTimeSecret(context, ['bin/entrypoint.sh'])
    await web.daemon.line('bundle exec puma -C etc/alone.rb in /app')
    expect(web.run('s6-rc-db contents user').trim().split('\n').sort()).toEqual(['scheduler', 'web', 'worker'])
    for (const verb of ['-d', '-u']) {
      web.run(`s6-svc -w${verb === '-d' ? 'D' : 'u'} ${verb} /run/service/worker`)
      expect(web.run('s6-svstat -o up /run/service/worker')).toBe(`${verb === '-u'}\n`)
    }
    await stop(web)
  })
})
