// HinD with kahi: its files are converted and run, with small programs in place of its own. A killed program starts again. No process
// remains after SIGTERM.

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { layImage } from '../../tools/lay-image.ts'
import { kahi, root as project, scratch, startReady } from '../helpers/kahi.ts'
import { eventually } from '../helpers/wait.ts'

const PROGRAMS = ['caddy', 'caddy-restarter', 'consul', 'consul-template', 'nomad', 'podman-prune']

/** Command lines of all processes that contain the folder's name, and all zombies whose parent belongs to the test. */
function processesOf(folder: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && name !== String(process.pid))
    .flatMap((pid) => {
      try {
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
        return command.includes(folder) ? [`${pid} ${command}`] : []
      } catch {
        return []
      }
    })
}

function childrenOf(parent: number): string[] {
  const stats = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        return [readFileSync(`/proc/${pid}/stat`, 'utf8')]
      } catch {
        return []
      }
    })
  return stats.filter((stat) => Number(stat.slice(stat.lastIndexOf(')')).split(' ')[2]) === parent)
}

interface Listed {
  readonly name: string
  readonly state: string
  readonly pid: number
}

test('boots, heals, and ends without a trace', async () => {
  const root = scratch()
  const conf = layImage(project, root)
  const toml = join(root, 'kahi.toml')
  const migrated = await kahi(['migrate', conf, '-o', toml])
  expect(migrated).toMatchObject({ exitCode: 0, stdout: '' })

  const daemon = await startReady(toml)
  await Promise.all(PROGRAMS.map((name) => daemon.line(`success: ${name} entered RUNNING state`)))
  const before = await kahi(['ctl', '-c', toml, 'status'])
  expect(before.exitCode).toBe(0)
  expect(
    before.stdout
      .trim()
      .split('\n')
      .map((line) => line.split(/\s+/).slice(0, 2)),
  ).toEqual(PROGRAMS.map((name) => [name, 'RUNNING']))

  const { stdout } = await kahi(['ctl', '-c', toml, 'pid', 'caddy'])
  process.kill(Number(stdout), 'SIGKILL')
  await daemon.line('exited: caddy (terminated by SIGKILL; not expected)')
  await eventually(async () => {
    const after = JSON.parse((await kahi(['ctl', '-c', toml, 'status', '--json'])).stdout) as Listed[]
    expect(after.map(({ name, state }) => [name, state])).toEqual(PROGRAMS.map((name) => [name, 'RUNNING']))
    expect(after.find(({ name }) => name === 'caddy')?.pid).not.toBe(Number(stdout))
  })

  daemon.signal('SIGTERM')
  expect(await daemon.ended()).toMatchObject({ exitCode: 0 })
  expect(processesOf(root)).toEqual([])
  expect(childrenOf(daemon.pid)).toEqual([])
  expect(existsSync(join(root, 'var/run/supervisor.sock'))).toBe(false)
  expect(existsSync(join(root, 'var/run/supervisord.pid'))).toBe(false)
  expect(readFileSync(join(root, 'var/log/supervisor/supervisord.log'), 'utf8')).toContain(
    'received SIGTERM indicating exit request',
  )
})

test('its own file is a fragment: it says so, and converts', async () => {
  const root = scratch()
  const fragment = join(dirname(layImage(project, root)), 'conf.d/hind.conf')
  const { exitCode, stdout, stderr } = await kahi(['migrate', fragment])
  expect(exitCode).toBe(0)
  expect(stderr).toContain('hind.conf:1:1: note: This is a fragment')
  expect(stdout.match(/^\[programs\..*\]$/gm)).toHaveLength(6)
  expect(stdout).not.toContain('[supervisor]')
})
