// The configuration over REST of dist/kahi: the values in use and their places, the changes in the file, applying them; also
// ETags and compression.

import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { execa } from 'execa'
import { expect, test } from 'vitest'
import { end, run, type Run } from '../helpers/order.ts'

const TOML = `[supervisor]
environment = { API_TOKEN = "very-secret" }
[programs.web]
command = ["sleep", "1000", "--password=hunter2"]
process_name = "w%(process_num)d"
numprocs = 2
stdout_logfile = "DIR/web.log"
[oneshots.migrate]
up = "true"
`

async function curl({ folder }: Run, path: string, ...more: string[]) {
  const { stdout } = await execa(
    'curl',
    ['-si', '--unix-socket', join(folder, 'k.sock'), ...more, `http://kahi${path}`],
    {
      encoding: 'buffer',
      stripFinalNewline: false,
    },
  )
  const bytes = Buffer.from(stdout)
  const at = bytes.indexOf('\r\n\r\n')
  return { head: bytes.subarray(0, at).toString(), body: bytes.subarray(at + 4) }
}

const json = ({ body }: { body: Buffer }) => JSON.parse(body.toString())

test('each value in force with its place; secrets are hidden; a file that has changed is said', async () => {
  const all = await run(TOML)
  const answer = await curl(all, '/api/v1/config')
  expect(answer.body.toString()).not.toMatch(/very-secret|hunter2/)
  const { file, is_current: isCurrent, sections } = json(answer)
  expect([file, isCurrent]).toEqual([join(all.folder, 'kahi.toml'), true])
  const section = (subject: string) => sections.find((one: { subject: string }) => one.subject === subject)
  expect(section('web:w0')).toMatchObject({ kind: 'process', table: 'programs.web', place: `${file}:5:1` })
  const settings = Object.fromEntries(section('web:w1').settings.map((one: { key: string }) => [one.key, one]))
  expect(settings.command.value.slice(0, 2)).toEqual(['sleep', '1000'])
  expect(settings.command.place).toBe(`${file}:6:1`)
  expect(settings.stdout_logfile).toEqual({
    key: 'stdout_logfile',
    value: join(all.folder, 'web.log'),
    place: `${file}:9:1`,
  })
  expect(settings.stopwaitsecs).toBeUndefined()
  expect(section('migrate').kind).toBe('oneshot')
  expect(section(join(all.folder, 'k.sock'))).toMatchObject({ kind: 'server', table: 'server.unix' })
  const one = json(await curl(all, '/api/v1/config?process=web:w0&defaults=true')).sections
  expect(one.map(({ subject }: { subject: string }) => subject)).toEqual(['web:w0'])
  expect(one[0].settings).toContainEqual({ key: 'stopwaitsecs', value: 10, place: null })

  all.rewrite(`${TOML}[programs.fresh]\ncommand = "sleep 1000"\n`)
  expect(json(await curl(all, '/api/v1/config')).is_current).toBe(false)
  expect(json(await curl(all, '/api/v1/config/reload', '-XPOST')).added).toEqual(['fresh'])
  expect((await all.ctl('status')).stdout).not.toContain('fresh')
  expect(json(await curl(all, '/api/v1/config/update', '-XPOST')).added).toEqual(['fresh'])
  expect((await all.ctl('status')).stdout).toContain('fresh')
  all.rewrite('[programs')
  expect(json(await curl(all, '/api/v1/config'))).toMatchObject({
    code: 'CANT_REREAD',
    error: expect.stringContaining('kahi.toml:'),
  })
  await end(all)
})

test('an answer has an ETag, and is compressed for a client that takes that', async () => {
  const all = await run(TOML)
  const plain = await curl(all, '/api/v1/graph')
  const [, etag = ''] = /ETag: (\S+)/.exec(plain.head) ?? []
  expect((await curl(all, '/api/v1/graph', '-H', `If-None-Match: ${etag}`)).head).toMatch(/^HTTP\/1.1 304/)
  await all.ctl('stop', 'web:*')
  expect((await curl(all, '/api/v1/graph', '-H', `If-None-Match: ${etag}`)).head).toMatch(/^HTTP\/1.1 200/)
  const document = await curl(all, '/api/v1/openapi.json')
  const packed = await curl(all, '/api/v1/openapi.json', '-H', 'Accept-Encoding: gzip')
  expect(packed.head).toContain('Content-Encoding: gzip')
  expect(gunzipSync(packed.body)).toEqual(document.body)
  expect(packed.body.length).toBeLessThan(document.body.length / 5)
  await end(all)
})
