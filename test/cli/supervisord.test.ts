// `kahi supervisord`, and kahi called `supervisord`: an unchanged supervisord.conf runs, in the foreground and in the background.

import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { kahi, kahiPath, scratch, startDaemon } from '../helpers/kahi.ts'

function lay(extra = ''): { folder: string; conf: string } {
  const folder = scratch()
  mkdirSync(join(folder, 'sub'))
  const conf = join(folder, 'supervisord.conf')
  writeFileSync(
    conf,
    `[supervisord]\nlogfile=%(here)s/s.log\npidfile=%(here)s/s.pid\nchildlogdir=%(here)s\n${extra}\n[unix_http_server]\nfile=%(here)s/s.sock\n[program:web]\ncommand=/bin/sh -c 'umask; pwd; exec sleep 1000'\nstdout_logfile=%(here)s/web.log\n`,
  )
  return { folder, conf }
}

test('-n runs in the foreground with supervisord’s log lines', async () => {
  const { folder, conf } = lay()
  const daemon = startDaemon(['supervisord', '-n', '-c', conf], { cwd: folder })
  expect(await daemon.line('supervisord started with pid')).toMatch(
    /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} INFO supervisord started with pid \d+$/,
  )
  await daemon.line(
    /INFO success: web entered RUNNING state, process has stayed up for > than 1 seconds \(startsecs\)$/,
  )
  expect((await kahi(['ctl', '-s', join(folder, 's.sock'), 'status', 'web'])).stdout).toMatch(
    /^web +RUNNING +pid \d+, uptime 0:00:0\d$/m,
  )
  daemon.signal('SIGTERM')
  expect(await daemon.ended()).toMatchObject({ exitCode: 0 })
  expect(readFileSync(join(folder, 's.log'), 'utf8')).toContain('stopped: web (terminated by SIGTERM)')
})

test('ctl finds the daemon through its supervisord.conf, whatever its programs need', async () => {
  const { folder, conf } = lay()
  const daemon = startDaemon(['supervisord', '-n', '-c', conf], { cwd: folder })
  await daemon.line('supervisord started')
  const more = join(folder, 'more.conf')
  writeFileSync(more, `${readFileSync(conf, 'utf8')}user=nobody-here\ndirectory=%(ENV_NOT_SET)s\n`)
  expect((await kahi(['ctl', '-c', conf, 'pid'])).stdout).toMatch(/^\d+\n$/)
  expect((await kahi(['ctl', '-c', more, 'pid'])).stdout).toMatch(/^\d+\n$/)
  daemon.signal('SIGTERM')
  expect(await daemon.ended()).toMatchObject({ exitCode: 0 })
})

test('programs of equal priority stop one after the other, as supervisord stops them', async () => {
  const folder = scratch()
  const slow = `/bin/sh -c 'trap "sleep 0.3; exit 0" TERM; echo up; while :; do sleep 0.1; done'`
  const programs = ['a', 'b', 'c'].map(
    (name) => `[program:${name}]\ncommand=${name === 'c' ? slow : '/bin/sleep 1000'}`,
  )
  writeFileSync(
    join(folder, 's.conf'),
    `[supervisord]\nlogfile=/dev/null\nlogfile_maxbytes=0\n${programs.join('\n')}\n`,
  )
  const daemon = startDaemon(['supervisord', '-n', '-c', 's.conf'], { cwd: folder })
  await Promise.all(['a', 'b', 'c'].map((name) => daemon.line(`success: ${name} entered RUNNING`)))
  daemon.signal('SIGTERM')
  const { stdout } = await daemon.ended()
  expect(stdout.match(/(?<=stopped: )\w/g)).toEqual(['c', 'b', 'a'])
})

test('called supervisord through a link it is the same program', async () => {
  const { folder, conf } = lay()
  symlinkSync(kahiPath, join(folder, 'supervisord'))
  const daemon = startDaemon(['-n', '-s', '-c', conf], { cwd: folder, program: join(folder, 'supervisord') })
  const running = async (): Promise<boolean> =>
    (await kahi(['ctl', '-s', join(folder, 's.sock'), 'status', 'web'])).stdout.includes('RUNNING')
  while (!(await running())) expect(existsSync(`/proc/${daemon.pid}`)).toBe(true)
  daemon.signal('SIGINT')
  expect(await daemon.ended()).toMatchObject({ exitCode: 0, stdout: '' })
})

test('without -n it goes into the background once its socket is open, with its umask and directory', async () => {
  const { folder, conf } = lay('umask=027\ndirectory=%(here)s/sub')
  expect(await kahi(['supervisord', '-c', conf], { cwd: folder })).toMatchObject({ exitCode: 0, stdout: '' })
  const ctl = (...args: string[]) => kahi(['ctl', '-s', join(folder, 's.sock'), ...args])
  const pid = Number((await ctl('pid')).stdout)
  expect(Number(readFileSync(join(folder, 's.pid'), 'utf8'))).toBe(pid)
  expect(await ctl('start', 'web')).toMatchObject({
    stdout: expect.stringMatching(/web: (started|ERROR \(already started\))/),
  })
  while (!readFileSync(join(folder, 'web.log'), 'utf8').includes('\n/')) expect(existsSync(`/proc/${pid}`)).toBe(true)
  expect(readFileSync(join(folder, 'web.log'), 'utf8')).toBe(`0027\n${folder}/sub\n`)
  expect((await ctl('shutdown')).stdout).toBe('Shut down\n')
  while (existsSync(`/proc/${pid}/cmdline`) && readFileSync(`/proc/${pid}/stat`, 'utf8').split(' ')[2] !== 'Z')
    await ctl('pid')
  expect(existsSync(join(folder, 's.pid'))).toBe(false)
})

test.each([
  [['-h'], 0, 'Usage: supervisord [options]', ''],
  [['--help'], 0, 'Usage: supervisord [options]', ''],
  [['-v'], 0, '4.2.5\n', ''],
  [['--vers'], 0, '4.2.5\n', ''],
  [['-c', '/none.conf'], 2, '', 'Error: could not find config file /none.conf\nFor help, use supervisord -h\n'],
  [['-x'], 2, '', 'Error: option -x not recognized\n'],
  [['-n', '-n'], 2, '', "Error: conflicting command line option '-n'\n"],
  [['-e', 'bad'], 2, '', "Error: invalid value for -e 'bad': "],
  [['start'], 2, '', "Error: positional arguments are not supported: ['start']\n"],
  [['--minfds'], 2, '', 'Error: option --minfds requires argument\n'],
])('%j', async (args, exitCode, stdout, stderr) => {
  const result = await kahi(['supervisord', ...args])
  expect(result.exitCode).toBe(exitCode)
  expect(result.stdout).toContain(stdout)
  expect(result.stderr).toContain(stderr)
})

test('options win over the file', async () => {
  const { folder, conf } = lay('loglevel=info\nidentifier=x')
  const daemon = startDaemon(
    [
      'supervisord',
      '-n',
      '-e',
      'debug',
      '-l',
      join(folder, 'other.log'),
      '-y',
      '1KB',
      '-z',
      '1',
      '-j',
      join(folder, 'other.pid'),
      '-q',
      join(folder, 'sub'),
      '-i',
      'y',
      '-k',
      '-t',
      '-a',
      '64',
      '--minprocs=10',
      '-u',
      String(process.getuid?.()),
      '-m',
      '022',
      '-d',
      folder,
      '-c',
      conf,
    ],
    { cwd: folder },
  )
  await daemon.line('supervisord started')
  await daemon.line('entered RUNNING')
  expect(existsSync(join(folder, 'other.pid'))).toBe(true)
  expect(existsSync(join(folder, 's.pid'))).toBe(false)
  daemon.signal('SIGQUIT')
  expect(await daemon.ended()).toMatchObject({ exitCode: 0, stdout: expect.stringContaining(' DEBG ') })
  expect(existsSync(join(folder, 'other.log'))).toBe(true)
})

test('the file is searched for as supervisord does', async () => {
  const { folder } = lay()
  const daemon = startDaemon(['supervisord', '-n'], { cwd: folder })
  await daemon.line('supervisord started')
  daemon.signal('SIGTERM')
  expect(await daemon.ended()).toMatchObject({ exitCode: 0 })
})

test('a fragment alone is refused, as supervisord refuses it', async () => {
  const folder = scratch()
  writeFileSync(join(folder, 'web.conf'), '[program:web]\ncommand=/bin/true\n')
  const { exitCode, stderr } = await kahi(['supervisord', '-n', '-c', 'web.conf'], { cwd: folder })
  expect(exitCode).toBe(2)
  expect(stderr).toContain('There is no [supervisord] section')
})

test('a refusal names mistakes only, without notes about what is converted', async () => {
  const { folder, conf } = lay()
  writeFileSync(
    conf,
    `${readFileSync(conf, 'utf8')}umask=888\n[rpcinterface:supervisor]\nsupervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface\n`,
  )
  const { exitCode, stderr } = await kahi(['supervisord', '-n', '-c', conf], { cwd: folder })
  expect(exitCode).toBe(2)
  expect(stderr).toMatch(/^Error: .*:\d+:1: error: Cannot read "umask"/)
  expect(stderr).not.toContain('note:')
})

test('a log that is named syslog is warned of in the words of supervisord', async () => {
  const { folder, conf } = lay('[eventlistener:l]\ncommand=/bin/cat\nevents=TICK_60\nstderr_logfile=syslog')
  const daemon = startDaemon(['supervisord', '-n', '-c', conf], { cwd: folder })
  await daemon.line(
    'For [eventlistener:l], stderr_logfile=syslog but this is deprecated and will be removed.  Use stderr_syslog=true to enable syslog instead.',
  )
  daemon.signal('SIGTERM')
  await daemon.ended()
})
