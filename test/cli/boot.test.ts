// `kahi ctl blame` and `kahi ctl timeline`, seen through dist/kahi.

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { BootObject } from '../../runtime/control/operations/shapes/graph.ts'
import { end, noting, oneshot, run } from '../helpers/order.ts'

const TREE =
  noting('web', 'depends_on = ["migrate"]') +
  oneshot('migrate', 'depends_on = ["db"]') +
  noting('db', 'ready = { file = "DIR/flag", interval = 0.02 }') +
  noting('apart') +
  '[oneshots.check]\nup = "/bin/false"\n' +
  noting('unlucky', 'depends_on = ["check"]')

async function booted() {
  const all = await run(TREE)
  await all.daemon.line('success: db entered RUNNING')
  writeFileSync(join(all.folder, 'flag'), '')
  await all.daemon.line('success: web entered RUNNING')
  return all
}

describe('the start of a daemon', () => {
  test('blame: how long each took, and the chain that made it as long as it was', async () => {
    const all = await booted()
    const { stdout, exitCode } = await all.ctl('blame')
    expect(exitCode).toBe(0)
    expect(stdout).toMatch(/^4 of 6 were up after \d+\.\d{3} s; it waited for db, then migrate, then web\n/)
    expect(stdout).toMatch(/^\* +\d+\.\d{3}s +\d+\.\d{3}s +\d+\.\d{3}s +\d+\.\d{3}s {2}db$/m)
    expect(stdout).toMatch(/^ {2} .* apart$/m)
    expect(stdout).toMatch(/^ {2} +- .* check {2}\(up failed: exit status 1\)$/m)
    expect(stdout).toMatch(/unlucky {2}\(check up failed: exit status 1\)$/m)
    await all.ctl('restart', 'web')
    expect((await all.ctl('blame')).stdout).toBe(stdout)
    await end(all)
  })

  test('the times are in the order of the graph', async () => {
    const all = await booted()
    const { services } = JSON.parse((await all.ctl('blame', '--json')).stdout)
    expect(services).toHaveLength(6)
    const of = (name: string) => services.find((one: { name: string }) => one.name === name)
    expect(of('db').begun).toBeLessThanOrEqual(of('db').started)
    expect(of('db').started).toBeLessThanOrEqual(of('db').up)
    expect(of('migrate').begun).toBeGreaterThanOrEqual(of('db').up)
    expect(of('web').begun).toBeGreaterThanOrEqual(of('migrate').up)
    expect(of('unlucky')).toMatchObject({ begun: null, started: null, up: null, critical: false })
    expect(of('web').needs).toEqual([{ name: 'migrate', reached: 'completed' }])
    await end(all)
  })

  test('of a random graph nothing is begun before all that it needs is up', async () => {
    const needs = fc.sample(
      fc.array(fc.array(fc.nat(), { minLength: 2, maxLength: 3 }), { minLength: 14, maxLength: 14 }),
      {
        seed: 20261121,
        numRuns: 1,
      },
    )[0]
    const tables = (needs ?? []).map((list, index) => {
      const names = index === 0 ? [] : [...new Set(list.map((need) => `"n${need % index}"`))]
      return oneshot(`n${index}`, `depends_on = [${names.join(', ')}]`)
    })
    const all = await run(tables.join(''))
    for (let index = 0; index < 14; index += 1) await all.daemon.line(`up: n${index} `)
    const { services }: BootObject = JSON.parse((await all.ctl('blame', '--json')).stdout)
    const upOf = new Map(services.map(({ name, up }) => [name, up ?? Number.NaN]))
    expect(services.flatMap((one) => one.needs).length).toBeGreaterThan(14)
    for (const one of services)
      for (const need of one.needs) expect(one.begun).toBeGreaterThanOrEqual(upOf.get(need.name) ?? Number.NaN)
    const begun = all.order()
    for (const one of services)
      for (const need of one.needs) expect(begun.indexOf(`+${need.name}`)).toBeLessThan(begun.indexOf(`+${one.name}`))
    await end(all)
    const ended = all.order().slice(14)
    for (const one of services)
      for (const need of one.needs)
        expect(ended.indexOf(`-${need.name}`)).toBeGreaterThan(ended.indexOf(`-${one.name}`))
  })

  test('timeline: bars on a terminal, and a picture', async () => {
    const all = await booted()
    const lines = (await all.ctl('timeline')).stdout.trimEnd().split('\n')
    expect(lines).toHaveLength(7)
    expect(lines.find((line) => line.startsWith('* web'))).toMatch(/^\* web {5}\|\.+#+=*$/)
    expect(lines.find((line) => line.startsWith('  unlucky'))).toContain('|check up failed')
    const file = join(all.folder, 'boot.svg')
    expect(await all.ctl('timeline', '-o', file)).toMatchObject({ stdout: '', exitCode: 0 })
    const svg = readFileSync(file, 'utf8')
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"/)
    expect(svg.trimEnd().endsWith('</svg>')).toBe(true)
    expect(svg).not.toContain('<script')
    expect(svg.match(/<g>/g)).toHaveLength(6)
    expect(svg).toContain('<text class="critical"')
    expect(await all.ctl('timeline', '-o', '/nonexistent/boot.svg')).toMatchObject({ exitCode: 1 })
    await end(all)
  })

  test('a daemon that starts nothing says so', async () => {
    const all = await run(noting('web', 'autostart = false'))
    expect((await all.ctl('blame')).stdout).toBe('this daemon has started nothing by itself\n')
    expect((await all.ctl('timeline')).stdout).toBe('this daemon has started nothing by itself\n')
    await all.ctl('start', 'web')
    expect((await all.ctl('blame')).stdout).toBe('this daemon has started nothing by itself\n')
    await end(all)
  })
})
