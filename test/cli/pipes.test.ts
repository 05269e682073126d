// log_to: programs that write to another program. Either side may die at any moment, and no line is lost. Invalid values of log_to
// and stdio are refused.

import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { hasHelper, kahi, scratch, startDaemon, startReady } from '../helpers/kahi.ts'
import { eventually } from '../helpers/wait.ts'

/** Two writers that number their lines, the second one across restarts, and a reader that stores lines and stops between two lines. */
const PIPELINE = `[programs.reader]
command = ["/bin/sh", "-c", "rm -f DIR/stop; while [ ! -e DIR/stop ] && read -r line; do echo \\"$line\\" >> DIR/kept; done"]
stop_command = ["/bin/sh", "-c", ": > DIR/stop"]
stopwaitsecs = 2
autorestart = true
startsecs = 0
[programs.steady]
command = ["/bin/sh", "-c", "i=0; while [ ! -e DIR/enough ]; do i=$((i+1)); echo s $i; sleep 0.002; done; echo $i > DIR/count2; mv DIR/count2 DIR/done; exec sleep 1000"]
log_to = "reader"
[programs.mortal]
command = ["/bin/sh", "-c", "read -r i < DIR/count; i=$((i+1)); echo $i > DIR/count; echo m $i; exec sleep 1000"]
finish = ["/bin/sh", "-c", "echo f $1 $2", "finish"]
log_to = "reader"
autorestart = true
startsecs = 0
startretries = 1000
`

function write(toml: string): { folder: string; file: string } {
  const folder = scratch()
  const file = join(folder, 'kahi.toml')
  writeFileSync(file, `${toml}[server.unix]\nfile = "DIR/k.sock"\n`.replaceAll('DIR', folder))
  writeFileSync(join(folder, 'count'), '0\n')
  return { folder, file }
}

/** Lines of the reader that begin with that letter. */
function kept(folder: string, letter: string): string[] {
  const text = existsSync(join(folder, 'kept')) ? readFileSync(join(folder, 'kept'), 'utf8') : ''
  return text
    .split('\n')
    .filter((line) => line.startsWith(`${letter} `))
    .map((line) => line.slice(2))
}

const counted = (count: number) => Array.from({ length: count }, (_, index) => `${index + 1}`)

describe.each([
  ['with the native helper', {}, hasHelper],
  ['without it', { KAHI_SHIM: 'none' }, true],
])('%s', (_name, env, isThere) => {
  test.skipIf(!isThere)('writers and reader restart, no line is lost, and finish writes there too', async () => {
    const { folder, file } = write(PIPELINE)
    const daemon = await startReady(file, { cwd: folder, env })
    const ctl = (...args: string[]) => kahi(['ctl', '-c', file, ...args], { cwd: folder })
    for (let round = 1; round <= 2; round++) {
      await eventually(() => kept(folder, 'm').length === round, 'the writer was heard')
      await ctl('signal', 'KILL', 'mortal')
      await eventually(() => kept(folder, 'f').length === round, 'its finish was heard')
      expect(await ctl('restart', 'reader')).toMatchObject({ exitCode: 0 })
    }
    writeFileSync(join(folder, 'enough'), '')
    await eventually(() => existsSync(join(folder, 'done')), 'everything is written')
    await eventually(() => kept(folder, 'm').length === 3, 'the last life was heard')
    expect(kept(folder, 'm')).toEqual(counted(3))
    expect(kept(folder, 'f')).toEqual(['256 9', '256 9'])
    const written = Number(readFileSync(join(folder, 'done'), 'utf8'))
    await eventually(() => kept(folder, 's').length >= written, 'everything was heard')
    expect(kept(folder, 's')).toEqual(counted(written))
    daemon.signal('SIGTERM')
    expect(await daemon.ended()).toMatchObject({ exitCode: 0 })
  })

  test.skipIf(!isThere)(
    'what was written while no program reads waits, also over a reload that changes both sides',
    async () => {
      const reader = (word: string) => `[programs.reader]
command = ["/bin/sh", "-c", "while [ ! -e DIR/${word} ]; do sleep 0.02; done; while read -r l; do echo $l >> DIR/kept; done"]
startsecs = 0
`
      const writer = (word: string) => `[programs.writer]
command = ["/bin/sh", "-c", "echo m ${word}; : > DIR/wrote-${word}; exec sleep 1000"]
log_to = "reader"
startsecs = 0
`
      const { folder, file } = write(reader('never') + writer('one'))
      const daemon = await startReady(file, { cwd: folder, env })
      await eventually(() => existsSync(join(folder, 'wrote-one')), 'the first has written')
      const server = `[server.unix]\nfile = "DIR/k.sock"\n`
      writeFileSync(file, (reader('go') + writer('two') + server).replaceAll('DIR', folder))
      daemon.signal('SIGHUP')
      await eventually(() => existsSync(join(folder, 'wrote-two')), 'the second has written')
      writeFileSync(join(folder, 'go'), '')
      await eventually(() => kept(folder, 'm').length === 2, 'both were heard')
      expect(kept(folder, 'm')).toEqual(['one', 'two'])
      daemon.signal('SIGTERM')
      expect(await daemon.ended()).toMatchObject({ exitCode: 0 })
    },
  )

  test.skipIf(!isThere)('a reader that waits for the end of its input is stopped by that', async () => {
    const { folder, file } = write(`[programs.reader]
command = ["/bin/sh", "-c", "trap '' TERM; cat >> DIR/kept"]
startsecs = 0
timeout_kill = 0
[programs.writer]
command = ["/bin/sh", "-c", "trap 'echo m last; exit' TERM; echo m first; while :; do sleep 0.05; done"]
log_to = "reader"
startsecs = 0
`)
    const daemon = await startReady(file, { cwd: folder, env })
    await eventually(() => kept(folder, 'm').length === 1, 'the writer was heard')
    for (const words of [
      ['stop', 'reader'],
      ['start', 'writer'],
    ])
      expect(await kahi(['ctl', '-c', file, ...words], { cwd: folder })).toMatchObject({ exitCode: 0 })
    await eventually(() => kept(folder, 'm').length === 3, 'the writer was heard again')
    daemon.signal('SIGTERM')
    expect(await daemon.ended()).toMatchObject({ exitCode: 0 })
    expect(kept(folder, 'm')).toEqual(['first', 'last', 'first', 'last'])
    expect(daemon.output().match(/stopped: reader \([^)]*\)/g)).toEqual(
      Array(2).fill('stopped: reader (exit status 0)'),
    )
  })
})

test.skipIf(!hasHelper)('the pipe outlives the daemon process (needs the native helper)', async () => {
  const { folder, file } = write(`[programs.reader]
command = ["/bin/sh", "-c", "while read -r l; do echo $l >> DIR/kept; done"]
[programs.writer]
command = ["/bin/sh", "-c", "i=0; while [ ! -e DIR/enough ]; do i=$((i+1)); echo s $i; sleep 0.01; done; : > DIR/done; exec sleep 1000"]
log_to = "reader"
`)
  const daemon = startDaemon(['daemon', '-c', file, '--survive'], { cwd: folder })
  await daemon.line('kahi started with pid')
  await eventually(() => kept(folder, 's').length > 0, 'the writer was heard')
  const children = readFileSync(`/proc/${daemon.pid}/task/${daemon.pid}/children`, 'utf8').split(' ').filter(Boolean)
  const nodePid = children.find((pid) => readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === 'node')
  process.kill(Number(nodePid), 'SIGKILL')
  await daemon.line("re-adopted 'writer'")
  await kahi(['ctl', '-c', file, 'restart', 'reader'], { cwd: folder })
  writeFileSync(join(folder, 'enough'), '')
  await eventually(() => existsSync(join(folder, 'done')), 'everything is written')
  const all = () => kept(folder, 's').map(Number)
  await eventually(() => (all().at(-1) ?? 0) - all().length <= 1 && all().length > 3, 'everything was heard')
  daemon.signal('SIGTERM')
  expect(await daemon.ended()).toMatchObject({ exitCode: 0 })
})

test.each([
  ['log_to = "lok"', 'kahi.toml:6:1: error: "log_to" of [programs.a] names the unknown program "lok"'],
  ['log_to = "a"', 'Circular dependency: a → a'],
  ['log_to = "many"', '"many" has 2 processes, and only one can read'],
  [
    'stdio = "inherit"\nlog_to = "log"',
    'kahi.toml:6:1: error: [programs.a] cannot have stdio = "inherit": standard output goes to',
  ],
  ['stdio = "inherit"\nready = { log = "up" }', 'cannot have stdio = "inherit": `ready` would read its output'],
  ['stdio = "inherit"\nring_buffer = "1KB"', 'warning: ring_buffer has no effect in [programs.a]'],
  ['log_to = "log"\nstdout_logfile = "/tmp/x"', 'warning: stdout_logfile has no effect in [programs.a]'],
])('%s', async (line, message) => {
  const folder = scratch()
  const log = '[programs.log]\ncommand = "cat"\n[programs.a]\ncommand = "a"\n# what it says\n'
  const many = '\n[programs.many]\ncommand = "b"\nnumprocs = 2\nprocess_name = "%(process_num)s"\n'
  writeFileSync(join(folder, 'kahi.toml'), `${log}${line}${many}`)
  const { stdout, stderr } = await kahi(['check', 'kahi.toml'], { cwd: folder })
  expect(stdout + stderr).toContain(message)
})

test('an event listener neither writes nor reads', async () => {
  const folder = scratch()
  const listener = '[event_listeners.l]\ncommand = "l"\nevents = ["EVENT"]\nlog_to = "a"\n'
  writeFileSync(join(folder, 'kahi.toml'), `[programs.a]\ncommand = "a"\nlog_to = "l"\n${listener}`)
  const { stderr, exitCode } = await kahi(['check', 'kahi.toml'], { cwd: folder })
  expect(stderr).toContain('standard output of an event listener speaks its protocol')
  expect(stderr).toContain('standard input of l is something else')
  expect(exitCode).toBe(2)
})
