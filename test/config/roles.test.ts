// The values of [event_listeners.X] and [fcgi_programs.X], and the exact messages about mistakes in them.

import { describe, expect, test } from 'vitest'
import type { Group } from '../../config/settings/config.ts'
import { ConfigError, formatDiagnostic } from '../../config/model/diagnostic.ts'
import { readConfig } from '../../config/toml/read.ts'
import { testMachine } from '../helpers/machine.ts'

function read(text: string, uid = 0): { readonly groups: readonly Group[]; readonly found: readonly string[] } {
  try {
    const { config, diagnostics } = readConfig(text, '/etc/kahi.toml', testMachine({ uid }))
    return { groups: config.groups, found: diagnostics.map(formatDiagnostic) }
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return { groups: [], found: error.diagnostics.map(formatDiagnostic) }
  }
}

const listener = (body: string): string => `[event_listeners.l]\ncommand = "l"\n${body}`
const fcgi = (body: string): string => `[fcgi_programs.f]\ncommand = "f"\n${body}`

describe('an event listener', () => {
  test('is a pool that comes before all programs; its processes have a program’s priority', () => {
    const { groups, found } = read(
      `${listener('events = ["tick_60", "EVENT", "TICK_60"]')}\n[programs.a]\ncommand = "a"`,
    )
    expect(groups.map(({ name, priority }) => [name, priority])).toEqual([
      ['l', -1],
      ['a', 999],
    ])
    expect(groups[0]).toMatchObject({
      role: {
        kind: 'listener',
        events: ['TICK_60', 'EVENT'],
        buffer_size: 10,
        result_handler: 'supervisor.dispatchers:default_handler',
      },
      processes: [{ name: 'l', program: 'l', kind: 'listener', priority: 999 }],
    })
    expect(found).toEqual([])
  })

  test('priority is that of the pool and of its processes', () => {
    const [group] = read(listener('events = "EVENT"\npriority = 5')).groups
    expect([group?.priority, group?.processes[0]?.priority]).toEqual([5, 5])
  })

  test.each([
    ['no events', '', '/etc/kahi.toml:1:1: error: [event_listeners.l] has no "events"'],
    [
      'an empty list',
      'events = []',
      '/etc/kahi.toml:3:1: error: Cannot read "events" as list of events: it names no event',
    ],
    [
      'an unknown event',
      'events = ["TICK_6"]',
      '/etc/kahi.toml:3:1: error: Cannot read "events" as list of events: there is no event "TICK_6"; did you mean "TICK_5"?',
    ],
    ['no room', 'events = "TICK"\nbuffer_size = 0', '/etc/kahi.toml:4:1: error: "buffer_size" is 0, less than 1'],
    [
      'both streams in one',
      'events = "TICK"\nredirect_stderr = true',
      '/etc/kahi.toml:4:1: error: [event_listeners.l] cannot have redirect_stderr = true\n  hint: its standard output speaks the listener protocol',
    ],
  ])('%s', (_, body, expected) => {
    expect(read(listener(body)).found.filter((line) => line.includes('error:'))).toEqual([expected])
  })

  test('what has no effect is said', () => {
    const { found } = read(listener('events = "TICK"\nresult_handler = "x:y"\nstdout_capture_maxbytes = 1'))
    expect(found.slice(0, 2)).toEqual([
      '/etc/kahi.toml:4:1: warning: result_handler = "x:y" is Python code, which kahi cannot call\n  hint: kahi accepts every answer, like a handler that returns',
      '/etc/kahi.toml:5:1: warning: "stdout_capture_maxbytes" has no effect in [event_listeners.l]: standard output speaks the listener protocol',
    ])
  })
})

describe('a FastCGI program', () => {
  test.each([
    ['unix:///run/f.sock', { kind: 'unix', path: '/run/f.sock', owner: undefined, mode: 0o700, backlog: undefined }],
    ['tcp://LocalHost:9000', { kind: 'tcp', host: 'localhost', port: 9000, backlog: undefined }],
  ])('shares %s', (socket, expected) => {
    const { groups, found } = read(fcgi(`socket = "${socket}"`))
    expect(groups[0]?.role).toEqual({ kind: 'fcgi', socket: expected })
    expect(groups[0]?.processes[0]?.kind).toBe('fcgi')
    expect(found).toEqual([])
  })

  test.each([
    ['that of user', 'user = "app"', 0, { uid: 1000, gid: 1000 }],
    ['none when that is the daemon’s own', 'user = "app"', 1000, undefined],
    ['as given', 'user = "app"\nsocket_owner = "1000:www"', 0, { uid: 1000, gid: 33 }],
    ['without a group', 'socket_owner = "app"', 0, { uid: 1000, gid: -1 }],
  ])('the owner of the socket is %s', (_, body, uid, owner) => {
    const [group] = read(
      fcgi(`socket = "unix:///run/f"\nsocket_mode = "0666"\nsocket_backlog = 5\n${body}`),
      uid,
    ).groups
    expect(group?.role).toEqual({
      kind: 'fcgi',
      socket: { kind: 'unix', path: '/run/f', owner, mode: 0o666, backlog: 5 },
    })
  })

  test.each([
    ['no socket', '', '/etc/kahi.toml:1:1: error: [fcgi_programs.f] has no "socket"'],
    [
      'no such kind of socket',
      'socket = "tcp://*:x"',
      '/etc/kahi.toml:3:1: error: "tcp://*:x" is no socket\n  hint: write unix:///absolute/path or tcp://host:port',
    ],
    ['a relative path', 'socket = "unix://f.sock"', '/etc/kahi.toml:3:1: error: The path "f.sock" is not absolute'],
    [
      'an owner of a port',
      'socket = "tcp://h:1"\nsocket_owner = "app"',
      '/etc/kahi.toml:4:1: error: "socket_owner" is for unix sockets only\n  hint: leave it out',
    ],
    [
      'no backlog',
      'socket = "tcp://h:1"\nsocket_backlog = 0',
      '/etc/kahi.toml:4:1: error: Cannot read "socket_backlog" as whole number from 1 to 65535: 0 is not between 1 and 65535',
    ],
  ])('%s', (_, body, expected) => {
    expect(read(fcgi(body)).found.filter((line) => line.includes('error:'))).toEqual([expected])
  })

  test('in a group it is a plain program, and needs no socket', () => {
    const { groups, found } = read(`${fcgi('')}\n[groups.g]\nprograms = ["f"]`)
    expect(groups).toMatchObject([
      { name: 'g', role: { kind: 'program' }, processes: [{ name: 'f', kind: 'program' }] },
    ])
    expect(found).toEqual([
      '/etc/kahi.toml:5:1: warning: In [groups.g] "f" is a plain program: its socket is never opened\n  hint: leave it out of the group',
    ])
  })

  test('a group must know which of two is meant', () => {
    const { found } = read(`${fcgi('socket = "tcp://h:1"')}\n[programs.f]\ncommand = "f"\n[groups.g]\nprograms = ["f"]`)
    expect(found).toContain('/etc/kahi.toml:7:1: error: [groups.g] names "f", of which there are two')
  })
})
