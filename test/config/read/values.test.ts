// From kahi.toml to a Config: the value of every key.

import { describe, expect, test } from 'vitest'

import { programKeys } from '../../../config/keys/program.ts'
import { plainValues, streamValues } from '../../../config/settings/process.ts'

import { fallbacksOf } from '../../helpers/settings.ts'

import { errorsOf, program, read } from './reading.ts'

describe('a program', () => {
  test('has supervisord’s defaults, and its output goes to the daemon’s own', () => {
    expect(program('')).toMatchObject({
      priority: 999,
      autostart: true,
      autorestart: 'unexpected',
      startsecs: 1,
      startretries: 3,
      exitcodes: [0],
      stopsignal: 15,
      stopwaitsecs: 10,
      stopasgroup: false,
      killasgroup: false,
      redirect_stderr: false,
      stdout: { logfile: { kind: 'stdout', path: '/dev/stdout' }, logfile_maxbytes: 52428800, logfile_backups: 10 },
      stderr: { logfile: { kind: 'stderr', path: '/dev/stderr' }, logfile_maxbytes: 52428800, logfile_backups: 10 },
    })
  })

  test('has the value of its row for each key that is not written, and nothing else', () => {
    const values = fallbacksOf(programKeys)
    expect(program('')).toEqual({
      ...plainValues(values),
      name: 'web',
      group: 'web',
      dynamic: false,
      program: 'web',
      kind: 'program',
      command: '/bin/web',
      argv: ['/bin/web'],
      commandError: undefined,
      user: undefined,
      killasgroup: false,
      is_logger: false,
      stdout: streamValues(values, 'stdout'),
      stderr: streamValues(values, 'stderr'),
    })
  })

  test.each([
    ['directory = "/srv/%(program_name)s"', { directory: '/srv/web' }],
    ['user = "app"', { user: { uid: 1000, gid: 1000, groups: [1000, 50] } }],
    ['user = "app:www"', { user: { uid: 1000, gid: 33, groups: [1000, 50] } }],
    ['umask = "077"', { umask: 0o77 }],
    ['environment = { A = "${PORT}" }\nprocess_name = "w%(ENV_A)s"', { environment: { A: '8080' }, name: 'w8080' }],
    ['environment = "A=1,B=\'x y\'"', { environment: { A: '1', B: 'x y' } }],
    ['priority = 0', { priority: 0 }],
    ['priority = "${PORT}"', { priority: 8080 }],
    ['autostart = false', { autostart: false }],
    ['autostart = "off"', { autostart: false }],
    ['autorestart = true', { autorestart: 'true' }],
    ['autorestart = "unexpected"', { autorestart: 'unexpected' }],
    ['startsecs = 0', { startsecs: 0 }],
    ['startretries = 0', { startretries: 0 }],
    ['exitcodes = []', { exitcodes: [] }],
    ['exitcodes = "0, 2"', { exitcodes: [0, 2] }],
    ['stopsignal = "SIGQUIT"', { stopsignal: 3 }],
    ['stopsignal = "RTMIN+3"', { stopsignal: 37 }],
    ['stopsignal = 10', { stopsignal: 10 }],
    ['stopwaitsecs = 0', { stopwaitsecs: 0 }],
    ['stopasgroup = true', { stopasgroup: true, killasgroup: true }],
    ['killasgroup = true', { stopasgroup: false, killasgroup: true }],
    ['serverurl = "http://h:1"', { serverurl: 'http://h:1' }],
    ['serverurl = "AUTO"', { serverurl: undefined }],
  ])('takes %s', (body, expected) => {
    expect(program(body)).toMatchObject(expected)
  })

  test.each([
    ['stdout_logfile = "NONE"', 'stdout', { logfile: { kind: 'none' } }],
    ['stdout_logfile = "auto"', 'stdout', { logfile: { kind: 'auto' } }],
    ['stdout_logfile = "/dev/fd/1"', 'stdout', { logfile: { kind: 'stdout', path: '/dev/fd/1' } }],
    ['stderr_logfile = "/proc/self/fd/2"', 'stderr', { logfile: { kind: 'stderr', path: '/proc/self/fd/2' } }],
    [
      'stdout_logfile = "/var/log/%(program_name)s.log"',
      'stdout',
      { logfile: { kind: 'file', path: '/var/log/web.log' } },
    ],
    ['stdout_logfile = "syslog"', 'stdout', { logfile: { kind: 'none' }, syslog: true }],
    ['redirect_stderr = true', 'stderr', { logfile: { kind: 'none' } }],
    ['stdout_logfile_maxbytes = "1MB"', 'stdout', { logfile_maxbytes: 1048576 }],
    ['stdout_logfile_maxbytes = 0', 'stdout', { logfile_maxbytes: 0 }],
    ['stderr_logfile_backups = 0', 'stderr', { logfile_backups: 0 }],
    ['stdout_capture_maxbytes = "2KB"', 'stdout', { capture_maxbytes: 2048 }],
    ['stderr_events_enabled = true', 'stderr', { events_enabled: true }],
    ['stderr_syslog = true', 'stderr', { syslog: true }],
  ] as const)('logs as %s says', (body, stream, expected) => {
    expect(program(body)[stream]).toMatchObject(expected)
  })

  test('takes an exact argv, which is expanded but not split', () => {
    const [group] = read('[programs.a]\ncommand = ["/bin/a", "b c", "%(here)s"]').groups
    expect(group?.processes[0]?.argv).toEqual(['/bin/a', 'b c', '/etc/kahi'])
  })

  test('makes numprocs processes in text order, each with its number in every key', () => {
    const [group] = read(
      '[programs.p]\ncommand = "x %(process_num)d"\nnumprocs = 11\nprocess_name = "p%(process_num)d"\nstdout_logfile = "/var/log/p%(process_num)02d"',
    ).groups
    expect(group?.processes.map(({ name }) => name).slice(0, 4)).toEqual(['p0', 'p1', 'p10', 'p2'])
    expect(group?.processes[2]).toMatchObject({ argv: ['x', '10'], stdout: { logfile: { path: '/var/log/p10' } } })
  })
})

describe('groups', () => {
  test('hold their programs in the order written, and those have no group of their own', () => {
    const config = read(
      '[programs.a]\ncommand="a"\npriority=9\n[programs.b]\ncommand="b"\npriority=1\n[groups.g]\nprograms=["a","b"]\npriority=5\n[programs.c]\ncommand="c"',
    )
    expect(
      config.groups.map(({ name, priority, processes }) => [name, priority, processes.map((process) => process.name)]),
    ).toEqual([
      ['g', 5, ['a', 'b']],
      ['c', 999, ['c']],
    ])
  })

  test('of one name: the second is shadowed', () => {
    const config = read('[programs.a]\ncommand="a"\n[programs.b]\ncommand="b"\n[groups.a]\nprograms=["b"]')
    expect(config.groups.map(({ name, shadowed, processes }) => [name, shadowed, processes[0]?.name])).toEqual([
      ['a', false, 'b'],
      ['a', true, 'a'],
    ])
  })
})

describe('servers and the daemon', () => {
  test('several servers are an array of tables; http ones are opened first', () => {
    const { servers } = read(
      '[server.unix]\nfile="/run/k.sock"\nchmod="0770"\nchown="app:www"\n[[server.http]]\nenabled=true\nlisten="*:9001"\nusername="u"\npassword="p"\n[[server.http]]\nenabled=true\naccess="open"\nlisten="LOCALHOST:9002"',
    )
    expect(servers).toEqual([
      { kind: 'http', host: '', port: 9001, credentials: { username: 'u', password: 'p' } },
      { kind: 'http', host: 'localhost', port: 9002, credentials: undefined },
      { kind: 'unix', file: '/run/k.sock', chmod: 0o770, chown: { uid: 1000, gid: 33 }, credentials: undefined },
    ])
  })

  test('an http server must be enabled', () => {
    expect(read('[server.http]\nlisten="127.0.0.1:9001"').servers).toEqual([])
  })

  test('the daemon’s keys', () => {
    const { supervisor } = read(
      '[supervisor]\nidentifier="x"\nlogfile="k.log"\nlog_level="DEBUG"\npidfile="/run/k.pid"\nenvironment={A="1"}\nstrip_ansi=true\nshutdown_timeout=5\nuser="app"\nchildlogdir="~/logs"\numask="007"',
    )
    expect(supervisor).toMatchObject({
      identifier: 'x',
      logfile: '/work-dir/k.log',
      log_level: 'debug',
      pidfile: '/run/k.pid',
      environment: { A: '1' },
      strip_ansi: true,
      shutdown_timeout: 5,
      user: { uid: 1000 },
      userName: 'app',
      childlogdir: '/root/logs',
      umask: 7,
      minfds: 1024,
      minprocs: 200,
      logfile_backups: 10,
    })
  })

  test('programs see the daemon’s environment, also in expansions', () => {
    const [group] = read(
      '[supervisor]\nenvironment={A="1",B="2"}\n[programs.p]\ncommand="x %(ENV_A)s"\nenvironment={B="3"}',
    ).groups
    expect(group?.processes[0]).toMatchObject({ argv: ['x', '1'], environment: { A: '1', B: '3' } })
  })

  test('what clients use', () => {
    expect(
      read('[ctl]\nserverurl="unix://k.sock"\nusername="u"\npassword="p"\nprompt="lab"\nhistory_file="~/h"').ctl,
    ).toEqual({
      serverurl: 'unix:///work-dir/k.sock',
      username: 'u',
      password: 'p',
      prompt: 'lab',
      history_file: '~/h',
    })
  })
})

describe('what it is strict about, and what not', () => {
  test('-0 is 0', () => {
    const { priority, timeout_down } = program('priority = -0\ntimeout_down = -0.0')
    expect([priority, timeout_down].map((value) => Object.is(value, 0))).toEqual([true, true])
  })

  test('a oneshot has one process: keys that would give it others are errors like all keys that it does not have', () => {
    expect(errorsOf('[oneshots.a]\nup = "x"\nnumprocs = 0\nprocess_name = "b"')).toEqual([
      expect.stringMatching(/^kahi\.toml:3:1: error: .*"numprocs"/),
      expect.stringMatching(/^kahi\.toml:4:1: error: .*"process_name"/),
    ])
  })
})
