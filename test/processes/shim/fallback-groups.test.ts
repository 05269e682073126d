// Without the helper: when another process has got the number of an old group, it gets no signal, neither from the daemon nor from
// the shell that kills all groups after a crash.

import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { kahiPath, scratch, startDaemon } from '../../helpers/kahi.ts'
import { inside, LEAVER, namespace, noNamespace, reuse } from '../../helpers/pid-namespace.ts'
import { below, commandOf, isRunning } from '../../helpers/processes.ts'
import { eventually } from '../../helpers/wait.ts'

if (noNamespace !== undefined) console.warn(`groups of the fallback are not tested: ${noNamespace}`)

describe.skipIf(noNamespace !== undefined)('a number that was given away again', () => {
  test.each([
    { stranger: 'leads a group', leads: true, signal: 'SIGTERM' as const },
    { stranger: 'is in a group whose leader has ended', leads: false, signal: 'SIGTERM' as const },
    { stranger: 'leads a group', leads: true, signal: 'SIGKILL' as const },
    { stranger: 'is in a group whose leader has ended', leads: false, signal: 'SIGKILL' as const },
  ])('a stranger that $stranger lives on when the daemon gets $signal', async ({ leads, signal }) => {
    const folder = scratch()
    execFileSync('mkfifo', [join(folder, 'go')])
    writeFileSync(join(folder, 'leaver'), LEAVER)
    const file = join(folder, 'kahi.toml')
    const keys = `directory = "${folder}"\nautorestart = false\nstartsecs = 0`
    writeFileSync(
      file,
      `[programs.p]\ncommand = "perl leaver ${folder}"\n${keys}\n[programs.other]\ncommand = "sleep 1000"\n`,
    )
    const init = await namespace()
    const [program = '', ...before] = inside(init)
    const words = [...before, kahiPath, 'daemon', '-c', file]
    const daemon = startDaemon(words, { program, cwd: folder, env: { KAHI_SHIM: 'none' } })
    await daemon.line(/exited: p /)
    writeFileSync(join(folder, 'go'), 'go\n')
    await eventually(() => existsSync(join(folder, 'gone')), 'the last member has ended')
    const group = readFileSync(join(folder, 'pid'), 'utf8').trim()
    const state = await reuse(init, group, leads, folder)
    const ours = below(daemon.pid)
    process.kill(ours.find((pid) => commandOf(pid) === 'node') ?? Number.NaN, signal)
    await daemon.ended()
    const left = () => ours.filter((pid) => isRunning(pid) && commandOf(pid) === 'sleep')
    await eventually(() => left().length === 0, 'the shell has killed what was ours')
    expect(state()).toBe('S')
  })
})
