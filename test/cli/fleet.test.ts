// Several daemons: kahi ctl over TLS and over many addresses, [peers] in the interface and on the page.

import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { execa } from 'execa'
import { expect, onTestFinished, test } from 'vitest'
import { expectAccessible, hasChromium, keepPicture, openBrowser, openPage } from '../helpers/browser.ts'
import { kahi, scratch, startReady } from '../helpers/kahi.ts'
import { freePort } from '../helpers/raw-http.ts'

const hasOpenssl = spawnSync('openssl', ['version']).status === 0
if (!hasOpenssl) console.warn('no openssl: several daemons and kahi ctl over https are not tested')
if (!hasChromium) console.warn('chromium is not installed: the page of several daemons is not tested')

/** `db` serves https and requires a token. `here` has these peers: `db`, a missing one, one that is not kahi, and a unix socket. */
async function fleet() {
  const folder = scratch()
  const named = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost']
  const make = [
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-days',
    '2',
    ...named,
  ]
  execFileSync('openssl', [...make, '-keyout', join(folder, 'key.pem'), '-out', join(folder, 'cert.pem')], {
    stdio: 'ignore',
  })
  const shown = ['x509', '-in', join(folder, 'cert.pem'), '-noout', '-fingerprint', '-sha256']
  const fingerprint = execFileSync('openssl', shown).toString().trim().split('=')[1] ?? ''
  const { stdout } = await kahi(['hash-password', '--token', '--role', 'read', '--name', 'here'])
  const [, token = '', entry = ''] = /^token: (\S+)\ntokens = \{ (.*) \}\n$/.exec(stdout) ?? []
  writeFileSync(join(folder, 'authorization'), `Bearer ${token}\n`, { mode: 0o600 })
  const other = createServer((_request, response) => void response.end('"hello"'))
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void other.close())
  const [port, page] = [await freePort(), await freePort()]
  const write = (name: string, toml: string): string => {
    writeFileSync(join(folder, name), toml.replaceAll('DIR', folder))
    return join(folder, name)
  }
  const db = write(
    'db.toml',
    `[server.http]
enabled = true
listen = "127.0.0.1:${port}"
certificate = "DIR/cert.pem"
certificate_key = "DIR/key.pem"
username = "admin"
password = "secret"
[server.http.tokens]
${entry}
[programs.postgres]
command = "sleep 1000"
startsecs = 0
[programs.broken]
command = "/does/not/exist"
startretries = 0
`,
  )
  const here = write(
    'here.toml',
    `[server.unix]
file = "DIR/here.sock"
[server.http]
enabled = true
access = "open"
listen = "127.0.0.1:${page}"
[programs.web]
command = "sleep 1000"
startsecs = 0
[peers.db]
url = "https://localhost:${port}"
authorization_file = "DIR/authorization"
ca = "DIR/cert.pem"
[peers.gone]
url = "http://127.0.0.1:1"
[peers.other]
url = "http://127.0.0.1:${(other.address() as AddressInfo).port}"
headers = { X-Team = "ops" }
timeout = 2
[peers.self]
url = "unix://DIR/here.sock"
`,
  )
  await startReady(db)
  await startReady(here)
  return { folder, db, here, port, page, fingerprint, ctl: (...words: string[]) => kahi(['ctl', ...words]) }
}

test.skipIf(!hasOpenssl)(
  'kahi ctl over https: authorities, a fingerprint, the certificate of the file; nothing is sent before',
  async () => {
    const { folder, db, port, fingerprint, ctl } = await fleet()
    const url = `https://localhost:${port}`
    const login = ['-u', 'admin', '-p', 'secret']
    expect(await ctl('-c', db, 'pid', 'postgres')).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/^\d+\n$/),
    })
    expect((await ctl('-s', url, ...login, '--cacert', join(folder, 'cert.pem'), 'version')).exitCode).toBe(0)
    for (const one of [fingerprint, fingerprint.replaceAll(':', '').toLowerCase(), `sha256:${fingerprint}`])
      expect((await ctl('-s', `https://127.0.0.1:${port}`, ...login, '--fingerprint', one, 'version')).exitCode).toBe(0)
    const unknown = await ctl('-s', url, ...login, 'version')
    expect(unknown).toMatchObject({ exitCode: 1, stdout: expect.stringContaining('--cacert FILE, or --fingerprint') })
    const wrong = await ctl('-s', url, ...login, '--fingerprint', 'ab'.repeat(32), 'version')
    expect(wrong.exitCode).toBe(1)
    expect(wrong.stdout).toContain(fingerprint.replaceAll(':', '').toLowerCase())
    expect(await ctl('-s', url, '--fingerprint', 'ab', 'version')).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('64 hexadecimal digits'),
    })
    const { stdout } = await ctl('-s', url, '--cacert', join(folder, 'cert.pem'), 'version')
    expect(stdout).toContain('requires a user name and a password\n')
  },
)

test.skipIf(!hasOpenssl)(
  'kahi ctl asks several daemons at once: by address, by name, all peers; as lines and as JSON',
  async () => {
    const { folder, here, ctl } = await fleet()
    const all = await ctl('-c', here, '--peers', 'status')
    const lines = all.stdout.split('\n')
    expect(lines.find((line) => line.startsWith('db '))).toMatch(/^db +broken +FATAL/)
    expect(all.stdout).toMatch(/^unix:\/\/\S+here\.sock +web +RUNNING/m)
    expect(all.stdout).toMatch(/^gone +error: no daemon listens on http:\/\/127\.0\.0\.1:1$/m)
    expect(all.stdout).toMatch(/^other +error: unexpected answer; is this a kahi daemon\?$/m)
    expect(all.exitCode).toBe(4)
    const two = ['--addr', 'self', '--addr', join(folder, 'here.sock')]
    const json = await ctl('-c', here, ...two, '--json', 'version')
    expect(JSON.parse(json.stdout)).toMatchObject([
      { daemon: 'self', exit_code: 0, result: { pid: expect.any(Number) } },
      { daemon: `unix://${folder}/here.sock`, exit_code: 0 },
    ])
    expect((await ctl('-c', here, '--addr', 'db', '--addr', 'self', 'stop', 'web', 'postgres')).stdout).toMatch(
      /^db {4}.*\n[^]*^self {2}web: stopped$/m,
    )
    expect((await ctl('-c', here, '--addr', 'db', 'status', 'postgres')).stdout).toContain('RUNNING')
    expect(await ctl('-c', here, '--addr', 'nowhere', 'status')).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('there are db, gone, other, self'),
    })
    expect(await ctl('-c', here, '--peers', 'top')).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('one daemon'),
    })
    chmodSync(join(folder, 'authorization'), 0o000)
    if (process.getuid?.() !== 0)
      expect((await ctl('-c', here, '--addr', 'db', 'status')).stderr).toContain('the authorization of db')
  },
)

test.skipIf(!hasOpenssl)(
  'GET /api/v1/peers: each daemon with its processes or its problem; no secret is in it',
  async () => {
    const { folder } = await fleet()
    const { stdout } = await execa('curl', ['-s', '--unix-socket', join(folder, 'here.sock'), 'http://x/api/v1/peers'])
    expect(JSON.parse(stdout)).toMatchObject([
      {
        name: 'db',
        state: 'ok',
        problem: '',
        processes: [
          { name: 'broken', state: 'FATAL' },
          { name: 'postgres', state: 'RUNNING' },
        ],
      },
      { name: 'gone', state: 'failing', problem: 'ECONNREFUSED', processes: [] },
      { name: 'other', state: 'failing', problem: 'it is no kahi daemon', processes: [] },
      { name: 'self', state: 'ok', processes: [{ name: 'web' }] },
    ])
    expect(stdout).not.toContain('Bearer')
  },
)

test.skipIf(!hasOpenssl || !hasChromium)(
  'the page shows daemons side by side, live, in both themes and on a phone',
  async () => {
    const { page: port, here, ctl } = await fleet()
    const browser = await openBrowser()
    onTestFinished(() => browser.close())
    for (const [name, look] of [
      ['light', { colorScheme: 'light', viewport: { width: 1280, height: 800 } }],
      ['dark', { colorScheme: 'dark', viewport: { width: 1280, height: 800 } }],
      ['phone', { colorScheme: 'light', viewport: { width: 390, height: 844 } }],
    ] as const) {
      const { page, problems } = await openPage(browser, `http://127.0.0.1:${port}/`, { ...look, bypassCSP: true })
      await page.getByRole('link', { name: 'Daemons' }).click()
      const card = (title: string) => page.getByRole('region', { name: title, exact: true })
      await card('db').getByText('1 need attention').waitFor()
      await card('gone').getByText('does not answer: ECONNREFUSED').waitFor()
      await card('this daemon').getByText('web').waitFor()
      await expectAccessible(page, `daemons ${name}`)
      await keepPicture(page, `${name}-daemons`)
      const width = await page.evaluate<number>('document.documentElement.scrollWidth')
      expect(width).toBeLessThanOrEqual(look.viewport.width)
      if (name === 'phone') {
        await ctl('-c', here, 'stop', 'web')
        await card('self').getByText('stopped').waitFor()
        await card('this daemon').getByText('stopped').waitFor()
      }
      expect(problems).toEqual([])
      await page.context().close()
    }
  },
)
