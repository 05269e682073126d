// OneTimeSecret with kahi: its tree of s6-rc is converted and booted in a container, with Debian's execline and
// placeholders for the other programs. Needs root, unshare and execline.

import { spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type Daemon, kahi, root, scratch, startDaemon } from '../helpers/kahi.ts'
import { eventually } from '../helpers/wait.ts'

const NAMESPACE = ['--mount', '--pid', '--fork', '--kill-child', '--']
const EXECLINE = '/usr/lib/execline/bin'
const canUnshare = spawnSync('unshare', [...NAMESPACE, 'true']).status === 0
const isUsual = process.execPath.startsWith('/usr/')
const missing = [
  canUnshare ? '' : 'root and unshare',
  existsSync(EXECLINE) ? '' : 'execline in /usr/lib/execline',
  isUsual ? '' : 'node below /usr',
].filter((one) => one !== '')
if (missing.length > 0) console.warn(`no ${missing.join(', no ')}: OneTimeSecret's tree is not booted`)

const TREE = 'etc/s6-overlay/s6-rc.d'
const SERVICE = 'echo "$0 $* in $(pwd)"; trap "echo ${0##*/} $1 got TERM; exit 3" TERM; while :; do sleep 0.02; done'

/** Scripts that replace the missing programs of the image. */
const PLACEHOLDERS = {
  'command/with-contenv': 'exec "$@"',
  'command/s6-echo': 'echo "$@"',
  'command/s6-cat': 'exec cat # as the real one, it knows no file',
  'command/redis-cli': '[ -e /app/redis ]',
  'command/bundle': SERVICE,
  'app/bin/ots': SERVICE,
}

interface Container {
  readonly image: string
  readonly daemon: Daemon
  ctl(...args: string[]): Promise<string>
}

/** Makes the image, converts its tree and boots it; `files` are the files that config-check expects. */
async function boot(files: readonly string[]): Promise<Container> {
  const image = scratch()
  for (const folder of ['command', 'app/etc', 'app/migrations', 'app/bin', 'etc', 'run', 'usr', 'dev', 'proc', 'kahi'])
    mkdirSync(join(image, folder), { recursive: true })
  for (const name of ['bin', 'sbin', 'lib', 'lib64'])
    if (lstatSync(`/${name}`, { throwIfNoEntry: false })?.isSymbolicLink() === true)
      symlinkSync(readlinkSync(`/${name}`), join(image, name))
  for (const name of readdirSync(EXECLINE)) symlinkSync(join(EXECLINE, name), join(image, 'command', name))
  for (const [path, script] of Object.entries(PLACEHOLDERS))
    writeFileSync(join(image, path), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
  cpSync(join(root, 'fixtures/s6-rc/onetimesecret/input'), join(image, TREE), { recursive: true })
  for (const file of files) writeFileSync(join(image, file), ':new: true\n')
  const toml = join(image, 'etc/kahi.toml')
  expect(await kahi(['migrate', join(image, TREE), '--at', `/${TREE}`, '-o', toml])).toMatchObject({ exitCode: 0 })
  const mounts = `mount --rbind /usr ${image}/usr && mount --rbind /dev ${image}/dev && mount -t proc proc ${image}/proc`
  const script = `${mounts} && mount --bind ${root} ${image}/kahi && exec chroot ${image} /kahi/dist/kahi daemon -c /etc/kahi.toml`
  const daemon = startDaemon([...NAMESPACE, 'sh', '-c', script], { program: 'unshare', cwd: '/' })
  await daemon.line('kahi started with pid')
  const socket = join(image, 'run/kahi.sock')
  const ctl = async (...args: string[]) => (await kahi(['ctl', '-s', socket, ...args])).stdout
  return { image, daemon, ctl }
}

describe.runIf(missing.length === 0)('OneTimeSecret', () => {
  test('boots in order, heals, and ends in reverse', async () => {
    const { image, daemon, ctl } = await boot(['app/etc/config.yaml', 'app/migrations/rename_keys.rb'])
    await daemon.line('waiting for redis://127.0.0.1:6379')
    await daemon.line('configuration is up to date')
    expect(await ctl('status', 'web')).toMatch(/^web +STARTING +waiting for redis-ready$/m)
    expect(daemon.output()).not.toMatch(/spawned: '(web|scheduler|worker)'/)
    writeFileSync(join(image, 'app/redis'), '')
    await daemon.line('web on port 3000')
    await daemon.line('/command/bundle exec puma -C etc/puma.rb in /app')
    await daemon.line('bin/ots scheduler in /app')
    await daemon.line('bin/ots worker in /app')

    await ctl('signal', 'KILL', 'web')
    await daemon.line('web ended with 256, signal 9')
    await daemon.line('restarting: web in 1 seconds')
    expect(await ctl('restart', 'worker')).toBe('worker: stopped\nworker: started\n')
    await daemon.line('worker ended with 3, signal 0')
    const again = ['bundle exec puma', 'bin/ots worker in']
    const isBack = () => again.every((words) => daemon.output().split(words).length > 2)
    await eventually(isBack, 'both are there again')

    const first = readFileSync(`/proc/${daemon.pid}/task/${daemon.pid}/children`, 'utf8')
    process.kill(Number(first), 'SIGTERM')
    expect(await daemon.ended()).toMatchObject({ exitCode: 0 })
    for (const name of ['web', 'scheduler', 'worker']) await daemon.line(`${name} ended with 3, signal 0`)
    const said = daemon.output()
    expect(said).toContain('received SIGTERM indicating exit request')
    expect(said.indexOf('scheduler ended with')).toBeLessThan(said.lastIndexOf('down: redis-ready'))
    expect(said).toContain('down: config-check')
  })

  test('a configuration that is missing starts nothing, and says why', async () => {
    const { image, daemon, ctl } = await boot([])
    writeFileSync(join(image, 'app/redis'), '')
    const reason = 'config-check up failed: exit status 1'
    for (const name of ['web', 'scheduler', 'worker']) await daemon.line(`not starting ${name}: ${reason}`)
    expect(await ctl('status', 'web')).toMatch(new RegExp(`^web +STOPPED +${reason}`, 'm'))
    expect(daemon.output()).not.toMatch(/spawned: '(web|scheduler|worker)'/)
    await ctl('shutdown')
    expect(await daemon.ended()).toMatchObject({ exitCode: 0 })
  })
})
