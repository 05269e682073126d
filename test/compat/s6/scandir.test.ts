// Services that are added to a scan directory and removed: s6-svscanctl under the real s6-svscan and under kahi, and the tunnels of
// Hera (its calls, twenty tunnels at once, a thousand starts and stops, the sudden end of the supervisor).

import { once } from 'node:events'
import { existsSync, readdirSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { below, zombiesBelow } from '../../helpers/processes.ts'
import { missing, type Scan, script, type Side, startScan } from './scan.ts'
import { eventually } from '../../helpers/wait.ts'

const SLEEP = script('exec sleep 1000')
const sides: readonly Side[] = ['s6-svscan', 'kahi']

/** Hera's start of a tunnel. Source: hera 0.2, service.go and tunnel.go: mkdir, config.yml and run, then one of these. */
async function startTunnel(scan: Scan, name: string): Promise<void> {
  scan.write({ [`${name}/config.yml`]: 'url: x\n', [`${name}/run`]: script('exec sleep 1000') })
  if (!existsSync(join(scan.directory, name, 'supervise'))) {
    expect(await scan.run(`s6-svscanctl -a ${scan.directory}`)).toBe('0 ')
    return
  }
  if ((await scan.run(`s6-svstat -u ${name}`)).includes('true'))
    expect(await scan.run(`s6-svwait -d ${name}`)).toBe('0 ')
  expect(await scan.run(`s6-svc -u ${name}`)).toBe('0 ')
}

function tunnels(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `tunnel-${index}.example.com`)
}

function openFiles(pids: readonly (number | undefined)[]): readonly number[] {
  return pids.map((pid) => readdirSync(`/proc/${pid}/fd`).length)
}

describe.skipIf(missing !== undefined)(`scan directories${missing === undefined ? '' : ` (${missing})`}`, () => {
  test.each(sides)('%s: what comes is supervised after -a, what goes is ended by -n', async (side) => {
    const scan = await startScan(side, { 'one/run': SLEEP })
    await scan.supervised('one')
    scan.write({ 'two/run': SLEEP, 'off/run': SLEEP, 'off/down': '', '.hidden/run': SLEEP })
    expect(await scan.run('s6-svok two')).toBe('1 ')
    expect(await scan.run('s6-svscanctl -a .')).toBe('0 ')
    await scan.supervised('two')
    await scan.supervised('off')
    expect(await scan.run('s6-svwait -u one two; s6-svstat two; s6-svstat -o up,normallyup off')).toBe(
      '0 up (pid P) N seconds\nfalse false\n',
    )
    expect(await scan.run('s6-svok .hidden')).toBe('1 ')
    renameSync(join(scan.directory, 'two'), join(scan.directory, '.two'))
    expect(await scan.run('s6-svscanctl -an .')).toBe('0 ')
    await scan.until('s6-svok .two; echo $?', '1')
    expect(await scan.run('s6-svstat one; s6-svscanctl -z .')).toBe('0 up (pid P) N seconds\n')
    const ended = once(scan.supervisor, 'exit')
    expect(await scan.run('s6-svscanctl -t .')).toBe('0 ')
    expect((await ended)[0]).toBe(0)
    expect(await scan.run('s6-svscanctl -a .')).toMatch(/^100 /)
    expect(await scan.run('s6-svc -u one')).toMatch(/^100 /)
    expect(await scan.run('s6-svok one')).toBe('1 ')
  })

  test('kahi: what cannot be a program is reported at each scan, and the others are supervised', async () => {
    const scan = await startScan('kahi', {})
    scan.write({ 'a b/run': SLEEP, 'c\x1b[31m/run': SLEEP, 'one/run': SLEEP, 'not/run/x': '' })
    for (const path of ['/etc', 'nowhere', '.']) symlinkSync(path, join(scan.directory, `link-${path.length}`))
    expect(await scan.run('s6-svscanctl -a .')).toBe('0 ')
    await scan.supervised('one')
    expect(scan.output()).toContain('must not contain')
    expect(scan.output()).not.toContain('\x1b')
    expect(readdirSync(scan.directory).filter((name) => existsSync(join(scan.directory, name, 'supervise')))).toEqual([
      'one',
    ])
  })

  test.each(sides)(
    '%s: a logger in log/ that goes with its writer reads to the end and ends by itself',
    async (side) => {
      const files = {
        'one/run': script("trap 'echo last; exit' TERM; echo first; while :; do sleep 0.05; done"),
        'one/log/run': script("trap '' TERM; s6-log -p ./kept; echo $? > ended"),
      }
      const scan = await startScan(side, files)
      await scan.supervised('one/log')
      await scan.until('cat one/log/kept/current', 'first')
      renameSync(join(scan.directory, 'one'), join(scan.directory, '.one'))
      expect(await scan.run('s6-svscanctl -an .')).toBe('0 ')
      await scan.until('cat .one/log/ended', '0')
      expect(await scan.run('cat .one/log/kept/current')).toBe('0 first\nlast\n')
    },
  )

  test.each(sides)('%s: a logger in log/ has a directory of its own, and its writer comes and goes', async (side) => {
    const writer = script('echo began $1; exec sleep 1000')
    const reader = script('read -r line || exit; echo "$line" to $1 >> ../kept; exec ./run $1')
    const scan = await startScan(side, { 'one/run': writer, 'one/log/run': reader })
    const kept = (name: string, text: string) => scan.until(`cat ${name}/kept`, text)
    await scan.supervised('one/log')
    await kept('one', 'began one to one/log')
    expect(await scan.run('s6-svwait -u one one/log; s6-svstat one/log')).toBe('0 up (pid P) N seconds\n')
    expect(await scan.run('s6-svc -wD -d one/log; s6-svstat -u one')).toBe('0 true\n')
    expect(await scan.run('s6-svc -wD -d one; s6-svc -wu -u one; s6-svstat -u one/log')).toBe('0 false\n')
    expect(await scan.run('s6-svc -wu -u one/log')).toBe('0 ')
    await kept('one', 'began one to one/log\nbegan one to one/log')

    scan.write({ 'two/run': writer, 'two/log/run': reader })
    expect(await scan.run('s6-svscanctl -a .')).toBe('0 ')
    await kept('two', 'began two to two/log')
    for (const [name, options] of [
      ['one', '-an'],
      ['two', '-aN'],
    ]) {
      renameSync(join(scan.directory, `${name}`), join(scan.directory, `.${name}`))
      expect(await scan.run(`s6-svscanctl ${options} .`)).toBe('0 ')
      await scan.until(`s6-svok .${name} || s6-svok .${name}/log; echo $?`, '1')
    }
    const ended = once(scan.supervisor, 'exit')
    expect(await scan.run('s6-svscanctl -t .')).toBe('0 ')
    expect((await ended)[0]).toBe(0)
  })

  test.each(sides)("%s: Hera's calls", async (side) => {
    const scan = await startScan(side, {})
    const name = 'site.example.com'
    await startTunnel(scan, name)
    await scan.supervised(name)
    expect(await scan.run(`s6-svwait -u ${name}; s6-svstat -u ${name}`)).toBe('0 true\n')
    expect(await scan.run(`s6-svc -d ${name}`)).toBe('0 ')
    await startTunnel(scan, name)
    expect(await scan.run(`s6-svwait -u ${name}; s6-svstat ${name}`)).toBe('0 up (pid P) N seconds\n')
    expect(await scan.run(`s6-svc -d ${name}; s6-svwait -d ${name}; s6-svstat -u ${name}`)).toBe('0 false\n')
    await startTunnel(scan, name)
    expect(await scan.run(`s6-svwait -u ${name}; s6-svstat -u ${name}`)).toBe('0 true\n')
  })

  test('twenty tunnels at once, a thousand lifecycle events: no zombie, no file left open', async () => {
    const scan = await startScan('kahi', {})
    const names = tunnels(20)
    await Promise.all(names.map((name) => startTunnel(scan, name)))
    await Promise.all(names.map((name) => scan.supervised(name)))
    expect(await scan.run(`s6-svwait -u ${names.join(' ')}`)).toBe('0 ')
    const supervisors = [scan.supervisor.pid, below(scan.supervisor.pid ?? 0)[1]]
    const before = openFiles(supervisors)
    const cycle = (name: string) =>
      `for i in $(seq 25); do s6-svc -wD -d ${name} && s6-svc -wu -u ${name} || exit 1; done`
    const ends = await Promise.all(names.map((name) => scan.run(cycle(name))))
    expect(new Set(ends)).toEqual(new Set(['0 ']))
    await eventually(() => expect(openFiles(supervisors)).toEqual(before))
    expect(zombiesBelow(scan.supervisor.pid ?? 0)).toEqual([])
    await Promise.all(names.map((name) => scan.run(`s6-svc -wD -d ${name}`)))
    expect(await scan.run(`for s in *; do s6-svstat -u $s; done | sort | uniq -c | tr -d ' '`)).toBe('0 20false\n')
  })

  test('when kahi is killed no tunnel is left', async () => {
    const scan = await startScan('kahi', {})
    const names = tunnels(20)
    await Promise.all(names.map((name) => startTunnel(scan, name)))
    await Promise.all(names.map((name) => scan.supervised(name)))
    expect(await scan.run(`s6-svwait -u ${names.join(' ')}`)).toBe('0 ')
    const all = below(scan.supervisor.pid ?? 0)
    expect(all.length).toBeGreaterThan(20)
    scan.supervisor.kill('SIGKILL')
    await eventually(() => expect(all.filter((pid) => existsSync(`/proc/${pid}`))).toEqual([]))
  })

  test('a service that is made for a program of the file is that program', async () => {
    const scan = await startScan(
      'kahi',
      { 'web/run': SLEEP },
      '[programs.web]\ncommand = "sleep 999"\nready = { fd = 3 }\n',
    )
    await scan.supervised('web')
    await scan.run('s6-svc -T 200 -wU -r web')
    await scan.until('s6-svstat -o up,ready web', 'true false')
    rmSync(join(scan.directory, 'web/run'))
    expect(await scan.run('s6-svscanctl -an .; s6-svok web')).toBe('0 ')
  })

  test('what cannot be a program, or is invalid, is reported', async () => {
    const scan = await startScan('kahi', {
      'a b/run': SLEEP,
      's/run': SLEEP,
      's/notification-fd': ' 3\n',
      'empty/x': '',
    })
    await scan.supervised('s')
    await eventually(() => expect(scan.output()).toContain('The name \\"a b\\" must not contain'))
    expect(scan.output()).toContain('Cannot read \\"notification-fd\\"')
    expect(await scan.run('s6-svok empty')).toBe('1 ')
  })

  test('another supervisor of the same directory is refused', async () => {
    const scan = await startScan('s6-svscan', { 's/run': SLEEP })
    await scan.supervised('s')
    scan.write({
      'kahi.toml': `[supervisor]\nscan_directory = "${scan.directory}"\n[server.unix]\nfile = "${scan.directory}/k.sock"`,
    })
    const { kahiPath } = await import('../../helpers/kahi.ts')
    expect(await scan.run(`timeout 20 ${kahiPath} daemon -c kahi.toml 2>&1 >/dev/null`)).toBe(
      '2 error: Another program supervises SCAN\n',
    )
  })
})
