// Rights of clients of dist/kahi over TCP: passwords as bcrypt hashes, tokens with roles, TLS, and the log lines that name the
// client of each change.

import { spawnSync } from 'node:child_process'
import { readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { describe, expect, test } from 'vitest'
import { rows } from '../../runtime/control/rest/rows.ts'
import { kahi, scratch, startDaemon } from '../helpers/kahi.ts'
import { freePort } from '../helpers/raw-http.ts'
import { eventually } from '../helpers/wait.ts'

async function run(http: string, folder = scratch()) {
  const port = await freePort()
  const file = join(folder, 'kahi.toml')
  const server = `[server.http]\nenabled = true\nlisten = "127.0.0.1:${port}"\n${http}\n[server.unix]\nfile = "${folder}/k.sock"\n`
  writeFileSync(file, `${server}[programs.web]\ncommand = "sleep 1000"\nstartsecs = 0\n`)
  const daemon = startDaemon(['daemon', '-c', file], { cwd: folder })
  await daemon.line('success: web entered RUNNING')
  const status = async (path: string, ...more: string[]): Promise<number> => {
    const { stdout } = await execa('curl', [
      '-so',
      '/dev/null',
      '-w',
      '%{http_code}',
      ...more,
      `http://127.0.0.1:${port}${path}`,
    ])
    return Number(stdout)
  }
  return { folder, port, daemon, status }
}

/** A token and the line for the file, as `kahi hash-password` prints them. */
async function token(role: string): Promise<{ token: string; entry: string }> {
  const { stdout } = await kahi(['hash-password', '--token', '--role', role, '--name', role])
  const [, secret = '', entry = ''] = /^token: (\S+)\ntokens = \{ (.*) \}\n$/.exec(stdout) ?? []
  return { token: secret, entry }
}

describe('passwords', () => {
  test('a hash of kahi hash-password, from a pipe; wrong ones are refused, the right one is remembered', async () => {
    const { stdout, exitCode } = await kahi(['hash-password'], { input: 'correct horse\n' })
    expect([exitCode, stdout]).toEqual([0, expect.stringMatching(/^\$2b\$10\$\S{53}\n$/)])
    expect(await kahi(['hash-password'], { input: '\n' })).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('empty'),
    })
    expect(await kahi(['hash-password'], { input: `${'x'.repeat(73)}\n` })).toMatchObject({ exitCode: 2 })
    const { status, daemon } = await run(`username = "u"\npassword = '${stdout.trim()}'`)
    expect(await status('/api/v1/processes')).toBe(401)
    expect(await status('/api/v1/processes', '-u', 'u:wrong')).toBe(401)
    expect(await status('/api/v1/processes', '-u', 'v:correct horse')).toBe(401)
    expect(await status('/api/v1/processes', '-u', `u:${stdout.trim()}`)).toBe(401)
    for (let round = 0; round < 2; round += 1)
      expect(await status('/api/v1/processes', '-u', 'u:correct horse')).toBe(200)
    expect(await status('/api/v1/processes/web/restart', '-XPOST', '-u', 'u:correct horse')).toBe(200)
    await daemon.line('u (admin) from this machine: POST /api/v1/processes/web/restart: 200')
    expect(daemon.output()).not.toContain('correct horse')
  })
})

describe('a TCP server without credentials', () => {
  const asks = async (url: string) => (await execa('curl', ['-s', '--retry', '9', '--retry-connrefused', url])).stdout

  test('is refused, on this machine too, unless the file says access = "open"', async () => {
    const folder = scratch()
    const file = join(folder, 'kahi.toml')
    writeFileSync(file, '[server.http]\nenabled = true\nlisten = "127.0.0.1:9001"\n')
    const { exitCode, stderr } = await kahi(['daemon', '-c', file], { cwd: folder })
    expect(exitCode).toBe(2)
    expect(stderr).toContain(`kahi.toml:1:1: error: [server.http] asks clients for nothing`)
    expect(stderr).toContain('access = "open"')
    const { status } = await run('access = "open"')
    expect(await status('/api/v1/processes')).toBe(200)
  })

  test('of supervisord stays open: in kahi supervisord, and in the TOML that says so', async () => {
    const [folder, port] = [scratch(), await freePort()]
    const file = join(folder, 'supervisord.conf')
    writeFileSync(file, `[supervisord]\nnodaemon=true\n[inet_http_server]\nport=127.0.0.1:${port}\n`)
    startDaemon(['supervisord', '-c', file], { cwd: folder })
    const url = `http://127.0.0.1:${port}/api/v1/version`
    await eventually(async () => (await asks(url)).includes('"version"'))
    const { stdout, stderr } = await kahi(['migrate', file])
    expect(stdout).toContain('access = "open"')
    expect(stderr).toContain('[inet_http_server] asks for no password')
  })
})

describe('who did what', () => {
  test('on a unix socket its user, by REST and by XML-RPC; in the log and as an event', async () => {
    const { folder, daemon } = await run('access = "open"')
    const uid = process.getuid?.()
    const socket = join(folder, 'k.sock')
    await kahi(['ctl', '-s', socket, 'restart', 'web'])
    await daemon.line(`uid ${uid} from the unix socket: POST /api/v1/processes/web%3Aweb/restart: 200`)
    await kahi(['supervisorctl', '-s', `unix://${socket}`, 'stop', 'web'])
    await daemon.line(`uid ${uid} from the unix socket: supervisor.stopProcess web: done`)
    const { stdout } = await kahi(['ctl', '-s', socket, 'events', '--types', 'audit', '--json'])
    const { events } = JSON.parse(stdout) as { events: Readonly<Record<string, unknown>>[] }
    expect(events[0]).toMatchObject({
      ...{ type: 'audit', who: '', role: 'admin', uid, from: 'the unix socket' },
      ...{ action: 'POST /api/v1/processes/web%3Aweb/restart', result: '200' },
    })
    // requests that only read write no line
    expect(events).toHaveLength(2)
  })
})

describe('tokens', () => {
  const ROLES = ['metrics', 'read', 'control', 'admin'] as const
  const WANTS = [
    ['GET', '/metrics', 'metrics'],
    ['GET', '/', 'read'],
    ['GET', '/kahi.js', 'read'],
    ['GET', '/api/v1/processes', 'read'],
    ['GET', '/api/v1/config', 'read'],
    ['GET', '/logtail/web', 'read'],
    ['POST', '/api/v1/processes/web/restart', 'control'],
    ['POST', '/api/v1/config/update', 'control'],
    ['POST', '/index.html?action=restart&processname=web', 'control'],
    ['DELETE', '/api/v1/programs/none', 'admin'],
    ['POST', '/RPC2', 'admin'],
  ] as const

  /** Every endpoint of REST that needs credentials. */
  const ENDPOINTS = Object.entries(rows).flatMap(([key, { access }]) => {
    const [method = '', path = ''] = key.split(' ')
    return access === 'open' ? [] : [[method, path.replaceAll(/\{\w+\}/g, 'none'), access] as const]
  })

  test('each role may do what it says and no more; without, with a wrong one, nothing', async () => {
    const made = await Promise.all(ROLES.map(token))
    const { port, status, daemon } = await run(`tokens = { ${made.map(({ entry }) => entry).join(', ')} }`)
    const ask = async (method: string, path: string, secret?: string): Promise<number> => {
      const stop = new AbortController()
      const headers = secret === undefined ? {} : { Authorization: `Bearer ${secret}` }
      const answer = await fetch(`http://127.0.0.1:${port}${path}`, { method, headers, signal: stop.signal })
      stop.abort()
      return answer.status
    }
    for (const [method, path, needed] of [...WANTS, ...ENDPOINTS]) {
      expect(await ask(method, path), `${method} ${path} without`).toBe(401)
      for (const [index, role] of ROLES.entries()) {
        const may = index >= ROLES.indexOf(needed)
        if (may && !WANTS.some(([, other]) => other === path)) continue
        const code = await ask(method, path, made[index]?.token)
        if (may) expect([401, 403], `${method} ${path} as ${role}`).not.toContain(code)
        else expect(code, `${method} ${path} as ${role}`).toBe(403)
      }
    }
    expect(await status('/metrics', '-H', 'Authorization: Bearer kahi_wrong')).toBe(401)
    expect(await status('/metrics', '-u', `metrics:${made[0]?.token}`)).toBe(200)
    expect(await status('/healthz')).toBe(200)
    await daemon.line('read (read) from this machine: POST /api/v1/processes/web/restart: 403')
    await daemon.line('control (control) from this machine: POST /api/v1/processes/web/restart: 200')
    await daemon.line('control (control) from this machine: restart web: Process web restarted')
    for (const { token: secret } of made) expect(daemon.output()).not.toContain(secret)
  })

  test('a wrong token opens no endpoint', async () => {
    const { entry } = await token('admin')
    const { status, daemon } = await run(`tokens = { ${entry} }`)
    const wrong = ['-H', 'Authorization: Bearer kahi_wrong']
    // wrong passwords wait after the first ten, so the test uses a few endpoints only: the check comes before the row is looked up
    for (const [method, path] of ENDPOINTS.slice(0, 8)) expect(await status(path, '-X', method, ...wrong)).toBe(401)
    await daemon.line('wrong user or password from this machine')
  })

  test('a unix socket has tokens too', async () => {
    const { entry, token: secret } = await token('read')
    const folder = scratch()
    const [file, socket] = [join(folder, 'kahi.toml'), join(folder, 'k.sock')]
    const program = '[programs.web]\ncommand = "sleep 1000"\nstartsecs = 0\n'
    writeFileSync(file, `[server.unix]\nfile = "${socket}"\ntokens = { ${entry} }\n${program}`)
    const daemon = startDaemon(['daemon', '-c', file], { cwd: folder })
    await daemon.line('success: web entered RUNNING')
    const status = async (method: string, path: string, ...more: string[]) => {
      const words = ['-so', '/dev/null', '-w', '%{http_code}', '--unix-socket', socket, '-X', method, ...more]
      return (await execa('curl', [...words, `http://localhost${path}`])).stdout
    }
    const bearer = ['-H', `Authorization: Bearer ${secret}`]
    expect(await status('GET', '/api/v1/processes')).toBe('401')
    expect(await status('GET', '/api/v1/processes', ...bearer)).toBe('200')
    expect(await status('POST', '/api/v1/processes/web/restart', ...bearer)).toBe('403')
    const uid = process.getuid?.()
    await daemon.line(`read (read), uid ${uid} from the unix socket: POST /api/v1/processes/web/restart: 403`)
  })

  test('mistakes in the file are said with their place', async () => {
    const folder = scratch()
    const file = join(folder, 'kahi.toml')
    const check = async (tokens: string) => {
      writeFileSync(file, `[server.http]\nenabled = true\nlisten = "127.0.0.1:9001"\ntokens = ${tokens}\n`)
      return (await kahi(['check', file])).stderr
    }
    const hash = `sha256:${'a'.repeat(64)}`
    expect(await check(`{ ci = { hash = "${hash}", role = "contrl" } }`)).toMatch(
      /kahi.toml:4:\d+: .*did you mean "control"/,
    )
    expect(await check('{ ci = { hash = "secret", role = "read" } }')).toContain('kahi hash-password --token')
    expect(await check(`{ ci = { hash = "${hash}", role = "read", rule = 1 } }`)).toContain('"rule"')
    expect(await check('"abc"')).toContain('kahi.toml:4')
  })
})

const hasOpenssl = spawnSync('openssl', ['version']).status === 0
if (!hasOpenssl) console.warn('openssl is not installed: TLS is not tested')

test.skipIf(!hasOpenssl)('TLS, and a renewed certificate without a restart', async () => {
  const folder = scratch()
  const make = (name: string): void => {
    const words = `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=${name} -addext subjectAltName=IP:127.0.0.1`
    const files = ['-keyout', join(folder, 'key.pem'), '-out', join(folder, 'cert.pem')]
    expect(spawnSync('openssl', [...words.split(' '), ...files]).status).toBe(0)
  }
  make('first')
  const { port, daemon } = await run(`access = "open"\ncertificate = "cert.pem"\ncertificate_key = "key.pem"`, folder)
  const ask = async (...more: string[]) =>
    execa(
      'curl',
      ['-sv', '--cacert', join(folder, 'cert.pem'), ...more, `https://127.0.0.1:${port}/api/v1/processes`],
      { reject: false },
    )
  const first = await ask()
  expect(JSON.parse(first.stdout)[0]).toMatchObject({ name: 'web', state: 'RUNNING' })
  expect(first.stderr).toContain('CN=first')
  expect((await ask('--tls-max', '1.1')).exitCode).not.toBe(0)
  const plain = await execa('curl', ['-s', `http://127.0.0.1:${port}/healthz`], { reject: false })
  expect(plain.exitCode).not.toBe(0)
  const old = readFileSync(join(folder, 'cert.pem'))
  make('second')
  await eventually(async () => expect((await ask()).stderr).toContain('CN=second'))
  writeFileSync(join(folder, 'cert.pem'), 'broken')
  await eventually(async () => {
    await ask('-k')
    return daemon.output().includes('the old one stays in use')
  })
  // the user who renews the certificate may put anything in its place
  rmSync(join(folder, 'cert.pem'))
  expect(spawnSync('mkfifo', [join(folder, 'cert.pem')]).status).toBe(0)
  await eventually(async () => {
    expect((await execa('curl', ['-sk', `https://127.0.0.1:${port}/healthz`])).stdout).toContain('ok')
    return daemon.output().includes('is no plain file; the old one stays in use')
  })
  rmSync(join(folder, 'cert.pem'))
  symlinkSync('cert.pem', join(folder, 'cert.pem'))
  await eventually(async () => {
    expect((await execa('curl', ['-sk', `https://127.0.0.1:${port}/healthz`])).stdout).toContain('ok')
    return daemon.output().includes('ELOOP')
  })
  expect(daemon.output()).not.toContain('internal error')
  rmSync(join(folder, 'cert.pem'))
  writeFileSync(join(folder, 'cert.pem'), old)
  expect((await execa('curl', ['-sk', `https://127.0.0.1:${port}/healthz`])).stdout).toContain('ok')
  expect(await kahi(['check', join(folder, 'kahi.toml')])).toMatchObject({ exitCode: 0 })
})
