// How `kahi daemon` starts, and its messages when it cannot.

import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'

import { join } from 'node:path'

import { expect, test } from 'vitest'
import { hasHelper, kahi, kahiPath, scratch, startDaemon, startReady } from '../../helpers/kahi.ts'

import { isRoot, program, states, write } from './files.ts'

test('a pidfile that names another process is left alone', async () => {
  const directory = scratch()
  const pidfile = join(directory, 'pid')
  const daemon = await startReady(write(directory, '', `pidfile = "${pidfile}"`))
  writeFileSync(pidfile, '1\n')
  daemon.signal('SIGTERM')
  await daemon.ended()
  expect(readFileSync(pidfile, 'utf8')).toBe('1\n')
})

test('a pidfile that cannot be written is said, and the daemon runs', async () => {
  const directory = scratch()
  mkdirSync(join(directory, 'pid'))
  const daemon = await startReady(write(directory, '', `pidfile = "${directory}/pid"`))
  expect(daemon.output()).toContain(`could not write pidfile ${directory}/pid: EISDIR`)
})

test('a second daemon on the same socket is refused and starts nothing; the first keeps running', async () => {
  const directory = scratch()
  const file = write(directory, program('a', 'sleep 1000'))
  const daemon = await startReady(file)
  await daemon.line('spawned')
  const second = await kahi(['daemon', '-c', file])
  expect(second.stderr).toBe(`error: Another program is already listening on ${join(directory, 'k.sock')}\n`)
  expect(second.stdout).not.toContain('spawned')
  expect(second.exitCode).toBe(2)
  expect(Object.keys(await states(directory))).toEqual(['a'])
})

test('the socket of a daemon that was killed is replaced', async () => {
  const directory = scratch()
  const file = write(directory, '')
  const first = await startReady(file)
  first.signal('SIGKILL')
  await first.ended()
  expect(existsSync(join(directory, 'k.sock'))).toBe(true)
  const second = await startReady(file)
  expect(second.output()).toContain(`Unlinking stale socket ${join(directory, 'k.sock')}`)
  expect(await states(directory)).toEqual({})
})

test('a file at the path of the socket is not removed', async () => {
  const directory = scratch()
  writeFileSync(join(directory, 'k.sock'), 'precious')
  const { exitCode, stderr } = await kahi(['daemon', '-c', write(directory, program('a', 'sleep 1000'))])
  expect(stderr).toBe(`error: ${join(directory, 'k.sock')} is not a socket and is left alone; choose another path\n`)
  expect(exitCode).toBe(2)
  expect(readFileSync(join(directory, 'k.sock'), 'utf8')).toBe('precious')
})

test('a log that cannot be opened is named, exit 111', async () => {
  const directory = scratch()
  mkdirSync(join(directory, 'log'))
  const file = write(directory, program('a', 'sleep 1000'), `logfile = "${directory}/log"`)
  const { exitCode, stderr } = await kahi(['daemon', '-c', file])
  expect(stderr).toBe(`error: Cannot open the log file ${directory}/log: EISDIR\n`)
  expect(exitCode).toBe(111)
  expect(existsSync(join(directory, 'k.sock'))).toBe(false)
})

test.each([
  ['a missing file', undefined, 'there is no such file'],
  ['a key that does not exist', '[programs.a]\ncomand = "x"\n', 'did you mean "command"'],
  ['text that is no TOML', '[programs', 'Cannot read as TOML'],
])('%s: said with the place, exit 2, nothing opened', async (_sentence, text, message) => {
  const directory = scratch()
  const file = join(directory, 'x.toml')
  if (text !== undefined) writeFileSync(file, text)
  const { exitCode, stdout, stderr } = await kahi(['daemon', '-c', file], { cwd: directory })
  expect(stderr).toContain(message)
  expect(stderr).toContain(file)
  expect(stdout).toBe('')
  expect(exitCode).toBe(2)
})

test('without -c the file is searched; when there is none the places are named', async () => {
  const directory = scratch()
  const none = await kahi(['daemon'], { cwd: directory, env: { KAHI_CONFIG: '' } })
  const isFoundElsewhere = existsSync('/etc/kahi/kahi.toml') || existsSync('/etc/kahi.toml')
  if (!isFoundElsewhere) {
    expect(none.stderr).toContain('./kahi.toml, /etc/kahi/kahi.toml, /etc/kahi.toml')
    expect(none.exitCode).toBe(2)
  }
  write(directory, '')
  const daemon = startDaemon(['daemon'], { cwd: directory })
  await daemon.line('kahi started')
  const other = startDaemon(['daemon'], { cwd: '/', env: { KAHI_CONFIG: join(directory, 'kahi.toml') } })
  await other.line('Another program is already listening')
})

test.each([
  ['json', (line: string) => expect(JSON.parse(line)).toMatchObject({ level: 'info' })],
  ['text', (line: string) => expect(line).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} INFO kahi started/)],
  ['auto', (line: string) => expect(JSON.parse(line)).toMatchObject({ level: 'info' })],
])('--log-format %s', async (format, check) => {
  const daemon = startDaemon(['daemon', '--log-format', format, '-c', write(scratch(), '')])
  check(await daemon.line('kahi started'))
})

test('what the launcher took from the environment is handed back to programs, and nothing of ours stays', async () => {
  const directory = scratch()
  const daemon = startDaemon(
    ['daemon', '-c', write(directory, program('a', `sh -c 'env | grep -E "KAHI|NODE_EXTRA" ; echo end'`))],
    { env: { NODE_EXTRA_CA_CERTS: '/certificates' } },
  )
  await daemon.line(/"message":"end"/)
  expect(daemon.output().match(/(?<="message":")(?:KAHI|NODE_EXTRA)[^"]*/g)).toEqual([
    'NODE_EXTRA_CA_CERTS=/certificates',
  ])
})

test.skipIf(!isRoot)('as root, user = switches the daemon and its socket (needs root)', async () => {
  const directory = scratch()
  chmodSync(directory, 0o777)
  const daemon = await startReady(write(directory, program('a', 'sh -c "id -u; sleep 1000"'), 'user = "nobody"'))
  await daemon.line('Set uid to user 65534 succeeded')
  await daemon.line(/"message":"65534"/)
  expect(daemon.output()).not.toContain('running as root')
  daemon.signal('SIGTERM')
  expect((await daemon.ended()).exitCode).toBe(0)
  expect(existsSync(join(directory, 'k.sock'))).toBe(false)
})

test.skipIf(!hasHelper)(
  'more programs than the limit of open files has room for, each with that limit (needs the native helper)',
  async () => {
    const directory = scratch()
    const many = program('p', `/bin/sh -c 'echo files $(ulimit -Sn) %(process_num)d of; exec sleep 1000'`)
    const numbered = `${many}numprocs = 40\nprocess_name = "p%(process_num)d"\nstdout_logfile = "/dev/stdout"\n`
    const file = write(directory, numbered, 'minfds = 64')
    const limited = ['-c', 'ulimit -Sn 64; exec "$0" "$@"', kahiPath, 'daemon', '-c', file]
    const daemon = startDaemon(limited, { program: '/bin/sh' })
    await Promise.all(Array.from({ length: 40 }, (_, number) => daemon.line(`files 64 ${number} of`)))
    expect(Object.values(await states(directory))).toEqual(Array(40).fill('RUNNING'))
    daemon.signal('SIGTERM')
    expect(await daemon.ended()).toMatchObject({ exitCode: 0 })
  },
)
