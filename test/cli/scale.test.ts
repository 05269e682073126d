// `kahi ctl scale`: the number of processes of a program, while the daemon runs.

import { appendFileSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { hasHelper, kahi, type Result, scratch, startReady } from '../helpers/kahi.ts'
import { eventually } from '../helpers/wait.ts'

const WORKER = `[programs.worker]
command = "sleep 1000"
startsecs = 0
process_name = "%(program_name)s_%(process_num)02d"
numprocs = 2
[programs.web]
command = "sleep 1000"
startsecs = 0
depends_on = ["worker"]
`

interface World {
  readonly file: string
  readonly scales: string
  ctl(...words: readonly string[]): Promise<Result>
  pid(name: string): Promise<string>
  names(): Promise<readonly string[]>
}

async function start(programs: string, ...options: readonly string[]): Promise<World> {
  const directory = scratch()
  const file = join(directory, 'kahi.toml')
  const socket = join(directory, 'k.sock')
  writeFileSync(file, `[server.unix]\nfile = "${socket}"\n${programs}`)
  await startReady(file, {}, options)
  const ctl = (...words: readonly string[]): Promise<Result> => kahi(['ctl', '-s', socket, ...words])
  return {
    file,
    scales: `${socket}.scale.json`,
    ctl,
    pid: async (name) => (await ctl('pid', name)).stdout,
    names: async () => {
      const list = JSON.parse((await ctl('status', '--json')).stdout) as readonly { name: string; state: string }[]
      return list.filter(({ state }) => state === 'RUNNING').map(({ name }) => name)
    },
  }
}

/** Replaces a text of the configuration. */
function edit({ file }: World, before: string, after: string): void {
  writeFileSync(file, readFileSync(file, 'utf8').replace(before, after))
}

const names = (count: number): readonly string[] => ['web', ...Array.from({ length: count }, (_, n) => `worker_0${n}`)]

test('processes come and go; those that stay keep their pids, and nothing else of the file is applied', async () => {
  const world = await start(WORKER)
  const { ctl, pid } = world
  await eventually(async () => expect(await world.names()).toEqual(names(2)))
  const [first, web] = [await pid('worker:worker_00'), await pid('web')]
  appendFileSync(world.file, '[programs.later]\ncommand = "sleep 1000"\n')
  expect(await ctl('scale', 'worker', '4')).toMatchObject({
    exitCode: 0,
    stdout: 'worker: 4 processes (added worker:worker_02, worker:worker_03)\n',
  })
  await eventually(async () => expect(await world.names()).toEqual(names(4)))
  expect(await ctl('scale', '--json', 'worker', '1')).toMatchObject({
    stdout: `${JSON.stringify({ name: 'worker', numprocs: 1, added: [], removed: ['worker:worker_01', 'worker:worker_02', 'worker:worker_03'] })}\n`,
  })
  await eventually(async () => expect(await world.names()).toEqual(names(1)))
  expect([await pid('worker:worker_00'), await pid('web')]).toEqual([first, web])
  expect(await ctl('scale', 'worker', '1')).toMatchObject({ stdout: 'worker: 1 process (nothing changes)\n' })
  expect((await ctl('scale', 'worker', '0')).exitCode).toBe(0)
  await eventually(async () => expect(await world.names()).toEqual(['web']))
  expect((await ctl('scale', 'worker', '2')).exitCode).toBe(0)
  await eventually(async () => expect(await world.names()).toEqual(names(2)))
  expect(statSync(world.scales).mode & 0o777).toBe(0o600)
})

test('apply keeps the number until numprocs changes in the file; then the file decides', async () => {
  const world = await start(WORKER)
  const { ctl } = world
  await ctl('scale', 'worker', '3')
  expect((await ctl('apply', '--dry-run')).stdout).toContain('nothing differs')
  appendFileSync(world.file, '[programs.later]\ncommand = "sleep 1000"\nstartsecs = 0\n')
  expect((await ctl('apply')).stdout).toBe('added: later\nunchanged: 2\n')
  await eventually(async () => expect(await world.names()).toEqual(['later', ...names(3)]))
  edit(world, 'numprocs = 2', 'numprocs = 1')
  await ctl('apply')
  await eventually(async () => expect(await world.names()).toEqual(['later', ...names(1)]))
  expect(existsSync(world.scales)).toBe(false)
  edit(world, 'numprocs = 1', 'numprocs = 2')
  await ctl('apply')
  await eventually(async () => expect(await world.names()).toEqual(['later', ...names(2)]))
})

test.runIf(hasHelper)('the number and the processes outlive an upgrade of the daemon', async () => {
  const world = await start(WORKER, '--survive')
  await world.ctl('scale', 'worker', '3')
  await eventually(async () => expect(await world.names()).toEqual(names(3)))
  const before = await world.pid('worker:worker_02')
  expect(await world.ctl('upgrade')).toMatchObject({ exitCode: 0 })
  await eventually(async () => expect(await world.names()).toEqual(names(3)))
  expect(await world.pid('worker:worker_02')).toBe(before)
  expect((await world.ctl('apply', '--dry-run')).stdout).toContain('nothing differs')
})

const REFUSED: readonly (readonly [words: readonly string[], exitCode: number, output: string])[] = [
  [['nope', '2'], 1, 'nope: ERROR (no such program: nope)'],
  [['web', '2'], 2, 'process_name'],
  [['worker', '10001'], 2, 'more than 10000'],
  [['worker', '-1'], 2, ''],
  [['worker', 'two'], 2, '"two" is not a number of processes'],
  [['fixed', '2'], 1, 'fixed: ERROR (it is essential'],
]

test('what cannot be is refused, and changes nothing', async () => {
  const world = await start(`${WORKER}[programs.fixed]\ncommand = "sleep 1000"\nstartsecs = 0\nessential = true\n`)
  await eventually(async () => expect(await world.names()).toEqual(['fixed', ...names(2)]))
  for (const [words, exitCode, output] of REFUSED) {
    const result = await world.ctl('scale', ...words)
    expect(`${words.join(' ')}: ${result.exitCode} ${result.stdout}${result.stderr}`).toContain(
      `${words.join(' ')}: ${exitCode} `,
    )
    expect(result.stdout + result.stderr).toContain(output)
  }
  expect(existsSync(world.scales)).toBe(false)
  expect(await world.names()).toEqual(['fixed', ...names(2)])
})
