// The daemon process is killed again and again while programs write: their logs have each line once (decision 25).

import { execFileSync, spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { type Daemon, hasHelper, kahi, scratch, startDaemon } from '../helpers/kahi.ts'
import { below, commandOf } from '../helpers/processes.ts'
import { hasPython } from '../helpers/python.ts'
import { eventually } from '../helpers/wait.ts'

/** After five daemon processes that each died within ten seconds, the helper would exit. */
const KILLS = 4
/**
 * A command, as words in TOML, that writes numbered lines, with a short break after each block: a reader on a busy machine does
 * not fall behind by 1 MiB. It has one writer, so nothing is written after the end of its process.
 */
function writer(name: string, block: number): string {
  const text = name === '' ? 'i' : `"${name} " i`
  const program = `BEGIN { for (i = 1; ; i++) { print ${text}; if (i %% ${block} == 0) system("sleep 0.005") } }`
  return JSON.stringify(['awk', program])
}

/** Without a format kahi writes so fast that the test would read gigabytes: the flood has short breaks. */
const FLOOD = writer('', 9000)
const SLOW = 'i=0; while :; do i=$((i+1)); echo $i; echo $i >&2; sleep 0.002; done'

/** The numbers of a log and all its rotated files, oldest first. */
function numbers(folder: string, name: string): readonly number[] {
  const age = (file: string) => Number(/\.(\d+)$/.exec(file)?.[1] ?? 0)
  const files = readdirSync(folder).filter((file) => file.startsWith(name))
  const texts = files.sort((a, b) => age(b) - age(a)).map((file) => readFileSync(join(folder, file), 'utf8'))
  return texts
    .join('')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => Number(/(\d+)("\}| ?)$/.exec(line)?.[1] ?? Number.NaN))
}

/** The places where a log is not 1, 2, 3 …; the last line may be incomplete because its writer was killed. */
function faults(found: readonly number[]): readonly string[] {
  const places = found.slice(0, -1).flatMap((number, index) => (number === index + 1 ? [] : [index]))
  return places.slice(0, 3).map((index) => `after ${found[index - 1]} comes ${found[index]}`)
}

async function crash(daemon: Daemon): Promise<void> {
  const starts = () => daemon.output().split('kahi started with pid').length
  const before = starts()
  const node = below(daemon.pid).find((pid) => commandOf(pid) === 'node')
  process.kill(node ?? Number.NaN, 'SIGKILL')
  await eventually(() => starts() > before, 'another daemon process has started')
}

/** Starts this configuration, kills the daemon process while `size` grows, and stops everything. */
async function killOften(
  { folder, programs, env }: { folder: string; programs: string; env?: Readonly<Record<string, string>> },
  size: (daemon: Daemon) => number,
): Promise<Daemon> {
  const file = join(folder, 'kahi.toml')
  writeFileSync(file, `[supervisor]\n[server.unix]\nfile = "${folder}/k.sock"\n${programs}`)
  const daemon = startDaemon(['daemon', '-c', file, '--survive'], { cwd: folder, ...(env && { env }) })
  await daemon.line('kahi started with pid')
  for (let round = 0; round <= KILLS; round++) {
    const before = size(daemon)
    await eventually(() => size(daemon) > before + 500 * round, 'it writes on')
    if (round < KILLS) await crash(daemon)
  }
  expect(await kahi(['ctl', '-c', file, 'stop', 'all'], { cwd: folder })).toMatchObject({ exitCode: 0, stderr: '' })
  daemon.signal('SIGTERM')
  expect(await daemon.ended()).toMatchObject({ exitCode: 0 })
  return daemon
}

const sizeOf = (path: string): number => (existsSync(path) ? statSync(path).size : 0)

test.skipIf(!hasHelper).each(['raw', 'prefix', 'json', 'channel'])(
  `${KILLS} kills lose and double no line with log_format = %s (needs the native helper)`,
  async (format) => {
    const folder = scratch()
    const programs = `
[programs.flood]
command = ${FLOOD}
log_format = "${format}"
stdout_logfile = "${folder}/flood.log"
stdout_logfile_maxbytes = "5MB"
stdout_logfile_backups = 1000
[programs.slow]
command = ["/bin/sh", "-c", "${SLOW}"]
log_format = "${format}"
stdout_logfile = "${folder}/slow.log"
stderr_logfile = "${folder}/err.log"
`
    await killOften({ folder, programs }, () => sizeOf(join(folder, 'slow.log')))
    for (const name of ['flood.log', 'slow.log', 'err.log']) {
      const found = numbers(folder, name)
      expect({ name, faults: faults(found) }).toEqual({ name, faults: [] })
      expect(found.length).toBeGreaterThan(100)
    }
  },
)

/** The numbers after a name, in their order. */
const after = (text: string, pattern: RegExp): readonly number[] =>
  [...text.matchAll(pattern)].map(([, number]) => Number(number))

test.skipIf(!hasHelper)(
  `${KILLS} kills lose and double no line on standard output (needs the native helper)`,
  async () => {
    const programs = ['raw', 'prefix']
      .map(
        (format) => `
[programs.${format}]
command = ${writer(`out-${format}`, 40)}
log_format = "${format}"
stdout_logfile = "/dev/stdout"
redirect_stderr = true`,
      )
      .join('\n')
    const daemon = await killOften({ folder: scratch(), programs }, (one) => one.output().length)
    const text = daemon.output()
    for (const pattern of [/^out-raw (\d+)$/gm, /^\S+ \S+ \[prefix\] out-prefix (\d+)$/gm]) {
      const found = after(text, pattern)
      expect(faults(found)).toEqual([])
      expect(found.length).toBeGreaterThan(100)
    }
    expect(
      text.split('\n').filter((line) => !/^(out-raw|\S+ \S+ \[prefix\] out-prefix) \d+$|^\{|^kahi-shim: /.test(line)),
    ).toEqual([])
    expect(text).not.toContain('bytes were dropped')
  },
)

/** The places of missing numbers, and how often a number comes twice. */
function lostAndAgain(found: readonly number[]): { readonly lost: number; readonly again: number } {
  const steps = found.slice(1).map((number, index) => number - (found[index] ?? 0))
  return { lost: steps.filter((step) => step > 1).length, again: steps.filter((step) => step < 1).length }
}

/** Collects the output of a command until the test has finished. */
function collect(command: string, args: readonly string[]): () => string {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const chunks: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
  return () => Buffer.concat(chunks).toString()
}

const RECEIVE = `import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22); s.bind(sys.argv[1])
while True: sys.stdout.write(s.recv(65536).decode() + '\\n'); sys.stdout.flush()`

test.skipIf(!hasHelper || !hasPython)(
  `${KILLS} kills lose no line in a FIFO, in syslog and around captures (needs the native helper, and Python for syslog)`,
  async () => {
    const folder = scratch()
    execFileSync('mkfifo', [join(folder, 'fifo')])
    const socket = join(folder, 'log')
    const messages = collect('/usr/bin/python3', ['-c', RECEIVE, socket])
    const fifo = collect('/bin/sh', ['-c', `exec cat 0<>${folder}/fifo`])
    await eventually(() => existsSync(socket))
    const capture = `i=0; while :; do i=$((i+1)); echo n $i; printf '<!--XSUPERVISOR:BEGIN-->c%%s<!--XSUPERVISOR:END-->' $i; sleep 0.002; done`
    const programs = `
[programs.fifo]
command = ${writer('n', 40)}
stdout_logfile = "${folder}/fifo"
[programs.sys]
command = ${writer('n', 2)}
stdout_logfile = "syslog"
[programs.capture]
command = ["/bin/sh", "-c", "${capture}"]
stdout_logfile = "${folder}/capture.log"
stdout_capture_maxbytes = "1KB"
`
    await killOften({ folder, programs, env: { KAHI_SYSLOG: socket } }, () => sizeOf(join(folder, 'capture.log')))
    const capturedText = readFileSync(join(folder, 'capture.log'), 'utf8')
    expect(faults(after(capturedText, /n (\d+)/g))).toEqual([])
    expect(capturedText).not.toMatch(/c\d|XSUPERVISOR/)
    for (const [name, text] of [
      ['fifo', fifo()],
      ['syslog', messages()],
    ] as const) {
      const found = after(text, /n (\d+)$/gm)
      const { lost, again } = lostAndAgain(found)
      expect({ name, lost, first: found[0] }).toEqual({ name, lost: 0, first: 1 })
      expect(again).toBeLessThanOrEqual(KILLS)
      expect(found.length).toBeGreaterThan(100)
    }
  },
)
