// The exact messages about mistakes in kahi.toml.

import { describe, expect, test } from 'vitest'

import { formatDiagnostic } from '../../../config/model/diagnostic.ts'
import { readConfig } from '../../../config/toml/read.ts'
import { testMachine } from '../../helpers/machine.ts'

import { errorsOf } from './reading.ts'

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
