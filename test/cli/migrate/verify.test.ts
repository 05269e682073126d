// The verification of `kahi migrate` can fail: it finds every kind of damage to the TOML, and reports both values and the place in
// the source.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { convertOne } from '../../../cli/migrate/convert-one.ts'
import { verifyConversion } from '../../../cli/migrate/verify.ts'
import { ConfigError, formatDiagnostic } from '../../../config/model/diagnostic.ts'
import type { Document } from '../../../config/keys/document.ts'
import { type Layout, layOut, writeDocument } from '../../../config/toml/write.ts'
import { identify } from '../../../converter/identify.ts'
import { convert, witness } from '../../helpers/convert.ts'
import { scratch } from '../../helpers/kahi.ts'
import { testMachine } from '../../helpers/machine.ts'

const CONF = `[supervisord]
identifier = site
environment = ZONE="a"

[unix_http_server]
file = /run/s.sock
chmod = 0770

[supervisorctl]
prompt = site

[program:web]
command = /srv/web --port %(ENV_PORT)s --host %(host_node_name)s
process_name = web_%(process_num)d
numprocs = 2
directory = /srv
user = app
umask = 027
priority = 5
autostart = false
autorestart = true
startsecs = 4
startretries = 5
exitcodes = 0,2
stopsignal = INT
stopwaitsecs = 30
stopasgroup = true
environment = A="1",B="x y"
serverurl = http://x:1
stdout_logfile = /tmp/%(program_name)s.log
stdout_logfile_maxbytes = 1MB
stdout_logfile_backups = 2
stdout_capture_maxbytes = 1KB
stdout_events_enabled = true
stderr_syslog = true

[program:job]
command = job

[group:all]
programs = web
priority = 7
`

const machine = testMachine()

function place(text = CONF): string {
  const conf = join(scratch(), 'supervisord.conf')
  writeFileSync(conf, text)
  return conf
}

function verify(conf: string, damage: (toml: string) => string): string[] {
  const { document } = convert(conf, machine)
  const toml = damage(writeDocument(document))
  const proof = { document, witness: witness(conf, machine), toml, target: join(conf, '../kahi.toml') }
  return verifyConversion(proof, machine).map((one) => formatDiagnostic(one).replace(conf, 'CONF'))
}

test('a faithful TOML passes', () => {
  expect(verify(place(), (toml) => toml)).toEqual([])
})

test.each([
  ['command', '/srv/web --port', '/srv/web --p0rt', /CONF:13:1: error: .*"(?:argv|command)" of all:web_0 is/],
  ['process_name', '"web_%(process_num)d"', '"w_%(process_num)d"', /it has no all:web_0/],
  ['numprocs', 'numprocs = 2', 'numprocs = 1', /it has no all:web_1/],
  ['directory', 'directory = "/srv"', 'directory = "/"', /CONF:16:1: .*"directory" of all:web_0 is "\/", not "\/srv"/],
  ['user', 'user = "app"', 'user = "1000:www"', /CONF:17:1: .*"user"/],
  ['no user', 'user = "app"', '', /"uid" of all:web_0 is absent, not 1000/],
  ['umask', 'umask = "027"', 'umask = "022"', /CONF:18:1: .*"umask" of all:web_0 is 18, not 23/],
  ['priority', 'priority = 5', 'priority = 6', /CONF:19:1: .*"priority" of all:web_0 is 6, not 5/],
  ['autostart', 'autostart = false', '', /CONF:20:1: .*"autostart"/],
  ['autorestart', 'autorestart = true', 'autorestart = "unexpected"', /CONF:21:1: .*"autorestart"/],
  ['startsecs', 'startsecs = 4', 'startsecs = 5', /CONF:22:1: .*"startsecs"/],
  ['startretries', 'startretries = 5', '', /CONF:23:1: .*"startretries" of all:web_0 is 3, not 5/],
  ['exitcodes', 'exitcodes = [0, 2]', 'exitcodes = [0]', /CONF:24:1: .*"exitcodes" of all:web_0 is \[0\], not \[0,2\]/],
  ['stopsignal', 'stopsignal = "INT"', 'stopsignal = "HUP"', /CONF:25:1: .*"stopsignal" of all:web_0 is 1, not 2/],
  ['stopwaitsecs', 'stopwaitsecs = 30', 'stopwaitsecs = 3', /CONF:26:1: .*"stopwaitsecs"/],
  ['stopasgroup', 'stopasgroup = true', 'killasgroup = true', /CONF:27:1: .*"stopasgroup"/],
  ['a variable', 'A = "1"', 'A = "2"', /CONF:28:1: .*"environment.A" of all:web_0 is "2", not "1"/],
  ['a lost variable', /, B = "x y"/, '', /CONF:28:1: .*"environment.B" of all:web_0 is absent, not "x y"/],
  ['serverurl', 'serverurl = "http://x:1"', '', /CONF:29:1: .*"serverurl"/],
  ['a log', '/tmp/%(program_name)s.log', '/tmp/x.log', /CONF:30:1: .*"stdout_logfile"/],
  ['its size', '"1MB"', '"1KB"', /CONF:31:1: .*"stdout_logfile_maxbytes" of all:web_0 is 1024, not 1048576/],
  ['its backups', 'stdout_logfile_backups = 2', '', /CONF:32:1: .*"stdout_logfile_backups"/],
  ['a capture', '"1KB"', '"1MB"', /CONF:33:1: .*"stdout_capture_maxbytes"/],
  ['events', 'stdout_events_enabled = true', '', /CONF:34:1: .*"stdout_events_enabled"/],
  ['syslog', 'stderr_syslog = true', '', /CONF:35:1: .*"stderr_syslog"/],
  ['a default that differs', 'stderr_logfile = "AUTO"', '', /"stderr_logfile"/],
  ['a key of its own', 'command = "job"', 'command = "job"\nnice = 3', /CONF:37:1: .*"nice" of job is 3, not absent/],
  ['a group', 'priority = 7', 'priority = 8', /CONF:42:1: .*"priority" of all is 8, not 7/],
  ['the daemon', 'identifier = "site"', '', /CONF:2:1: .*"identifier" of supervisor is "supervisor", not "site"/],
  ['its variables', 'ZONE = "a"', 'ZONE = "b"', /CONF:3:1: .*"environment.ZONE"/],
  ['a socket', '/run/s.sock', '/run/t.sock', /CONF:6:1: .*"file" of server 1/],
  ['its mode', '"0770"', '"0777"', /CONF:7:1: .*"chmod" of server 1 is 511, not 504/],
  ['what clients use', 'prompt = "site"', '', /CONF:10:1: .*"prompt" of ctl/],
  ['a variable made fast', '%(ENV_PORT)s', '8080', /CONF:13:1: .*--port 8080.* not .*--port 8081/],
  ['a host name made fast', '%(host_node_name)s', 'node-1', /CONF:13:1: .*--host node-1.* not .*--host kahi-verify/],
  ['a broken text', '[programs.web]', '[programs.web', /The TOML cannot be read back/],
  ['a refused text', 'startsecs = 4', 'startsecs = "x"', /The TOML is refused where its source is not/],
])('%s', (_, from, to, expected) => {
  let changed = false
  const found = verify(place(), (toml) => {
    const damaged = toml.replace(from, () => to)
    changed = damaged !== toml
    return damaged
  })
  expect(changed).toBe(true)
  expect(found.join('\n')).toMatch(expected)
})

describe('a mistake of the conversion itself', () => {
  const withMistake = (conf: string, mistake: (document: Document) => Document): string => {
    const document = mistake(convert(conf, machine).document)
    const proof = { document, witness: witness(conf, machine), toml: writeDocument(document), target: 'kahi.toml' }
    return verifyConversion(proof, machine).map(formatDiagnostic).join('\n')
  }

  test('is found by the second reader although the TOML says what was converted', () => {
    const found = withMistake(place(), (document) => ({
      ...document,
      tables: document.tables.map((table) => ({
        ...table,
        entries: table.entries.filter(({ key }) => !['stopsignal', 'stdout_logfile'].includes(key)),
      })),
    }))
    expect(found).toMatch(/"stopsignal" of all:web_1 is 15, not 2/)
    expect(found).toMatch(/"stdout_logfile" of job is "\/dev\/stdout", not "AUTO"/)
  })

  test('nothing is written then', () => {
    const conf = place()
    const write = (document: Document): Layout => {
      const layout = layOut(document)
      return { ...layout, text: layout.text.replace('startsecs = 4', 'startsecs = 9') }
    }
    const options = { target: join(conf, '../kahi.toml'), verify: true, modernize: false, write }
    expect(() => convertOne(identify(conf), machine, options)).toThrow(ConfigError)
    expect(convertOne(identify(conf), machine, { ...options, verify: false }).layout.text).toContain('startsecs = 9')
  })
})
