// `kahi ctl upgrade` with a new program that does not end, lies, or is asked twice, and with a shutdown meanwhile.

import { cpSync, existsSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { root, scratch } from '../../helpers/kahi.ts'
import { eventually } from '../../helpers/wait.ts'
import { end, shim, SLEEPER, survivor } from './survivor.ts'

function copy(): string {
  const dist = join(scratch(), 'dist')
  cpSync(join(root, 'dist'), dist, { recursive: true })
  return dist
}

/** A program that says that it runs, then waits for the file `go`. */
function waiting(folder: string): string {
  return `import { existsSync, writeFileSync } from 'node:fs'
writeFileSync('${folder}/asked', '')
process.on('SIGTERM', () => {})
setInterval(() => { if (existsSync('${folder}/go')) { console.log('99.0.0'); process.exit() } }, 20)`
}

describe.skipIf(!existsSync(shim))('kahi ctl upgrade (needs the native helper)', () => {
  test('whatever lies in place of the new program or its helper, nothing changes', async () => {
    const dist = copy()
    const run = await survivor(SLEEPER, { dist })
    await run.daemon.line("spawned: 'p'")
    const { p } = await run.status()
    const upgrade = async () => (await run.ctl('upgrade')).stdout
    const [program, helper] = [join(dist, 'kahi.js'), join(dist, 'kahi-shim')]
    writeFileSync(program, `console.error('\\u001b]0;title\\u0007' + 'x'.repeat(99999)); process.exit(1)`)
    expect(await upgrade()).toBe(`error: the new program does not start: ?]0;title?${'x'.repeat(290)}\n`)
    writeFileSync(program, 'console.log("what?")')
    expect(await upgrade()).toBe('error: the new program has no version: what?\n')
    writeFileSync(program, `setInterval(() => process.stdout.write('y'.repeat(9999)))`)
    expect(await upgrade()).toMatch(/^error: the new program does not start: more than \d+ characters of output\n$/)
    cpSync(join(root, 'dist/kahi.js'), program)
    rmSync(helper)
    symlinkSync('kahi-shim', helper)
    expect(await upgrade()).toMatch(/^error: the new helper does not start: .*ELOOP\n$/)
    rmSync(helper)
    expect(spawnSync('mkfifo', [helper]).status).toBe(0)
    expect(await upgrade()).toMatch(/^error: the new helper does not start: .*EACCES\n$/)
    expect(await run.status()).toMatchObject({ p: { pid: p?.pid, state: 'RUNNING' } })
    await end(run)
  })

  test('one at a time; a shutdown that begins meanwhile is carried out, and nothing is handed over', async () => {
    const dist = copy()
    const program = `command = ["/bin/sh", "-c", "trap '' TERM; while [ ! -e DIR/end ]; do sleep 0.1; done"]`
    const run = await survivor(`[programs.p]\n${program}\nstartsecs = 0\nstopwaitsecs = 60\n`, { dist })
    await run.daemon.line("spawned: 'p'")
    const made = (name: string) => writeFileSync(join(run.folder, name), '')
    writeFileSync(join(dist, 'kahi.js'), waiting(run.folder))
    const first = run.ctl('upgrade')
    await eventually(() => existsSync(join(run.folder, 'asked')), 'the new program is asked')
    expect((await run.ctl('upgrade')).stdout).toBe('error: another upgrade has begun\n')
    await run.ctl('shutdown')
    await run.daemon.line('waiting for p to')
    cpSync(join(root, 'dist/kahi.js'), join(dist, 'kahi.js'))
    made('go')
    expect((await first).stdout).toContain('shutting down')
    made('end')
    expect(await run.daemon.ended()).toMatchObject({ exitCode: 0 })
    expect(run.daemon.output()).not.toContain('programs keep running')
    expect(run.daemon.output().split('kahi started with pid')).toHaveLength(2)
  })
})
