// Keys of [server.unix], [server.http], [ctl], [groups.X], [event_listeners.X] and [fcgi_programs.X].

import { statSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { kahi } from '../../helpers/kahi.ts'
import { isMadeBefore, key, type Run } from './declare.ts'

const two = '[programs.a]\ncommand = "/bin/sleep 1000"\n[programs.b]\ncommand = "/bin/sleep 1000"\n'
key('groups.programs groups.priority', `${two}[groups.g]\nprograms = ["b"]\npriority = 1`, async ({ daemon, ctl }) => {
  await isMadeBefore(daemon, 'b', 'a')
  expect((await ctl('stop', 'g:*')).trim()).toBe('g:b: stopped')
})

const sleeper = '[programs.p]\ncommand = "/bin/sleep 1000"\n'
key(
  'server.unix.file server.unix.chmod server.unix.chown',
  `[server.unix]\nfile = "DIR/own.sock"\nchmod = "0770"\nchown = "65534:65534"\n${sleeper}`,
  async ({ folder, ctl }) => {
    const { mode, uid, gid } = statSync(join(folder, 'own.sock'))
    expect([mode & 0o777, uid, gid]).toEqual([0o770, 65534, 65534])
    expect(await ctl('pid', 'p')).toMatch(/^\d+\n$/)
  },
  { needsRoot: true },
)
key(
  'server.unix.username server.unix.password',
  `[server.unix]\nfile = "DIR/k.sock"\nusername = "op"\npassword = "{SHA}e5e9fa1ba31ecd1ae84f75caaa474f3a663f05f4"\n${sleeper}`,
  async ({ folder, ctl }) => {
    expect(await ctl('-u', 'op', '-p', 'secret', 'pid', 'p')).toMatch(/^\d+\n$/)
    const refused = await kahi(['ctl', '-s', join(folder, 'k.sock'), '-u', 'op', '-p', 'wrong', 'status'])
    expect(refused.exitCode).not.toBe(0)
  },
)
const port = 20_000 + (process.pid % 10_000)
key(
  'server.http.enabled server.http.listen server.http.username server.http.password ctl.serverurl ctl.username ctl.password',
  `[server.http]\nenabled = true\nlisten = "127.0.0.1:${port}"\nusername = "op"\npassword = "secret"\n[ctl]\nserverurl = "http://127.0.0.1:${port}"\nusername = "op"\npassword = "secret"\n${sleeper}`,
  async ({ ctl }) => {
    expect(await ctl('pid', 'p')).toMatch(/^\d+\n$/)
    expect((await fetch(`http://127.0.0.1:${port}/api/v1/processes`)).status).toBe(401)
  },
)

async function effective({ file }: Run): Promise<unknown> {
  return JSON.parse((await kahi(['check', '--effective', '--json', file])).stdout)
}

key(
  'event_listeners.priority event_listeners.events event_listeners.buffer_size event_listeners.result_handler',
  '[event_listeners.l]\ncommand = "l"\nautostart = false\npriority = -3\nevents = ["TICK_5", "EVENT"]\nbuffer_size = 7\nresult_handler = "a:b"',
  async (run) => {
    const listener = { kind: 'eventlistener', events: ['EVENT', 'TICK_5'], buffer_size: 7, result_handler: 'a:b' }
    expect(await effective(run)).toMatchObject({ groups: [{ name: 'l', priority: -3, ...listener }] })
  },
)
const own = `${process.getuid?.()}:${process.getgid?.()}`
key(
  'fcgi_programs.socket fcgi_programs.socket_owner fcgi_programs.socket_mode fcgi_programs.socket_backlog',
  `[fcgi_programs.f]\ncommand = "/bin/sleep 1000"\nsocket = "unix://DIR/f"\nsocket_owner = "${own}"\nsocket_mode = "0666"\nsocket_backlog = 9`,
  async (run) => {
    const path = join(run.folder, 'f')
    const owner = own.split(':').map(Number)
    const socket = { family: 'unix', url: `unix://${path}`, path, owner, mode: '0666', backlog: 9 }
    expect(await effective(run)).toMatchObject({ groups: [{ name: 'f', kind: 'fcgi-program', socket }] })
  },
)
