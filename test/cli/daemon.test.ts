// `kahi daemon` from outside: how it starts, reloads, ends, and what it says when it cannot start.

import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { hasHelper, kahi, kahiPath, scratch, startDaemon, startReady } from '../helpers/kahi.ts'
import { processState } from '../helpers/processes.ts'
import { eventually } from '../helpers/wait.ts'

const isRoot = process.getuid?.() === 0
const ignoreTerm = `sh -c 'trap "" TERM; echo armed; while :; do sleep 1; done'`

/** Writes a kahi.toml with a socket beside it; gives its path. */
function write(directory: string, programs: string, supervisor = ''): string {
  const file = join(directory, 'kahi.toml')
  const server = `[server.unix]\nfile = "${join(directory, 'k.sock')}"`
  writeFileSync(file, `[supervisor]\n${supervisor}\n${server}\n${programs}\n`)
  return file
}

function program(name: string, command: string, more = ''): string {
  return `[programs.${name}]\ncommand = '''${command}'''\nstartsecs = 0\n${more}\n`
}

async function states(directory: string): Promise<Record<string, string>> {
  const { stdout } = await kahi(['ctl', '-s', join(directory, 'k.sock'), 'status', '--json'])
  const list: { name: string; state: string }[] = JSON.parse(stdout)
  return Object.fromEntries(list.map(({ name, state }) => [name, state]))
}

/** POST over the unix socket; the answer's body. */
function postTo(socketPath: string, path: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ socketPath, path, method: 'POST', agent: false }, (response) => {
      text(response).then((body) => resolve(JSON.parse(body)), reject)
    })
    outgoing.once('error', reject)
    outgoing.end()
  })
}

test.each(['SIGTERM', 'SIGINT', 'SIGQUIT'] as const)(
  '%s ends everything in order and leaves nothing',
  async (signal) => {
    const directory = scratch()
    const pidfile = join(directory, 'pid')
    const daemon = await startReady(write(directory, program('a', 'sleep 1000'), `pidfile = "${pidfile}"`))
    const pid = Number(/pid (\d+)/.exec(await daemon.line("spawned: 'a'"))?.[1])
    expect(readFileSync(pidfile, 'utf8')).toBe(`${daemon.pid}\n`)
    daemon.signal(signal)
    const { exitCode, stdout } = await daemon.ended()
    expect(stdout).toContain(`received ${signal} indicating exit request`)
    expect(stdout).toContain('stopped: a (terminated by SIGTERM)')
    expect(exitCode).toBe(0)
    expect([processState(pid), existsSync(pidfile), existsSync(join(directory, 'k.sock'))]).toEqual([
      undefined,
      false,
      false,
    ])
  },
)

test('restart waits for a process that is stopping already', async () => {
  const directory = scratch()
  const slow = `/bin/sh -c 'trap "sleep 1; exit 0" TERM; echo armed; while :; do sleep 0.1; done'`
  const daemon = await startReady(write(directory, program('a', slow)))
  await daemon.line('armed')
  const socket = join(directory, 'k.sock')
  const post = (verb: string) => postTo(socket, `/api/v1/processes/a/${verb}`)
  expect(await post('stop?wait=false')).toMatchObject({ status: 'stopped' })
  expect(await post('restart?wait=true')).toMatchObject({ status: 'restarted' })
})

test('a second signal kills what does not end', async () => {
  const directory = scratch()
  const daemon = await startReady(write(directory, program('a', ignoreTerm, 'stopwaitsecs = 3600')))
  await daemon.line('armed')
  daemon.signal('SIGTERM')
  await daemon.line('waiting for a to die')
  daemon.signal('SIGINT')
  const { exitCode, stdout } = await daemon.ended()
  expect(stdout).toContain('stopped: a (terminated by SIGKILL)')
  expect(exitCode).toBe(0)
})

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

test('SIGHUP applies what changed and leaves the rest alone; an invalid file changes nothing', async () => {
  const directory = scratch()
  const keep = program('keep', 'sleep 1000')
  const file = write(directory, keep + program('gone', 'sleep 1000') + program('changed', 'sleep 1000'))
  const daemon = await startReady(file)
  const pid = /pid (\d+)/.exec(await daemon.line("spawned: 'keep'"))?.[1]
  writeFileSync(file, 'nonsense')
  daemon.signal('SIGHUP')
  await daemon.line('the new configuration is invalid; the old one stays in force')
  expect(await states(directory)).toEqual({ changed: 'RUNNING', gone: 'RUNNING', keep: 'RUNNING' })
  write(directory, keep + program('changed', 'sleep 1001') + program('fresh', 'sleep 1000'))
  daemon.signal('SIGHUP')
  await daemon.line('reloaded the configuration; 1 groups unchanged')
  const output = daemon.output()
  for (const line of ['removed: gone', 'changed: changed (command)', 'added: fresh']) expect(output).toContain(line)
  await daemon.line("spawned: 'fresh'")
  const after = await kahi(['ctl', '-c', file, 'pid', 'keep'])
  expect(after.stdout).toBe(`${pid}\n`)
  expect(await states(directory)).toEqual({ changed: 'RUNNING', fresh: 'RUNNING', keep: 'RUNNING' })
})

test('a file that has become empty changes nothing; one that was empty before may stay so', async () => {
  const directory = scratch()
  const file = write(directory, program('keep', 'sleep 1000'))
  const daemon = await startReady(file)
  writeFileSync(file, '# written anew\n\n')
  daemon.signal('SIGHUP')
  await daemon.line('The file has no tables any more; applying it would end all programs')
  await daemon.line('the new configuration is invalid; the old one stays in force')
  const socket = join(directory, 'k.sock')
  const apply = await kahi(['ctl', '-s', socket, 'apply'])
  expect(apply.exitCode).not.toBe(0)
  expect(apply.stdout + apply.stderr).toContain(`${file}:1:1: error: The file has no tables any more`)
  expect((await kahi(['ctl', '-s', socket, 'status', 'keep'])).stdout).toContain('RUNNING')
  const empty = join(directory, 'empty.toml')
  writeFileSync(empty, '')
  const idle = startDaemon(['daemon', '-c', empty], {
    cwd: directory,
    env: { KAHI_SOCKET: join(directory, 'idle.sock') },
  })
  await idle.line('kahi started with pid')
  idle.signal('SIGHUP')
  await idle.line('reloaded the configuration; 0 groups unchanged')
})

test('servers that change are said to need a restart', async () => {
  const directory = scratch()
  const file = write(directory, '')
  const daemon = await startReady(file)
  writeFileSync(file, `[server.unix]\nfile = "${directory}/other.sock"\n`)
  daemon.signal('SIGHUP')
  await daemon.line('servers changed: restart kahi to apply that')
})

test('SIGUSR2 opens the logs anew', async () => {
  const directory = scratch()
  const log = join(directory, 'kahi.log')
  const out = join(directory, 'a.log')
  const settings = `stdout_logfile = "${out}"\nautostart = true`
  const daemon = await startReady(
    write(directory, program('a', `sh -c 'echo one; read x; echo two'`, settings), `logfile = "${log}"`),
  )
  await daemon.line("spawned: 'a'")
  renameSync(log, `${log}.old`)
  renameSync(out, `${out}.old`)
  daemon.signal('SIGUSR2')
  await daemon.line('received SIGUSR2 indicating log reopen request')
  await kahi(['ctl', '-s', join(directory, 'k.sock'), 'restart', 'a'])
  expect(readFileSync(log, 'utf8')).toContain("spawned: 'a'")
  expect(existsSync(out)).toBe(true)
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
  await daemon.line(/^end$/)
  const lines = daemon.output().split('\n')
  expect(lines.filter((line) => /^(?:KAHI|NODE_EXTRA)/.test(line))).toEqual(['NODE_EXTRA_CA_CERTS=/certificates'])
})

test.each(['ctl stop', 'SIGTERM'])(
  'restart = "s6": a process that is stopped by SIGSTOP hears the stop signal, after %s',
  async (how) => {
    const directory = scratch()
    const script = `sh -c 'trap "echo heard; exit 0" TERM; echo up; while :; do sleep 0.1; done'`
    const file = write(directory, program('a', script, 'restart = "s6"\nautorestart = true\ntimeout_kill = 0'))
    const daemon = await startReady(file)
    await daemon.line(/^up$/)
    const pid = Number((await kahi(['ctl', '-c', file, 'pid', 'a'])).stdout)
    process.kill(pid, 'SIGSTOP')
    await eventually(() => processState(pid) === 'T', 'it is stopped')
    if (how === 'SIGTERM') daemon.signal(how)
    else expect((await kahi(['ctl', '-c', file, 'stop', 'a'])).stdout).toBe('a: stopped\n')
    await daemon.line(/^heard$/)
    await daemon.line('stopped: a (exit status 0)')
  },
)

test.skipIf(!isRoot)('as root, user = switches the daemon and its socket (needs root)', async () => {
  const directory = scratch()
  chmodSync(directory, 0o777)
  const daemon = await startReady(write(directory, program('a', 'sh -c "id -u; sleep 1000"'), 'user = "nobody"'))
  await daemon.line('Set uid to user 65534 succeeded')
  await daemon.line(/^65534$/)
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

test('a tree of s6-rc is converted each time it is read', async () => {
  const directory = scratch()
  const tree = join(directory, 's6-rc.d')
  const define = (name: string, said: string): void => {
    mkdirSync(join(tree, name), { recursive: true })
    writeFileSync(join(tree, name, 'type'), 'longrun\n')
    writeFileSync(join(tree, name, 'run'), `#!/bin/sh\necho ${said}\nexec sleep 1000\n`, { mode: 0o755 })
  }
  define('web', 'one')
  const daemon = startDaemon(['daemon', '-c', tree], { cwd: directory })
  await daemon.line('one')
  define('db', 'two')
  daemon.signal('SIGHUP')
  await daemon.line('two')
  daemon.signal('SIGTERM')
  expect(await daemon.ended()).toMatchObject({ exitCode: 0 })
})

test('a supervisord.conf is converted', async () => {
  const directory = scratch()
  const conf = join(directory, 'supervisord.conf')
  writeFileSync(
    conf,
    `[supervisord]\n[unix_http_server]\nfile=%(here)s/k.sock\n[program:p]\ncommand=sh -c 'echo %(program_name)s; exec sleep 1000'\n`,
  )
  const daemon = startDaemon(['daemon', '-c', conf], { cwd: directory })
  await daemon.line(/success: p entered RUNNING/)
  expect(await states(directory)).toEqual({ p: 'RUNNING' })
  daemon.signal('SIGTERM')
  await daemon.ended()
})
