// A configuration that is not a regular file, through dist/kahi. kahi reads a pipe once or refuses it, and never waits for it without
// end. A text that is too long is refused before it is in memory.

import { execFileSync, spawn } from 'node:child_process'
import { closeSync, constants, ftruncateSync, mkdirSync, openSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { kahi, kahiPath, scratch } from '../helpers/kahi.ts'

const PROGRAM = '[programs.a]\ncommand = "/bin/cat"\n'

function pipe(): string {
  const path = join(scratch(), 'kahi.toml')
  execFileSync('mkfifo', [path])
  return path
}

/** A sparse file of 2 GB, which needs no space on the disk. */
function huge(name: string): string {
  const path = join(scratch(), name)
  const fd = openSync(path, 'w')
  ftruncateSync(fd, 2 * 1024 ** 3)
  closeSync(fd)
  return path
}

test('a pipe without a writer is refused at once', async () => {
  const { exitCode, stderr } = await kahi(['check', pipe()])
  expect(exitCode).toBe(2)
  expect(stderr).toMatch(/it is a pipe, and no program writes to it; start the writer first/)
})

test('a pipe of a shell is read to its end, also when its writer takes its time', () => {
  const script = `"$0" check <(printf '[programs.a]\\n'; sleep 0.3; printf 'command = "/bin/cat"\\n')`
  expect(execFileSync('bash', ['-c', script, kahiPath], { encoding: 'utf8' })).toContain('is valid: 1 process (a)')
})

test('a writer that never ends is given up, whatever it writes meanwhile', async () => {
  const path = pipe()
  const writer = spawn('bash', ['-c', 'while echo "#" >&3; do sleep 0.05; done 3<>"$0"', path], { stdio: 'ignore' })
  try {
    const { exitCode, stderr } = await kahi(['check', path])
    expect(exitCode).toBe(2)
    expect(stderr).toMatch(/it is a pipe, and its writer has not ended after 10 seconds/)
  } finally {
    writer.kill()
  }
})

test('a file that is too long is refused without being read whole: as TOML, INI, script of s6, standard input', async () => {
  const tooLong = /it is longer than 16 MB/
  for (const name of ['kahi.toml', 'supervisord.conf']) {
    const { exitCode, stderr } = await kahi(['check', huge(name)])
    expect([exitCode, stderr]).toEqual([2, expect.stringMatching(tooLong)])
  }
  const tree = join(scratch(), 's6-rc.d')
  mkdirSync(join(tree, 'web'), { recursive: true })
  writeFileSync(join(tree, 'web', 'type'), 'longrun\n')
  execFileSync('mv', [huge('run'), join(tree, 'web', 'run')])
  const ofTree = await kahi(['migrate', tree])
  expect([ofTree.exitCode, ofTree.stderr]).toEqual([2, expect.stringMatching(tooLong)])
  const script = `head -c 17000000 /dev/zero | "$0" migrate -; echo "exit code $?"`
  const said = execFileSync('bash', ['-c', `(${script}) 2>&1`, kahiPath], { encoding: 'utf8' })
  expect(said).toMatch(tooLong)
  expect(said).toMatch(/exit code 2/)
})

test('a device is refused', async () => {
  const { exitCode, stderr } = await kahi(['check', '/dev/zero'])
  expect([exitCode, stderr]).toEqual([2, expect.stringMatching(/Cannot read \/dev\/zero: it is a device/)])
})

/** The reason why kahi could not open the log of the kernel. A reader of this log waits for the next message of the kernel. */
function cannotOpenLog(): string | undefined {
  try {
    closeSync(openSync('/proc/kmsg', constants.O_RDONLY | constants.O_NONBLOCK))
    return undefined
  } catch (error) {
    return String(error)
  }
}

const noLog = cannotOpenLog()
if (noLog !== undefined) console.warn(`a file of the kernel that waits is not tested: ${noLog}`)

test.skipIf(noLog !== undefined)('a file of the kernel that waits for more is refused', async () => {
  const { exitCode, stderr } = await kahi(['check', '/proc/kmsg'])
  const refusal = 'Cannot read /proc/kmsg: it is a file of the kernel that waits for more'
  expect([exitCode, stderr]).toEqual([2, expect.stringContaining(refusal)])
})

test('standard input is a configuration of its own', () => {
  const script = `printf '%s' "$1" | "$0" migrate - 2>/dev/null`
  const conf = '[program:a]\ncommand=/bin/cat\n'
  expect(execFileSync('bash', ['-c', script, kahiPath, conf], { encoding: 'utf8' })).toContain(PROGRAM.split('\n')[0])
})

test('250,000 lines of comments and blanks are converted', async () => {
  const conf = join(scratch(), 'supervisord.conf')
  writeFileSync(conf, `[program:a]\ncommand=/bin/cat\n${';m\n'.repeat(125_000)}${'\n'.repeat(125_000)}`)
  const { exitCode, stdout } = await kahi(['migrate', conf, '--no-advice'])
  expect([exitCode, stdout.match(/^# ?m$/gm)?.length]).toEqual([0, 125_000])
})

test('a pattern that leads in circles is refused after some thousand directories', async () => {
  const folder = scratch()
  for (const name of ['a', 'b', 'c']) symlinkSync('.', join(folder, name))
  const pattern = join(folder, '*/'.repeat(50), 'x')
  writeFileSync(join(folder, 's.conf'), `[include]\nfiles=${pattern}\n[program:a]\ncommand=/bin/cat\n`)
  writeFileSync(join(folder, 'k.toml'), `include = ["${pattern}"]\n${PROGRAM}`)
  for (const name of ['s.conf', 'k.toml']) {
    const { exitCode, stderr } = await kahi(['check', join(folder, name)])
    expect([exitCode, stderr]).toEqual([
      2,
      expect.stringContaining('would have to look into more than 10000 directories'),
    ])
  }
})
