// `kahi ctl upgrade`: another version of kahi continues with the same processes.

import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { root, scratch } from '../../helpers/kahi.ts'

import { end, shim, SLEEPER, survivor } from './survivor.ts'

describe.skipIf(!existsSync(shim))('kahi ctl upgrade (needs the native helper)', () => {
  test('another version takes over; one that cannot run changes nothing', async () => {
    const dist = join(scratch(), 'dist')
    cpSync(join(root, 'dist'), dist, { recursive: true })
    const run = await survivor(`[supervisor]\npidfile = "DIR/pid"\n${SLEEPER}`, { dist })
    await run.daemon.line("spawned: 'p'")
    const pidfile = join(run.folder, 'pid')
    const before = [
      await run.status().then(({ p }) => p?.pid),
      readFileSync(pidfile, 'utf8'),
      (await run.ctl('pid')).stdout,
    ]
    expect(before[1]).toBe(`${run.daemon.pid}\n`)
    const oldPid = run.nodePid()
    const version = (await run.ctl('version')).stdout.trim()
    for (const name of readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter((one) => /\.m?js$/.test(one))) {
      const text = readFileSync(join(dist, name), 'utf8')
      writeFileSync(join(dist, name), text.replaceAll(`"${version}"`, '"99.0.0"'))
    }
    const { stdout, exitCode } = await run.ctl('upgrade')
    expect([stdout, exitCode]).toEqual([`version ${version} -> 99.0.0\n1 process kept\n`, 0])
    expect((await run.ctl('version')).stdout).toBe('99.0.0\n')
    expect(run.nodePid()).not.toBe(oldPid)
    const after = [
      await run.status().then(({ p }) => p?.pid),
      readFileSync(pidfile, 'utf8'),
      (await run.ctl('pid')).stdout,
    ]
    expect(after).toEqual(before)

    const file = join(run.folder, 'kahi.toml')
    const good = readFileSync(file, 'utf8')
    writeFileSync(file, `${good}[programs.p2]\n`)
    expect((await run.ctl('upgrade')).stdout).toMatch(/^error: the new program does not accept the configuration/)
    writeFileSync(file, good)
    const helper = join(dist, 'kahi-shim')
    rmSync(helper)
    writeFileSync(helper, '#!/bin/sh\necho kahi-shim protocol 99\n', { mode: 0o755 })
    expect((await run.ctl('upgrade')).stdout).toMatch(/^error: the new helper speaks another protocol/)
    cpSync(shim, helper)
    writeFileSync(join(dist, 'kahi.js'), 'throw new Error("broken")')
    expect((await run.ctl('upgrade')).stdout).toMatch(/^error: the new program does not start/)
    expect(await run.status()).toMatchObject({ p: { pid: before[0], state: 'RUNNING' } })
    await end(run)
    expect(existsSync(pidfile)).toBe(false)
  })
})
