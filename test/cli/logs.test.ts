// The output of programs, through dist/kahi: formats, captures, syslog, floods of output, and errors that must stop neither the
// daemon nor a program.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, closeSync, existsSync, mkdirSync, openSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { describe, expect, onTestFinished, test } from 'vitest'
import { hasHelper, kahi, kahiPath, scratch, startDaemon } from '../helpers/kahi.ts'
import { hasPython } from '../helpers/python.ts'
import { eventually } from '../helpers/wait.ts'

/** A folder with kahi.toml; `DIR` in it is the folder. A program `p` runs the script with sh, once. */
function setUp(script: string, keys = '', supervisor = '') {
  const folder = scratch()
  const program = `[programs.p]\ncommand = ["/bin/sh", "DIR/script"]\nstartsecs = 0\nautorestart = false\n${keys}\n`
  const file = join(folder, 'kahi.toml')
  writeFileSync(join(folder, 'script'), script.replaceAll('DIR', folder))
  writeFileSync(
    file,
    `[supervisor]\n${supervisor}\n[server.unix]\nfile = "DIR/k.sock"\n${program}`.replaceAll('DIR', folder),
  )
  const start = (env: Record<string, string> = {}) => startDaemon(['daemon', '-c', file], { cwd: folder, env })
  const log = () => readFileSync(join(folder, 'p.log'))
  return { folder, file, start, log, ctl: (...args: string[]) => kahi(['ctl', '-c', file, ...args], { cwd: folder }) }
}

const TO_FILE = 'stdout_logfile = "DIR/p.log"'

async function runToEnd(set: ReturnType<typeof setUp>) {
  const daemon = set.start()
  await daemon.line('exited: p (exit status 0')
  daemon.signal('SIGTERM')
  expect(await daemon.ended()).toMatchObject({ exitCode: 0 })
  return daemon
}

describe('formats', () => {
  test('raw: every byte as it is, NUL and invalid UTF-8 too', async () => {
    const set = setUp(String.raw`printf 'a\000b\377\n\303'`, TO_FILE)
    await runToEnd(set)
    expect([...set.log()]).toEqual([97, 0, 98, 255, 10, 195])
  })

  test('prefix: whole lines, the last one ended, bytes kept', async () => {
    const set = setUp(String.raw`printf 'on'; printf 'e\n\nx\000\377'`, `${TO_FILE}\nlog_format = "prefix"`)
    await runToEnd(set)
    const lines = set.log().toString('latin1').split('\n')
    expect(lines.map((line) => line.replace(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} /, ''))).toEqual([
      '[p] one',
      '[p] ',
      '[p] x\0\xff',
      '',
    ])
  })

  test('json: an object for each line, replacement characters for what is no text', async () => {
    const set = setUp(
      String.raw`printf '"q"\tä\n\000\377\n' ; echo err >&2`,
      `${TO_FILE}\nredirect_stderr = true\nlog_format = "json"`,
    )
    await runToEnd(set)
    const lines = set.log().toString().trimEnd().split('\n')
    const objects = lines.map((line) => JSON.parse(line) as Record<string, unknown>)
    expect(objects.map(({ message }) => message)).toEqual(['"q"\tä', '\0\ufffd', 'err'])
    expect(objects[0]).toMatchObject({ program: 'p', stream: 'stdout' })
    expect(objects[0]?.time).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/)
  })

  test('a line of 100 MB leaves in pieces that say so', async () => {
    const set = setUp(
      `head -c 104857600 /dev/zero | tr '\\0' x; echo; echo next`,
      `${TO_FILE}\nstdout_logfile_maxbytes = 0\nlog_format = "prefix"`,
    )
    await runToEnd(set)
    const lines = set.log().toString('latin1').trimEnd().split('\n')
    const bodies = lines.map((line) => line.slice(line.indexOf('[p] ') + 4))
    expect(bodies.at(-1)).toBe('next')
    const pieces = bodies.slice(0, -1)
    expect(pieces.slice(0, -1).every((piece) => piece.endsWith(' [line continues]'))).toBe(true)
    expect(pieces.map((piece) => piece.replace(' [line continues]', '').length).reduce((a, b) => a + b)).toBe(104857600)
  })
})

describe('captures', () => {
  test('what stands between the tokens is an event and not in the log; what is not ended is', async () => {
    const set = setUp(
      String.raw`printf 'a<!--XSUPERV'; printf 'ISOR:BEGIN-->secret<!--XSUPERVISOR:END-->b<!--x'
printf '<!--XSUPERVISOR:BEGIN-->open'`,
      `${TO_FILE}\nstdout_capture_maxbytes = "1KB"`,
      'log_level = "debug"\nlog_format = "text"',
    )
    const daemon = await runToEnd(set)
    expect(set.log().toString()).toBe('ab<!--xopen')
    await daemon.line("DEBG 'p' stdout emitted a comm event")
  })
})

/** Receives datagrams at a path and prints each as a line of JSON. */
async function syslogDaemon(path: string): Promise<{ messages: string[]; process: ChildProcess }> {
  const code = `import socket, json, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); s.bind(sys.argv[1]); print('"ready"', flush=True)
while True: print(json.dumps(s.recv(65536).decode()), flush=True)`
  const child = spawn('/usr/bin/python3', ['-c', code, path], { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const messages: string[] = []
  let rest = ''
  child.stdout.on('data', (chunk: Buffer) => {
    const parts = (rest + chunk.toString()).split('\n')
    rest = parts.pop() ?? ''
    messages.push(...parts.map((part) => JSON.parse(part) as string))
  })
  await once(child.stdout, 'data')
  return { messages, process: child }
}

describe.skipIf(!hasPython || !hasHelper)('syslog (needs Python to receive it, and the native helper)', () => {
  test('one message a line, of the programs and of the daemon', async () => {
    const set = setUp('echo one; echo; echo two; printf three', 'stdout_logfile = "syslog"', 'logfile = "syslog"')
    const path = join(set.folder, 'log')
    const { messages } = await syslogDaemon(path)
    const daemon = set.start({ KAHI_SYSLOG: path })
    await daemon.line('exited: p (exit status 0')
    await eventually(() => messages.some((message) => message.endsWith('kahi: p three')), 'the last line')
    const bodies = messages.filter((message) => message.includes('kahi: p ')).map((text) => text.split('kahi: p ')[1])
    expect(bodies).toEqual(['one', '', 'two', 'three'])
    expect(messages.find((message) => message.includes('p one'))).toMatch(
      /^<14>[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d kahi: /,
    )
    await eventually(() => messages.some((message) => message.includes('INFO exited: p')), "the daemon's own log")
    daemon.signal('SIGTERM')
    expect(await daemon.ended()).toMatchObject({ exitCode: 0 })
  })

  test('without a syslog daemon lines are dropped, and that is said once', async () => {
    const set = setUp('for i in 1 2 3 4 5 6 7 8 9; do echo $i; done', 'stdout_syslog = true')
    const daemon = set.start({ KAHI_SYSLOG: join(set.folder, 'nobody') })
    await daemon.line('cannot send to syslog: ENOENT; lines for it are dropped')
    await daemon.line(/"message":"9"/)
    daemon.signal('SIGTERM')
    expect(await daemon.ended()).toMatchObject({ exitCode: 0 })
    expect(daemon.output().match(/cannot send to syslog/g)).toHaveLength(1)
  })
})

describe('floods', () => {
  test('the control socket and the other programs are heard meanwhile, and every byte arrives', async () => {
    const other = '[programs.other]\ncommand = ["/bin/sh", "-c", "while :; do echo tick; sleep 0.1; done"]'
    const set = setUp(
      'touch DIR/begun; head -c 1073741824 /dev/zero; echo; echo done >&2',
      `${TO_FILE}\nstdout_logfile_maxbytes = 0\n${other}`,
    )
    const daemon = set.start()
    await eventually(() => existsSync(join(set.folder, 'begun')), 'the flood')
    expect((await set.ctl('status')).stdout).toMatch(/^other +/m)
    await daemon.line('tick')
    await daemon.line(/"message":"done"/)
    await daemon.line('exited: p (exit status 0')
    expect(statSync(join(set.folder, 'p.log')).size).toBe(1073741825)
    daemon.signal('SIGTERM')
    expect(await daemon.ended()).toMatchObject({ exitCode: 0 })
  })
})

const canMount = spawnSync('unshare', ['-m', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt']).status === 0

describe('trouble', () => {
  test.skipIf(!canMount)('a full disk costs output that is counted (needs root and mount namespaces)', async () => {
    const set = setUp(
      `trap 'rm DIR/sub/filler; echo room again' USR1
head -c 300000 /dev/zero; echo full >&2
while :; do sleep 0.1; done`,
      'stdout_logfile = "DIR/sub/p.log"',
    )
    mkdirSync(join(set.folder, 'sub'))
    const runner = join(set.folder, 'run')
    writeFileSync(
      runner,
      `#!/bin/sh
mount -t tmpfs -o size=200k tmpfs ${set.folder}/sub && head -c 100000 /dev/zero >${set.folder}/sub/filler
exec ${kahiPath} daemon -c ${set.file}`,
    )
    chmodSync(runner, 0o755)
    const daemon = startDaemon(['-m', runner], { program: 'unshare', cwd: set.folder })
    await daemon.line('cannot write to')
    await daemon.line(/"message":"full"/)
    expect(daemon.output()).toMatch(/p stdout: cannot write to .*p\.log: ENOSPC; output is dropped/)
    await set.ctl('signal', 'USR1', 'p')
    await daemon.line(/p\.log can be written again; \d+ bytes were dropped/)
    expect((await set.ctl('status')).stdout).toMatch(/^p +RUNNING/m)
    daemon.signal('SIGTERM')
    expect(await daemon.ended()).toMatchObject({ exitCode: 0 })
  })

  test.each([
    ['slow', 'sleep 1000'],
    ['dead', 'true'],
  ])('a %s reader of standard output stops neither the daemon nor the program', async (kind, reader) => {
    const set = setUp('head -c 5000000 /dev/zero; echo done >DIR/done; exec sleep 1000', '', 'logfile = "DIR/k.log"')
    const fifo = join(set.folder, 'out')
    spawnSync('mkfifo', [fifo])
    const read = spawn('/bin/sh', ['-c', `exec 0<${fifo}; echo open; exec ${reader}`], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    onTestFinished(() => void read.kill('SIGKILL'))
    const out = openSync(fifo, 'w')
    const child = spawn(kahiPath, ['daemon', '-c', set.file], { stdio: ['ignore', out, 'inherit'] })
    closeSync(out)
    onTestFinished(() => void child.kill('SIGKILL'))
    const log = join(set.folder, 'k.log')
    await eventually(() => existsSync(join(set.folder, 'done')), 'the program has written everything')
    expect((await set.ctl('status')).stdout).toMatch(/^p +RUNNING/m)
    if (kind === 'dead') {
      const text = 'standard output cannot be written any more: EPIPE; output to it is dropped'
      await eventually(() => readFileSync(log, 'utf8').includes(text), 'the log says so')
    }
    child.kill('SIGTERM')
    expect(await once(child, 'exit')).toEqual([0, null])
  })
})

test('a compression that a crash cut off is done again at the next start, and its half is removed', async () => {
  const set = setUp('sleep 1000', `${TO_FILE}\nstdout_logfile_compress = true`)
  const [old, half] = [join(set.folder, 'p.log.2'), join(set.folder, 'p.log.gz.tmp')]
  writeFileSync(old, 'old '.repeat(1000))
  writeFileSync(half, gzipSync('old '.repeat(1000)).subarray(0, 20))
  const daemon = set.start()
  await eventually(() => existsSync(`${old}.gz`) && !existsSync(old) && !existsSync(half), 'it is compressed')
  expect(gunzipSync(readFileSync(`${old}.gz`)).toString()).toBe('old '.repeat(1000))
  daemon.signal('SIGTERM')
  await daemon.ended()
  writeFileSync(half, 'x')
  set.start()
  await eventually(() => !existsSync(half), 'it is removed, though there is nothing to compress')
})
