// Past events, through `kahi ctl events` and GET /api/v1/events of dist/kahi.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { end, noting, oneshot, run } from '../helpers/order.ts'

type Fields = Readonly<Record<string, unknown>>

/** The answer as JSON. Other tests check its form. */
interface Answer {
  readonly events: readonly Fields[]
  readonly newest: number
  readonly lost: number | null
}

const TREE =
  noting('web', 'depends_on = ["db", "migrate"]') +
  noting('db', 'ready = { file = "DIR/flag", interval = 0.02 }') +
  oneshot('migrate') +
  `[programs.job]\ncommand = ["/bin/sh", "-c", "exit 3"]\nstartsecs = 0\nautorestart = false\n`

describe('kahi ctl events', () => {
  test('what happens at a start: waits, oneshots, readiness, exits with what was used', async () => {
    const all = await run(TREE)
    await all.daemon.line('exited: job (exit status 3; not expected)')
    writeFileSync(join(all.folder, 'flag'), '')
    await all.daemon.line('success: web entered RUNNING')
    const { events, lost }: Answer = JSON.parse((await all.ctl('events', '--json')).stdout)
    const of = (type: string, name: string): Fields | undefined =>
      events.find((event) => event.type === type && event.name === name)

    expect(lost).toBe(0)
    expect(of('waiting', 'web')?.waiting_for).toContain('db')
    expect(of('oneshot-began', 'migrate')).toMatchObject({ way: 'up' })
    expect(of('oneshot-ended', 'migrate')).toMatchObject({ way: 'up', failure: '' })
    expect(of('readiness', 'db')).toMatchObject({ ready: true })
    expect(of('process-started', 'web')?.pid).toBeGreaterThan(1)
    expect(of('process-exited', 'job')).toMatchObject({ code: 3, signal: null, core_dumped: false })
    expect(of('process-state', 'web')).toMatchObject({ from: 'stopped', to: 'starting' })
    expect(events.find(({ type }) => type === 'configuration-applied')?.added).toContain('web')
    expect(events.find(({ type, message }) => type === 'log' && message === 'ready: db after')).toBeUndefined()
    expect(events.some(({ type, message }) => type === 'log' && String(message).startsWith('ready: db'))).toBe(true)
    const numbers = events.map(({ number }) => Number(number))
    expect(numbers).toEqual(numbers.map((_, index) => (numbers[0] ?? 0) + index))
    await end(all)
  })

  test('only what is new, only some types, as lines', async () => {
    const all = await run(noting('web'))
    await all.daemon.line('success: web entered RUNNING')
    const { newest }: Answer = JSON.parse((await all.ctl('events', '--json')).stdout)
    await all.ctl('stop', 'web')
    const since = ['events', '--since', String(newest)]
    const { stdout, exitCode } = await all.ctl(...since, '--types', 'process-exited')
    expect(exitCode).toBe(0)
    expect(stdout).toMatch(/^\d+ \S+Z process-exited web pid=\d+ .*code=0 lived_ms=\d+\n$/)
    expect((await all.ctl(...since)).stdout).toContain('process-state web from=stopping to=stopped')
    expect(await all.ctl('events', '--types', 'nonsense')).toMatchObject({
      exitCode: 1,
      stdout: expect.stringMatching(/query\.types: must be of process-state, .* not nonsense/),
    })
    expect((await all.ctl('events', '--since', '0')).stdout).toMatch(/^\(some earlier events are no longer kept\)\n/)
    expect(await all.ctl('events', '--since', 'now')).toMatchObject({ exitCode: 2 })
    await end(all)
  })

  test('the native helper says what a process has used', async () => {
    const busy = `[programs.busy]\ncommand = ["/bin/sh", "-c", "i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done"]\nautorestart = false\nstartsecs = 0\n`
    const all = await run(busy)
    await all.daemon.line('exited: busy')
    const { events }: Answer = JSON.parse((await all.ctl('events', '--types', 'process-exited', '--json')).stdout)
    expect(events).toHaveLength(1)
    expect(events[0]?.peak_memory_bytes).toBeGreaterThan(100_000)
    expect(Number(events[0]?.cpu_user_ms) + Number(events[0]?.cpu_system_ms)).toBeGreaterThan(0)
    await end(all)
  })

  test('journal_size bounds what is kept, and the gap is said', async () => {
    const all = await run('[supervisor]\njournal_size = 2000\n' + noting('web'))
    await all.daemon.line('success: web entered RUNNING')
    const { events, newest }: Answer = JSON.parse((await all.ctl('events', '--json')).stdout)
    expect(events.length).toBeGreaterThan(0)
    for (let round = 0; round < 3; round += 1) await all.ctl('restart', 'web')
    const { stdout } = await all.ctl('events', '--since', String(newest))
    expect(stdout).toMatch(/^\(\d+ earlier events are no longer kept\)\n/)
    await end(all)
  })
})
