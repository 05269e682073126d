// kahi's s6-svc, s6-svstat, s6-svwait … and the real commands on service directories of the real s6-svscan: their output about one
// service, and the states of two equal services when kahi's commands control one of them.

import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import {
  addService,
  masked,
  noRealTools,
  ourCommands,
  runReal,
  runTool,
  scanDirectory,
} from '../../helpers/s6-tools.ts'
import { eventually } from '../../helpers/wait.ts'

if (noRealTools !== undefined) console.log(`the commands of s6 are not compared: ${noRealTools}`)

const SLEEP = 'exec sleep 1000'
const FIELDS = [
  ...['up', 'wantedup', 'normallyup', 'ready', 'paused', 'pid', 'exitcode', 'signal', 'signum'],
  ...['updownsince', 'readysince'],
].join()

/** All that can be said about a service, as both say it. */
async function expectSameState(commands: string, service: string): Promise<void> {
  const questions = [[], ['-n'], ['-uwNrpes'], ['-o', FIELDS]]
  for (const question of questions) {
    const words = ['s6-svstat', ...question, service]
    expect(masked(await runTool(commands, words))).toEqual(masked(await runReal(words)))
  }
}

/** A state without what differs between two services: their pids and ages. */
async function stateOf(service: string): Promise<string> {
  const { stdout } = await runReal(['s6-svstat', service])
  return stdout.replace(/pid \d+/, 'pid P').replaceAll(/\d+ seconds/g, 'N seconds')
}

describe.skipIf(noRealTools !== undefined)('services', () => {
  test('all states are shown as the real s6-svstat shows them', async () => {
    const commands = ourCommands()
    const directory = await scanDirectory({ up: SLEEP, exits: 'exit 3', dies: 'kill -9 $$', never: SLEEP })
    const at = (name: string) => join(directory, name)
    const act = async (...words: string[]) => expect((await runTool(commands, words)).exitCode).toBe(0)
    await act('s6-svwait', '-u', at('up'))
    await expectSameState(commands, at('up'))
    await act('s6-svc', '-p', at('up'))
    await expectSameState(commands, at('up'))
    await act('s6-svc', '-wD', '-dc', at('up'))
    await expectSameState(commands, at('up'))
    writeFileSync(join(at('up'), 'down'), '')
    await act('s6-svc', '-wu', '-u', at('up'))
    await expectSameState(commands, at('up'))
    for (const name of ['exits', 'dies']) {
      await act('s6-svc', '-wD', '-d', at(name))
      await expectSameState(commands, at(name))
    }
    for (const words of [['-n', '3'], ['-s'], ['-S'], ['-n', '0']])
      for (const name of ['exits', 'dies']) {
        const line = ['s6-svdt', ...words, at(name)]
        expect(await runTool(commands, line)).toEqual(await runReal(line))
      }
    await act('s6-svdt-clear', at('exits'))
    expect((await runReal(['s6-svdt', at('exits')])).stdout).toBe('')
    await act('s6-svok', at('exits'))
  })

  // One service is driven by the real s6-svc, its twin by ours.
  test.each([
    [['-wd', '-d']],
    [['-wD', '-d']],
    [['-wd', '-O', '-t']],
    [['-wu', '-T', '5000', '-r']],
    [['-wr', '-r']],
    [['-wR', '-t']],
    [['-wr', '-k']],
    [['-wu', '-u']],
    [['-wU', '-u']],
    [['-wd', '-o', '-i']],
    [['-wd', '-Od']],
    [['-wD', '-D']],
    [['-wd', '-cpd', '-c']],
    [['-T', '1000', '-wd', '-h1']],
    [['-T', '1000', '-wd']],
    [['-T', '5000', '-wu']],
  ])('s6-svc %j does the same', async (words) => {
    const commands = ourCommands()
    const script = `trap 'exit 0' TERM; trap '' HUP USR1; while :; do sleep 0.05; done`
    const directory = await scanDirectory({ theirs: script, ours: script })
    const [theirs, ours] = [join(directory, 'theirs'), join(directory, 'ours')]
    for (const service of [theirs, ours]) await runReal(['s6-svwait', '-u', service])
    const real = await runReal(['s6-svc', ...words, theirs])
    const result = await runTool(commands, ['s6-svc', ...words, ours])
    const hide = (text: string) => text.replaceAll(directory, '').replaceAll(/theirs|ours/g, 'it')
    expect({ ...result, stderr: hide(result.stderr) }).toEqual({ ...real, stderr: sameProgram(hide(real.stderr)) })
    await eventually(async () => (await stateOf(ours)) === (await stateOf(theirs)))
    expect(readdirSync(join(ours, 'event'))).toEqual([])
  })

  test('readiness is waited for, by ours and by the service itself', async () => {
    const commands = ourCommands()
    const directory = await scanDirectory({})
    const service = join(directory, 'web')
    addService(directory, 'web', `exec ${commands}/s6-notifyoncheck -d -s 1 -w 20 -n 0 -c "test -e ok" sleep 1000`)
    writeFileSync(join(service, 'notification-fd'), '3\n')
    mkdirSync(join(service, 'data'))
    expect((await runTool(commands, ['s6-svscanctl', '-a', directory])).exitCode).toBe(0)
    await eventually(async () => (await runReal(['s6-svok', service])).exitCode === 0)
    const late = await runTool(commands, ['s6-svwait', '-U', '-t', '100', service])
    expect(late).toMatchObject({ exitCode: 99, stderr: 's6-svwait: fatal: timed out\n' })
    const waiting = runTool(commands, ['s6-svwait', '-U', '-t', '20000', service])
    writeFileSync(join(service, 'ok'), '')
    expect(await waiting).toMatchObject({ exitCode: 0, stderr: '' })
    expect((await runReal(['s6-svstat', '-o', 'ready', service])).stdout).toBe('true\n')
    await expectSameState(commands, service)
    expect(await runTool(commands, ['s6-svc', '-wR', '-T', '20000', '-r', service])).toMatchObject({ exitCode: 0 })
  })

  test.each(['test -e ok', 'if { test -e ok } true'])('the check "%s" is run again and again', async (check) => {
    const commands = ourCommands()
    const directory = await scanDirectory({})
    const service = join(directory, 'web')
    addService(directory, 'web', `exec ${commands}/s6-notifyoncheck -s 1 -w 20 -n 0 -c "${check}" sleep 1000`)
    writeFileSync(join(service, 'notification-fd'), '3\n')
    await runTool(commands, ['s6-svscanctl', '-a', directory])
    await eventually(async () => (await runReal(['s6-svok', service])).exitCode === 0)
    const waiting = runTool(commands, ['s6-svwait', '-U', '-t', '20000', service])
    writeFileSync(join(service, 'ok'), '')
    expect(await waiting).toMatchObject({ exitCode: 0, stderr: '' })
  })

  test('s6-notifyoncheck gives up, and ends with the service', async () => {
    const commands = ourCommands()
    const directory = await scanDirectory({})
    const service = join(directory, 'web')
    addService(
      directory,
      'web',
      `exec 2>log; exec ${commands}/s6-notifyoncheck -3 3 -s 1 -w 1 -n 2 sh -c 'wait; exec sleep 1000'`,
    )
    writeFileSync(join(service, 'notification-fd'), '3')
    mkdirSync(join(service, 'data'))
    writeFileSync(join(service, 'data/check'), '#!/bin/sh\necho tried >> tries\nexit 1\n', { mode: 0o755 })
    await runTool(commands, ['s6-svscanctl', '-a', directory])
    await eventually(
      async () => (await runReal(['sh', '-c', 'test "$(wc -l < tries)" = 2'], { cwd: service })).exitCode === 0,
    )
    await eventually(async () => readdirSync(join(service, 'event')).length === 0)
    expect((await runReal(['s6-svstat', '-o', 'up,ready', service])).stdout).toBe('true false\n')
  })

  test('several services are waited for: all, any, and one that fails for good', async () => {
    const commands = ourCommands()
    const directory = await scanDirectory({ a: SLEEP, b: SLEEP, fails: SLEEP })
    const [a, b, fails] = ['a', 'b', 'fails'].map((name) => join(directory, name)) as [string, string, string]
    const run = (...words: string[]) => runTool(commands, words)
    expect(await run('s6-svwait', '-u', a, b)).toMatchObject({ exitCode: 0 })
    expect(await run('s6-svwait', '-d', '-t', '50', a, b)).toMatchObject({ exitCode: 99 })
    const any = run('s6-svwait', '-d', '-o', '-t', '20000', a, b)
    const all = run('s6-svlisten', '-d', '-t', '20000', ` ${a}`, ` ${b}`, '', join(commands, 's6-svc'), '-d', a)
    expect(await any).toMatchObject({ exitCode: 0 })
    await runReal(['s6-svc', '-d', b])
    expect(await all).toMatchObject({ exitCode: 0 })
    expect(await run('s6-svlisten1', '-u', '-t', '20000', a, join(commands, 's6-svc'), '-u', a)).toMatchObject({
      exitCode: 0,
    })
    expect(await run('s6-svc', '-wu', '-T', '20000', '-u', a, b)).toMatchObject({ exitCode: 0 })
    writeFileSync(join(fails, 'finish'), '#!/bin/sh\nexit 125\n', { mode: 0o755 })
    expect(await run('s6-svlisten1', '-U', '-t', '20000', fails, join(commands, 's6-svc'), '-t', fails)).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('permanent') as unknown,
    })
    for (const service of [a, b, fails]) expect(readdirSync(join(service, 'event'))).toEqual([])
  })

  test('s6-svscanctl adds, removes and ends; a supervisor that is gone is reported', async () => {
    const commands = ourCommands()
    const directory = await scanDirectory({ a: SLEEP })
    const service = join(directory, 'a')
    expect(await runTool(commands, ['s6-svscanctl', '-t', directory])).toMatchObject({ exitCode: 0, stderr: '' })
    await eventually(async () => (await runReal(['s6-svok', service])).exitCode !== 0)
    await eventually(async () => (await runReal(['s6-svscanctl', '-z', directory])).exitCode === 100)
    const unheard = await runTool(commands, ['s6-svc', '-u', service])
    expect(unheard).toMatchObject({
      exitCode: 102,
      stderr: `s6-svc: warning: unable to control ${service}: supervisor not listening\n`,
    })
    for (const words of [
      ['s6-svstat', service],
      ['s6-svok', service],
      ['s6-svscanctl', '-a', directory],
    ])
      expect(masked(await runTool(commands, words))).toEqual(masked(await runReal(words)))
  })

  test('a signal leaves nothing in event/', async () => {
    const commands = ourCommands()
    const directory = await scanDirectory({ a: SLEEP })
    const events = join(directory, 'a/event')
    const waiting = runTool(commands, ['s6-maximumtime', '300', 's6-svwait', '-d', join(directory, 'a')])
    await eventually(async () => readdirSync(events).length === 1)
    expect((await waiting).exitCode).toBe(99)
    await eventually(async () => readdirSync(events).length === 0)
  })
})

/** Ours wait themselves where the real s6-svc becomes another program of the same version. */
function sameProgram(text: string): string {
  return text.replace('s6-svlisten1: ', 's6-svlisten: ')
}
