// HinD as a whole image: Debian's main file and HinD's own file in conf.d, both unchanged except for one sleep. Links to kahi replace
// supervisor. supervisord is the first process; HinD's own restarter calls supervisorctl.

import { execFileSync } from 'node:child_process'
import { closeSync, existsSync, openSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { bootImage, canBoot, type Files, firstPid } from '../helpers/image.ts'
import { root } from '../helpers/kahi.ts'
import { processState } from '../helpers/processes.ts'
import { eventually } from '../helpers/wait.ts'

const PROGRAMS = ['caddy', 'caddy-restarter', 'consul', 'consul-template', 'nomad', 'podman-prune']
/** Removes supervisor's programs, and makes links to kahi with their names. */
const INSTALL =
  'cd /usr/bin && rm -f supervisord supervisorctl echo_supervisord_conf pidproxy && /kahi/kahi install --as supervisord --dir /usr/bin'
/** The sleep of twelve hours in the image. Here it lasts until the test ends it. */
const SLEEP = '/bin/sleep 43200'

function hind(): Files {
  const read = (path: string) => readFileSync(join(root, 'fixtures', path), 'utf8')
  const [main, own] = ['etc/supervisor/supervisord.conf', 'etc/supervisor/conf.d/hind.conf']
  const programs = ['nomad', 'consul', 'caddy', 'consul-template', 'podman'].map((name) => `usr/bin/${name}`)
  return {
    ...Object.fromEntries(programs.map((path) => [path, read('programs/placeholder')])),
    [main]: read(`images/hind/${main}`),
    [own]: read(`images/hind/${own}`).replace(SLEEP, 'read -r again < /run/again'),
    'var/log/supervisor/': '',
  }
}

/** The pids of the container's processes, in the pid namespace of the test. */
function pidsBelow(first: number): number[] {
  const namespace = readlinkSync(`/proc/${first}/ns/pid`)
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  return pids.map(Number).filter((pid) => {
    try {
      return readlinkSync(`/proc/${pid}/ns/pid`) === namespace
    } catch {
      return false
    }
  })
}

test.runIf(canBoot())('boots, controls itself from inside, and ends without a trace', async () => {
  const command = ['-n', '-c', '/etc/supervisor/supervisord.conf']
  const before = `${INSTALL} && mkfifo /run/again`
  const image = bootImage(hind(), command, { entry: '/usr/bin/supervisord', before })
  await Promise.all(PROGRAMS.map((name) => image.line(`success: ${name} entered RUNNING state`)))
  const first = firstPid(image)
  const inside = (script: string) =>
    execFileSync('nsenter', ['-t', String(first), '-m', '-p', '-r', '-w', 'sh', '-c', script], { encoding: 'utf8' })

  // From any directory, also a removed one: kahi searches /etc/supervisor/supervisord.conf by its whole path.
  for (const there of ['cd /', 'cd /etc', 'cd /var/log', 'mkdir /tmp/gone && cd /tmp/gone && rmdir /tmp/gone']) {
    const status = inside(`${there} && supervisorctl status`)
    expect(status.match(/^\S+ +RUNNING/gm)?.map((line) => line.split(' ')[0])).toEqual(PROGRAMS)
  }
  expect(inside('supervisorctl pid')).toBe('1\n')

  // HinD's own line: `… && /bin/supervisorctl restart caddy`, run by a program of the image.
  const caddy = inside('supervisorctl pid caddy')
  inside('echo now > /run/again')
  await image.line('exited: caddy-restarter (exit status 0; expected)')
  expect(inside('cat /var/log/supervisor/caddy-restarter-stdout---supervisor-*.log')).toBe(
    'caddy: stopped\ncaddy: started\n',
  )
  expect(inside('supervisorctl pid caddy')).not.toBe(caddy)
  expect(image.output()).toContain('stopped: caddy (exit status 0)')

  const pids = pidsBelow(first)
  const run = openSync(`/proc/${first}/root/run`, 'r')
  const log = openSync(`/proc/${first}/root/var/log/supervisor`, 'r')
  await eventually(() => pidsBelow(first).every((pid) => processState(pid) !== 'Z'), 'no zombie is left')
  expect(readdirSync(`/proc/self/fd/${run}`)).toEqual(expect.arrayContaining(['supervisor.sock', 'supervisord.pid']))
  process.kill(first, 'SIGTERM')
  expect(await image.ended()).toMatchObject({ exitCode: 0 })
  expect(image.output().match(/(?<=stopped: )\S+/g)).toEqual(['caddy', ...PROGRAMS.toReversed()])
  expect(pids.filter((pid) => processState(pid) !== undefined)).toEqual([])
  expect(readdirSync(`/proc/self/fd/${run}`)).toEqual(['again'])
  const activity = readFileSync(`/proc/self/fd/${log}/supervisord.log`, 'utf8')
  expect(activity).toContain('received SIGTERM indicating exit request')
  for (const fd of [run, log]) closeSync(fd)
  expect(existsSync(`/proc/${first}`)).toBe(false)
})
