// kahi's s6-log and Debian's: the same script and input give the same output, files, modes and messages. Also the commands
// of s6-overlay that read the container's environment.

import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type Result, scratch } from '../../helpers/kahi.ts'
import { masked, noRealTools, ourCommands, runReal, runTool } from '../../helpers/s6-tools.ts'
import { eventually, LIMIT_MS } from '../../helpers/wait.ts'

if (noRealTools !== undefined) console.log(`the commands of s6 are not compared: ${noRealTools}`)

const LINES = `alpha one\nbeta two\n\ngamma ${'x'.repeat(300)}\nalpha last\n`
const MANY = Array.from({ length: 400 }, (_, index) => `${index} ${'y'.repeat(60)}\n`).join('')

/** What a logger left: names and modes of files; the lines of all archives and `current` in their order. */
function left(folder: string): unknown {
  const stampless = (text: string) =>
    text.replaceAll(/@[0-9a-f]{24}/g, '@').replaceAll(/[\d-]{10} [\d:]{8}\.\d{9}/g, 'T')
  const directories = readdirSync(folder, { recursive: true, withFileTypes: true })
  return directories
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort((a, b) => (a < b ? -1 : 1))
    .map((path) => [
      stampless(path.slice(folder.length)),
      (statSync(path).mode & 0o777).toString(8),
      stampless(readFileSync(path, 'utf8')),
    ])
}

async function expectSameLogs(
  script: readonly string[],
  input: string,
  prepare?: (folder: string) => void,
): Promise<unknown> {
  const results = []
  for (const run of [runReal, (words: readonly string[], how: object) => runTool(ourCommands(), words, how)]) {
    const folder = scratch()
    prepare?.(folder)
    const result: Result = await run(['s6-log', ...script], { cwd: folder, input })
    const shown = result.stdout.replaceAll(/@[0-9a-f]{24}/g, '@').replaceAll(/[\d-]{10} [\d:]{8}\.\d{9}/g, 'T')
    results.push({ ...(masked({ ...result, stdout: shown }) as object), left: left(folder) })
  }
  expect(results[1]).toEqual(results[0])
  return results[1]
}

describe.skipIf(noRealTools !== undefined)('s6-log', () => {
  test.each([
    [['1']],
    [['t', '1']],
    [['T', '1']],
    [['t', 'T', 'pname', '1', 'p', '1']],
    [['-', '+alpha', '1']],
    [['-alpha', '1']],
    [['-', '+^alpha', './alpha', 'f', './rest']],
    [['+alpha', '-two$', '1', 'f', './rest']],
    [['2']],
    [['E20', '2', 'E0', '2']],
    [['=status']],
    [['^20', '=status', '^0', '=other']],
    [['-l', '100', '1']],
    [['-b', '1', './log']],
    [['./log']],
    [['n3', 's4096', './log', 't', './stamped']],
    [['1', 'n20']],
    [['-q', '1', 'n20']],
    [['s4096', 'n2', '?tr a-z A-Z', './log']],
    [['./log', '+never', './empty']],
  ])('%j', async (script) => {
    await expectSameLogs(script, LINES)
  })

  test('a last line without newline is a line, where the real one may drop it', async () => {
    const { stdout } = await runTool(ourCommands(), ['s6-log', '1'], { input: 'one\ntwo' })
    expect(stdout).toBe('one\ntwo\n')
  })

  test('what a crash left is kept as such', async () => {
    for (const [name, mode] of [
      ['current', 0o644],
      ['current', 0o744],
      ['previous', 0o644],
      ['processed', 0o744],
    ] as const)
      await expectSameLogs(['./log'], 'new\n', (folder) => {
        mkdirSync(join(folder, 'log'))
        writeFileSync(join(folder, 'log', name), 'old\n')
        chmodSync(join(folder, 'log', name), mode)
      })
  })

  test.each([
    ['n3', 's4096'],
    ['n0', 's4096'],
    ['n100', 'S9000', 's4096'],
    ['n100', 's4096', 'l1000'],
  ])('files are rotated and removed: %s %s', async (...script) => {
    const folder = scratch()
    const { exitCode, stderr } = await runTool(ourCommands(), ['s6-log', ...script, './log'], {
      cwd: folder,
      input: MANY,
    })
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
    const archives = readdirSync(join(folder, 'log')).filter((name) => name.startsWith('@'))
    const parts = [...archives.sort(), 'current'].map((name) => readFileSync(join(folder, 'log', name), 'utf8'))
    expect(MANY.endsWith(parts.join(''))).toBe(true)
    for (const name of archives) expect(name).toMatch(/^@[0-9a-f]{24}\.s$/)
    for (const part of parts.slice(0, -1)) expect(part.length).toBeLessThan(4096 + 70)
    if (script.includes('n3')) expect(archives).toHaveLength(3)
    if (script.includes('n0')) expect(archives).toEqual([])
    if (script.includes('S9000')) expect(parts.slice(0, -1).join('').length).toBeLessThanOrEqual(9000)
    if (script.includes('l1000')) expect(parts.join('')).toBe(MANY)
  })

  test('a processor gets the archive and hands its state on; one that fails is tried again', async () => {
    const folder = scratch()
    const processor = '?test -e ok || { touch ok; exit 1; }; cat <&4 >&5; echo n >&5; sed s/y.*/z/'
    const script = ['n100', 's4096', 'r20', processor, './log']
    const { exitCode, stderr } = await runTool(ourCommands(), ['s6-log', ...script], { cwd: folder, input: MANY })
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: 's6-log: warning: processor failed in ./log\n' })
    const archives = readdirSync(join(folder, 'log')).filter((name) => name.startsWith('@'))
    expect(readFileSync(join(folder, 'log', archives.sort()[0] ?? ''), 'utf8')).toMatch(/^0 z\n1 z\n/)
    expect(readFileSync(join(folder, 'log/state'), 'utf8')).toBe('n\n'.repeat(archives.length))
  })

  test('signals: ALRM rotates, TERM reads the last line to its end, -p ignores TERM', async () => {
    const folder = scratch()
    const commands = ourCommands()
    const logger = execa(join(commands, 's6-log'), ['-d', '3', './log'], {
      cwd: folder,
      reject: false,
      stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
    })
    onTestFinished(() => void logger.kill('SIGKILL'))
    await new Promise((resolve) => logger.stdio[3]?.once('data', resolve))
    logger.stdin.write('first\n')
    await eventually(() => readFileSync(join(folder, 'log/current'), 'utf8') === 'first\n')
    logger.kill('SIGALRM')
    await eventually(() => readdirSync(join(folder, 'log')).some((name) => name.endsWith('.s')))
    const before = bytesRead(logger.pid)
    logger.stdin.write('begun')
    await eventually(() => bytesRead(logger.pid) === before + 'begun'.length, 'half a line was read')
    logger.kill('SIGTERM')
    logger.stdin.write(' and ended\nnot read\n')
    expect((await logger).exitCode).toBe(0)
    expect(readFileSync(join(folder, 'log/current'), 'utf8')).toBe('begun and ended\n')
    expect((statSync(join(folder, 'log/current')).mode & 0o777).toString(8)).toBe('744')
  })
})

/** Runs a script with /run of its own, in which a container environment lies. */
function inContainer(script: string): { stdout: string; stderr: string; status: number | null } {
  const commands = ourCommands()
  const prepared = `mount -t tmpfs none /run && mkdir -p /run/s6/container_environment && cd /run/s6/container_environment
    printf 'a b\\n' > ONE; printf 'x\\ny' > TWO; : > GONE; printf '/usr/bin:/bin:${commands}' > PATH; cd /tmp`
  return spawnSync('unshare', ['-m', 'sh', '-c', `${prepared}\n${script}`], {
    encoding: 'utf8',
    env: { PATH: `${commands}:${process.env.PATH ?? ''}`, GONE: 'was', OTHER: 'was' },
    timeout: LIMIT_MS,
  })
}

const noNamespaces = noRealTools ?? (inContainerWorks() ? undefined : 'no mount namespace can be made')
if (noNamespaces !== undefined) console.log(`with-contenv is not tested: ${noNamespaces}`)

function inContainerWorks(): boolean {
  return spawnSync('unshare', ['-m', 'sh', '-c', 'mount -t tmpfs none /run']).status === 0
}

describe.skipIf(noNamespaces !== undefined)('the environment of the container', () => {
  test.each([
    ['with-contenv sh -c \'echo "$ONE|$TWO|${GONE-none}|${OTHER-none}"\'', 'a b|x\ny|none|none\n'],
    ['printf new > /run/s6/container_environment/ONE; with-contenv printenv ONE', 'new\n'],
    ['S6_KEEP_ENV=1 with-contenv sh -c \'echo "${ONE-none}|$OTHER"\'', 'none|was\n'],
    ['S6_KEEP_ENV=0 with-contenv sh -c \'echo "$ONE"\'', 'a b\n'],
    ['printcontenv ONE; printcontenv NOTHING || echo no', 'a b\n\nno\n'],
    ['S6_KEEP_ENV=1 printcontenv OTHER', 'was\n'],
    ['printcontenv; echo $?', '100\n'],
  ])('%s', (script, expected) => {
    expect(inContainer(script)).toMatchObject({ stdout: expected })
  })

  test('logutil-service logs as nobody, as the container says', () => {
    const script = `mkdir /run/log && chown nobody /run/log && printf 'n5 T' > /run/s6/container_environment/S6_LOGGING_SCRIPT
      echo hello | logutil-service /run/log; cat /run/log/current; stat -c %U /run/log/current
      mkfifo -m 644 /run/fifo; (echo later > /run/fifo) & logutil-service -f /run/fifo /run/log; wait; tail -n1 /run/log/current`
    expect(inContainer(script).stdout).toMatch(/^\d{4}-.* {2}hello\nnobody\n.* {2}later\n$/)
  })
})

/** How many bytes a process has read so far. */
function bytesRead(pid: number | undefined): number {
  return Number(/^rchar: (\d+)/m.exec(readFileSync(`/proc/${pid}/io`, 'utf8'))?.[1])
}
