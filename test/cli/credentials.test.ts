// Users, groups and rights of the daemon and its programs, as seen in /proc. Most of it needs root.

import { spawnSync } from 'node:child_process'
import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { hasHelper, type Daemon, kahi, kahiPath, scratch, startDaemon } from '../helpers/kahi.ts'

const isRoot = process.getuid?.() === 0
const canMount = isRoot && spawnSync('unshare', ['--mount', '--', 'true']).status === 0
const hasSetpriv = spawnSync('setpriv', ['--version']).status === 0
if (!isRoot) console.warn('not root: other users are not tested')
if (!canMount) console.warn('no mount namespaces: account files and a read-only root are not tested')
if (!hasSetpriv) console.warn('no setpriv: arbitrary users are not tested')

/** Starts kahi with this text, through the programs in `before`. `DIR` in the text is the folder, which all users can read. */
async function start(toml: string, before: readonly string[] = []): Promise<Daemon & { folder: string }> {
  const folder = scratch()
  chmodSync(folder, 0o777)
  const file = join(folder, 'kahi.toml')
  writeFileSync(file, `[server.unix]\nfile = "${folder}/k.sock"\n${toml}`.replaceAll('DIR', folder))
  const [program = kahiPath, ...rest] = [...before, kahiPath, 'daemon', '-c', file]
  return { ...startDaemon(rest, { program, cwd: folder }), folder }
}

async function stop(daemon: Daemon): Promise<void> {
  daemon.signal('SIGTERM')
  expect(await daemon.ended()).toMatchObject({ exitCode: 0 })
}

/** A program that prints its ids: uid, gid, groups. */
function teller(more: string): string {
  return `[programs.p]\ncommand = '''/bin/sh -c "echo ids $(id -u) $(id -g) $(id -G); exec sleep 1000"'''\n${more}\n`
}

describe.runIf(isRoot && hasSetpriv)('with the rights of a usual container', () => {
  test('without CAP_SYS_PTRACE the output of other users is read as well', async () => {
    const drop = ['setpriv', '--bounding-set', '-sys_ptrace', '--']
    const daemon = await start(`${teller('user = "nobody"')}${teller('user = "daemon"').replace('.p]', '.q]')}`, drop)
    await daemon.line(/"message":"ids 65534 /)
    await daemon.line(/"message":"ids 1 /)
    await stop(daemon)
  })

  test('as an arbitrary user without an entry in passwd', async () => {
    const drop = ['setpriv', '--reuid=12345', '--regid=12346', '--clear-groups', '--']
    const daemon = await start(teller(''), drop)
    await daemon.line('ids 12345 12346 12346')
    expect((await kahi(['ctl', '-c', join(daemon.folder, 'kahi.toml'), 'pid', 'p'])).stdout).toMatch(/^\d+\n$/)
    await stop(daemon)
  })

  test('its own uid changes nothing, another one is refused with the reason', async () => {
    const drop = ['setpriv', '--reuid=65534', '--regid=12346', '--clear-groups', '--']
    const other = teller('user = "daemon"\nstartretries = 0').replace('.p]', '.q]')
    const daemon = await start(teller('user = "nobody"') + other, drop)
    await daemon.line('ids 65534 12346 12346')
    await daemon.line("spawnerr: couldn't setuid to 1: Can't drop privilege as nonroot user")
    await stop(daemon)
  })
})

describe.runIf(canMount && hasHelper)('with account files of its own (needs the native helper)', () => {
  const passwd = 'root:x:0:0::/root:/bin/sh\napp:x:4001:4001:The App:/home/app:/bin/dash\n'
  const groups = 'root:x:0:\napp:x:4001:\nred:x:4011:app\ngreen:x:4012:other,app\nblue:x:4013:other\nwww:x:4014:\n'

  /** The words before a command that run it with these accounts, in a mount namespace. */
  const accounts = (): string[] => {
    const folder = scratch()
    writeFileSync(join(folder, 'passwd'), passwd)
    writeFileSync(join(folder, 'group'), groups)
    const script = 'mount --bind "$0/passwd" /etc/passwd && mount --bind "$0/group" /etc/group && exec "$@"'
    return ['unshare', '--mount', '--', '/bin/sh', '-c', script, folder]
  }

  test.each([
    ['user = "app"', 'ids 4001 4001 4001 4011 4012'],
    ['user = "4001"', 'ids 4001 4001 4001 4011 4012'],
    ['user = "app:www"', 'ids 4001 4014 4014 4001 4011 4012'],
    ['user = "app:4014"', 'ids 4001 4014 4014 4001 4011 4012'],
    ['user = "root"', /"message":"ids 0 0 /],
  ])('%s', async (user, ids) => {
    const daemon = await start(teller(user), accounts())
    await daemon.line(ids)
    await stop(daemon)
  })

  test('the daemon itself takes all groups of its user, and hands them on', async () => {
    const daemon = await start(`[supervisor]\nuser = "app"\n${teller('')}`, accounts())
    await daemon.line('ids 4001 4001 4001 4011 4012')
    await stop(daemon)
  })

  test.each([
    ['user = "nobody-here"', 'There is no user "nobody-here" on this machine'],
    ['user = "app:no-group"', 'There is no group "no-group" on this machine'],
    ['user = "4999"', 'There is no user "4999" on this machine'],
  ])('%s is an error with its place', async (user, message) => {
    const daemon = await start(teller(user), accounts())
    const { exitCode, stderr } = await daemon.ended()
    expect(stderr).toContain(`kahi.toml:5:1: error: ${message}`)
    expect(exitCode).toBe(2)
  })
})

describe.runIf(canMount && hasHelper)('with a read-only root (needs the native helper)', () => {
  test('everything but the socket needs no place to write', async () => {
    const script = 'mount --bind "$0" "$0" && mount -o remount,bind,ro / && exec "$@"'
    const folder = scratch()
    const before = ['unshare', '--mount', '--', '/bin/sh', '-c', script, folder]
    const command = `/bin/sh -c 'touch /usr/kahi-was-here 2>/dev/null || echo read-only; exec sleep 1000'`
    const file = join(folder, 'kahi.toml')
    writeFileSync(file, `[server.unix]\nfile = "${folder}/k.sock"\n[programs.p]\ncommand = """${command}"""\n`)
    const [program = '', ...args] = [...before, kahiPath, 'daemon', '-c', file]
    const daemon = startDaemon(args, { program, cwd: folder })
    await daemon.line('read-only')
    await daemon.line('success: p entered RUNNING')
    await stop(daemon)
  })
})
