// kahi.toml → Config: what every key gives, and what is said about mistakes, to the letter.

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Config } from '../../config/settings/config.ts'
import { programKeys } from '../../config/keys/program.ts'
import { plainValues, type ProcessSettings, streamValues } from '../../config/settings/process.ts'
import { ConfigError, formatDiagnostic } from '../../config/model/diagnostic.ts'
import { readConfig } from '../../config/toml/read.ts'
import { testMachine } from '../helpers/machine.ts'
import { fallbacksOf } from '../helpers/settings.ts'
import { makeFolder } from '../helpers/test-folder.ts'

function read(text: string): Config {
  return readConfig(text, '/etc/kahi/kahi.toml', testMachine()).config
}

function errorsOf(text: string): string[] {
  try {
    read(text)
    return []
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return error.diagnostics.map(formatDiagnostic).map((line) => line.replaceAll('/etc/kahi/', ''))
  }
}

function program(body: string): ProcessSettings {
  const process = read(`[programs.web]\ncommand = "/bin/web"\n${body}`).groups[0]?.processes[0]
  if (process === undefined) throw new Error('there is no process')
  return process
}

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

describe('mistakes', () => {
  test.each([
    ['no TOML', '[programs.a\ncommand = 1', ['kahi.toml:1:12: error: Cannot read as TOML:']],
    [
      'an unknown key',
      '[programs.a]\ncommand = "a"\nstopwaitsec = 3',
      ['kahi.toml:3:1: error: Unknown key "stopwaitsec" in [programs.a]\n  hint: did you mean "stopwaitsecs"?'],
    ],
    [
      'an unknown table',
      '[program.a]\ncommand = "a"',
      ['kahi.toml:1:1: error: Unknown table or key "program"\n  hint: did you mean "programs"?'],
    ],
    ['a missing command', '[programs.a]\n', ['kahi.toml:1:1: error: [programs.a] has no "command"']],
    [
      'a wrong type',
      '[programs.a]\ncommand = "a"\nstartsecs = true',
      ['kahi.toml:3:1: error: Cannot read "startsecs" as seconds: it is the flag true'],
    ],
    [
      'text that is no number',
      '[programs.a]\ncommand = "a"\n  startsecs = "3x"',
      ['kahi.toml:3:3: error: Cannot read "startsecs" as seconds: "3x" is not a whole number'],
    ],
    [
      'a size that is none',
      '[programs.a]\ncommand = "a"\nstdout_logfile_maxbytes = "10M"',
      [
        'kahi.toml:3:1: error: Cannot read "stdout_logfile_maxbytes" as size: "10M" is not a number of bytes, KB, MB or GB',
      ],
    ],
    [
      'an unknown signal',
      '[programs.a]\ncommand = "a"\nstopsignal = "NOPE"',
      ['kahi.toml:3:1: error: Cannot read "stopsignal" as signal: "NOPE" is not a signal name or number'],
    ],
    [
      'a missing user',
      '[programs.a]\ncommand = "a"\nuser = "nobody-here"',
      [
        'kahi.toml:3:1: error: There is no user "nobody-here" on this machine\n  hint: if the file is meant for another machine or image: kahi check --assume-image',
      ],
    ],
    [
      'a missing log directory',
      '[programs.a]\ncommand = "a"\nstdout_logfile = "/missing/a.log"',
      [
        'kahi.toml:3:1: error: There is no directory /missing\n  hint: create it, or if the file is meant for another machine or image: kahi check --assume-image',
      ],
    ],
    [
      'an unset variable',
      '[programs.a]\ncommand = "a ${NOPE}"',
      ['kahi.toml:2:1: error: Cannot read "command" as command: the variable NOPE is not set and has no default'],
    ],
    [
      'several processes of one name',
      '[programs.a]\ncommand = "a"\nnumprocs = 2',
      [
        'kahi.toml:3:1: error: [programs.a] has 2 processes but "process_name" does not contain %(process_num)\n  hint: write process_name = "%(program_name)s_%(process_num)02d"',
      ],
    ],
    [
      'a group of unknown programs',
      '[programs.web]\ncommand = "a"\n[groups.g]\nprograms = ["wep"]',
      ['kahi.toml:4:1: error: [groups.g] names the unknown program "wep"\n  hint: did you mean "web"?'],
    ],
    [
      'a slash in a name that is no logger’s',
      '[programs.a]\ncommand = "a"\n[programs."a/log"]\ncommand = "b"\n[programs."c/log"]\ncommand = "b"',
      ['kahi.toml:5:1: error: The name "c/log" must not contain "/"'],
    ],
    ['a bad name', '[programs."a b"]\ncommand = "a"', ['kahi.toml:1:1: error: The name "a b" must not contain " "']],
    [
      'contradicting stop rules',
      '[programs.a]\ncommand = "a"\nstopasgroup = true\nkillasgroup = false',
      [
        'kahi.toml:4:1: error: Cannot have stopasgroup = true with killasgroup = false\n  hint: leave killasgroup out: it follows stopasgroup',
      ],
    ],
    [
      'half of the credentials',
      '[server.unix]\nfile = "/s"\nusername = "u"',
      ['kahi.toml:1:1: error: [server.unix] has no "password" to go with the other half\n  hint: give both or neither'],
    ],
    ...['', 'username = ""\npassword = "x"', 'tokens = {}'].map((keys): [string, string, string[]] => [
      `a TCP server that asks for nothing: ${keys}`,
      `[server.http]\nenabled = true\nlisten = "127.0.0.1:9001"\n${keys}`,
      [
        'kahi.toml:1:1: error: [server.http] asks clients for nothing\n  hint: give it username and password, or tokens, or write access = "open"',
      ],
    ]),
    [
      'an open server with credentials',
      '[server.http]\nenabled = true\nlisten = ":1"\naccess = "open"\nusername = "u"\npassword = "p"',
      ['kahi.toml:4:1: error: [server.http] is open and asks for credentials'],
    ],
    [
      'a bad address',
      '[server.http]\nlisten = "x:99999"',
      [
        'kahi.toml:2:1: error: "x:99999" is not an address to listen on\n  hint: write host:port, as in "127.0.0.1:9001"',
      ],
    ],
    [
      'a program without a table',
      '[programs]\na = 1',
      ['kahi.toml:2:1: error: "a" is in no [programs.NAME]\n  hint: write [programs.NAME] above it'],
    ],
    [
      'a value where a table belongs',
      'supervisor = 1',
      ['kahi.toml:1:1: error: "supervisor" must be a table\n  hint: write [supervisor]'],
    ],
    [
      'an unknown server',
      '[server.tcp]\nfile = "/s"',
      ['kahi.toml:1:1: error: Unknown server "tcp"\n  hint: write [server.unix] or [server.http]'],
    ],
  ])('%s', (_, text, expected) => {
    const errors = errorsOf(text)
    expect(errors).toHaveLength(expected.length)
    for (const [index, message] of expected.entries()) expect(errors[index]).toContain(message)
  })

  test('are all shown at once', () => {
    expect(errorsOf('[programs.a]\nnope = 1\nstartsecs = "x"\n[programs.b]\ncommand = "${NOPE}"')).toHaveLength(4)
  })

  test('a command that cannot be split is only a warning: supervisord says so when it is started', () => {
    const { diagnostics, config } = readConfig(`[programs.a]\ncommand = "bash -c 'a"`, 'k.toml', testMachine())
    expect(diagnostics.map(formatDiagnostic)).toEqual([
      expect.stringContaining(`k.toml:2:1: warning: The command of a will fail: No closing quotation`),
    ])
    expect(config.groups[0]?.processes[0]?.argv).toBeUndefined()
  })

  test('missing users and directories are notes for another image', () => {
    const { diagnostics } = readConfig(
      '[programs.a]\ncommand="a"\nuser="u"\nstdout_logfile="/missing/x"',
      'k.toml',
      testMachine(),
      { assumeImage: true },
    )
    expect(diagnostics.map(({ severity }) => severity)).toEqual(['note', 'note'])
  })
})

describe('include', () => {
  function folder(files: Readonly<Record<string, string>>): string {
    const root = makeFolder()
    mkdirSync(join(root, 'conf.d'))
    for (const [name, text] of Object.entries(files)) writeFileSync(join(root, name), text)
    return root
  }

  test('reads files in order, nested, with their own %(here)s', () => {
    const root = folder({
      'conf.d/2.toml': '[programs.b]\ncommand = "%(here)s/b"',
      'conf.d/1.toml': 'include = ["../more.toml"]\n[programs.a]\ncommand = "a"',
      'more.toml': '[programs.m]\ncommand = "%(here)s/m"',
    })
    const { config } = readConfig('include = ["conf.d/*.toml"]', join(root, 'kahi.toml'), testMachine())
    expect(config.groups.map(({ processes }) => processes[0]?.argv?.[0])).toEqual([
      'a',
      `${root}/conf.d/b`,
      `${root}/m`,
    ])
  })

  test('refuses loops and doubles, warns of patterns without files', () => {
    const root = folder({ 'conf.d/1.toml': 'include = ["1.toml"]', 'conf.d/2.toml': '[programs.a]\ncommand = "a"' })
    const main = join(root, 'kahi.toml')
    expect(() => readConfig('include = ["conf.d/1.toml"]', main, testMachine())).toThrow('includes itself')
    expect(() => readConfig('include = ["conf.d/2.toml"]\n[programs.a]\ncommand = "b"', main, testMachine())).toThrow(
      '[programs.a] is defined twice',
    )
    expect(readConfig('include = ["nope/*.toml"]', main, testMachine()).diagnostics).toMatchObject([
      { severity: 'warning', message: 'No file matches "nope/*.toml"' },
    ])
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
