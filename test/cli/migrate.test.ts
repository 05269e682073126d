// `kahi migrate`, `check`, `init` and `keys` through dist/kahi.

import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { kahi, root, scratch } from '../helpers/kahi.ts'

const CONF = '[supervisord]\nnodaemon=true\n[program:web]\ncommand=%(here)s/web\nautorestart=true\n'

function place(text: string | Buffer = CONF, name = 'supervisord.conf'): { folder: string; conf: string } {
  const folder = scratch()
  writeFileSync(join(folder, name), text)
  return { folder, conf: join(folder, name) }
}

describe('migrate', () => {
  test('writes TOML to stdout and the report to stderr', async () => {
    const { folder } = place()
    const { exitCode, stdout, stderr } = await kahi(['migrate', '--no-advice', 'supervisord.conf'], { cwd: folder })
    expect(exitCode).toBe(0)
    expect(stdout).toBe(
      `# Converted from supervisord.conf by kahi 0.1.0.\n\n[supervisor]\nnodaemon = true\nlogfile = "supervisord.log"\noutput_format = "raw"\npidfile = "supervisord.pid"\n\n[programs.web]\ncommand = "${folder}/web"\nautorestart = true\nstdout_logfile = "AUTO"\nstderr_logfile = "AUTO"\n`,
    )
    expect(stderr).toBe(
      `note: not on this machine: ${folder}/web\n  hint: these programs cannot start here; nothing is wrong when the file is for another machine\n` +
        '1 program and 0 groups from 1 file: 3 kept, 0 renamed, 0 changed, 5 defaulted, 0 replaced, 0 dropped\n',
    )
  })

  test('-o writes a file once; %(here)s is kept beside the source only', async () => {
    const { folder, conf } = place()
    mkdirSync(join(folder, 'sub'))
    const beside = join(folder, 'kahi.toml')
    expect(await kahi(['migrate', conf, '-o', beside])).toMatchObject({ exitCode: 0, stdout: '' })
    expect(readFileSync(beside, 'utf8')).toContain('command = "%(here)s/web"')
    await kahi(['migrate', conf, '--output', join(folder, 'sub/kahi.toml')])
    expect(readFileSync(join(folder, 'sub/kahi.toml'), 'utf8')).toContain(`command = "${folder}/web"`)
  })

  test('an existing file is only replaced with --force', async () => {
    const { folder, conf } = place()
    const output = join(folder, 'kahi.toml')
    writeFileSync(output, 'mine')
    const refused = await kahi(['migrate', conf, '-o', output])
    expect(refused).toMatchObject({ exitCode: 2, stdout: '' })
    expect(refused.stderr).toContain(`error: ${output} exists\n  hint: use --force to replace it`)
    expect(readFileSync(output, 'utf8')).toBe('mine')
    expect(await kahi(['migrate', conf, '-o', output, '--force'])).toMatchObject({ exitCode: 0 })
    expect(readFileSync(output, 'utf8')).toContain('[programs.web]')
  })

  test('who may not read the source may not read the TOML', async () => {
    const { folder, conf } = place()
    chmodSync(conf, 0o600)
    await kahi(['migrate', conf, '-o', join(folder, 'k.toml')])
    expect(statSync(join(folder, 'k.toml')).mode & 0o777).toBe(0o600)
  })

  test('--dry-run writes nothing', async () => {
    const { folder, conf } = place()
    const output = join(folder, 'kahi.toml')
    expect(await kahi(['migrate', '--dry-run', conf, '-o', output])).toMatchObject({
      exitCode: 0,
      stdout: '',
      stderr: expect.stringContaining('1 program'),
    })
    expect(existsSync(output)).toBe(false)
  })

  test('--report json says of every key what became of it', async () => {
    const { conf } = place(`${CONF}[ctlplugin:x]\ncommand=y\nevents=TICK_5\n`)
    const { exitCode, stderr } = await kahi(['migrate', '--report', 'json', conf])
    expect(exitCode).toBe(0)
    const report = JSON.parse(stderr)
    expect(report).toMatchObject({ valid: true, files: [conf], isFragment: false, output: null })
    expect(report.ledger).toContainEqual({
      place: { file: conf, line: 4, column: 1 },
      section: 'program:web',
      key: 'command',
      fate: 'kept',
      to: 'programs.web.command',
    })
    expect(report.ledger).toContainEqual(expect.objectContaining({ section: 'ctlplugin:x', fate: 'dropped', to: '' }))
    expect(report.diagnostics).toMatchObject([{ severity: 'warning', place: { line: 6 } }])
  })

  test.each([
    ['a missing file', undefined, 'supervisord.conf: there is no such file'],
    [
      'a binary file',
      Buffer.from([0x7f, 0x45, 0, 1]),
      'supervisord.conf:1:1: error: Cannot read the file: it is binary',
    ],
    [
      'invalid UTF-8',
      Buffer.from('[supervisord]\n; \xff\n', 'latin1'),
      'supervisord.conf:1:1: error: Cannot read the file: it is not valid UTF-8',
    ],
    ['a byte order mark', '\uFEFF[supervisord]\n', 'byte order mark'],
    ['a file of something else', '{"a": 1}', 'supervisord.conf:1:1: error: There is no section above'],
    ['an empty file', '', 'supervisord.conf:1:1: error: There is no [supervisord] section'],
    [
      'bad values',
      '[supervisord]\n[program:a]\ncommand=x\nstartsecs=soon\n',
      'supervisord.conf:4:1: error: Cannot read "startsecs" as seconds: "soon" is not a whole number',
    ],
  ])('refuses %s with exit 2 and writes nothing', async (_, text, message) => {
    const { folder } = place(text ?? '', text === undefined ? 'other' : 'supervisord.conf')
    const { exitCode, stdout, stderr } = await kahi(['migrate', 'supervisord.conf', '-o', 'k.toml'], { cwd: folder })
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' })
    expect(stderr).toContain(message)
    expect(existsSync(join(folder, 'k.toml'))).toBe(false)
  })

  test('refuses a device and an output that cannot be written', async () => {
    const { folder, conf } = place()
    expect((await kahi(['migrate', '/dev/zero'])).stderr).toContain('it is a device')
    const unwritable = await kahi(['migrate', conf, '-o', join(folder, 'none/k.toml')])
    expect(unwritable).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('its directory does not exist') })
  })

  test('carriage returns are no trouble', async () => {
    const { conf } = place(CONF.replaceAll('\n', '\r\n'))
    const { stdout } = await kahi(['migrate', conf])
    expect(stdout).not.toContain('\r')
    expect(stdout).toContain('autorestart = true')
  })

  test('colours only on terminals', async () => {
    const { conf } = place(`${CONF}[notes]\na=1\n`)
    expect((await kahi(['migrate', conf], { env: { FORCE_COLOR: undefined } })).stderr).not.toContain('\x1b')
  })
})

describe('check', () => {
  test('a valid file', async () => {
    const { conf } = place()
    const stdout = `${conf} is valid: 1 process (web)\n`
    expect(await kahi(['check', '--assume-image', conf])).toMatchObject({ exitCode: 0, stdout, stderr: '' })
  })

  test('all mistakes at once, exit 2', async () => {
    const { folder } = place(
      '[programs.a]\ncomand = "x"\nstartsecs = "soon"\n[groups.g]\nprograms = ["b"]\n',
      'kahi.toml',
    )
    const { exitCode, stdout, stderr } = await kahi(['check', 'kahi.toml'], { cwd: folder })
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' })
    expect(stderr.split('\n').filter((line) => line.includes('error:'))).toHaveLength(3)
    expect(stderr).toContain(
      'kahi.toml:2:1: error: Unknown key "comand" in [programs.a]\n' +
        '    2 | comand = "x"\n      | ^\n  hint: did you mean "command"?\n',
    )
    expect(stderr.split('\n').slice(-2)).toEqual(['kahi.toml: 3 errors', ''])
  })

  test('values as people write them', async () => {
    const { folder } = place(
      '[programs.a]\ncommand = "sleep 1"\nenvironment = { PORT = 8000, DEBUG = true }\nautorestart = "on-failure"\n' +
        'stopwaitsecs = "1m30s"\ntimeout_up = "500ms"\nready = { tcp = 5432, interval = "250ms" }\n' +
        'restart = { delay = "2s", max_delay = "5m" }\n',
      'kahi.toml',
    )
    const { stdout } = await kahi(['check', '--effective', 'kahi.toml'], { cwd: folder })
    expect(JSON.parse(stdout)).toMatchObject({
      groups: [
        { processes: [{ environment: { PORT: '8000', DEBUG: 'true' }, autorestart: 'unexpected', stopwaitsecs: 90 }] },
      ],
    })
    expect(JSON.parse(stdout)).toMatchObject({
      groups: [
        {
          processes: [
            {
              timeout_up: 0.5,
              ready: { check: { port: 5432 }, interval: 0.25 },
              restart: { delay: 2, max_delay: 300 },
            },
          ],
        },
      ],
    })
  })

  test('a supervisord.conf may not have them: supervisord refuses such a file', async () => {
    const { conf } = place('[supervisord]\n[program:a]\ncommand=sleep 1\nstopwaitsecs=10s\nautorestart=always\n')
    const { exitCode, stderr } = await kahi(['check', conf])
    expect({ exitCode, errors: stderr.match(/error:/g)?.length }).toEqual({ exitCode: 2, errors: 2 })
  })

  test('warns of what is valid and will not work', async () => {
    const { folder } = place(
      '[server.http]\nenabled = true\naccess = "open"\nlisten = "0.0.0.0:9001"\n[programs.a]\ncommand = "sleep 1 | cat"\n' +
        '[programs.b]\ncommand = "/no/such/program --password=x"\n[programs.c]\ncommand = "echo $HOME"\n' +
        '[programs.d]\ncommand = ["/bin/sh", "-c", "sleep 1 | cat"]\n',
      'kahi.toml',
    )
    const { exitCode, stderr } = await kahi(['check', 'kahi.toml'], { cwd: folder })
    expect(exitCode).toBe(0)
    expect(stderr.split('\n').filter((line) => line.includes('warning:'))).toEqual([
      'kahi.toml:1:1: warning: The TCP server has no password: every client that reaches it controls all programs',
      'kahi.toml:6:1: warning: "|" is an argument of a: no shell runs its command',
      "kahi.toml:8:1: warning: b cannot start on this machine: can't find command '/no/such/program'",
      'kahi.toml:10:1: warning: "$HOME" is an argument of c: no shell replaces it by a value',
    ])
    expect(stderr).toContain('   10 | command = "echo $HOME"')
    expect(stderr).not.toContain('password=x')
  })

  test('--json', async () => {
    const { folder } = place('[programs.a]\nstartsecs = "soon"\n', 'kahi.toml')
    const { exitCode, stdout } = await kahi(['check', '--json', 'kahi.toml'], { cwd: folder })
    expect(exitCode).toBe(2)
    expect(JSON.parse(stdout)).toMatchObject({
      valid: false,
      diagnostics: [{ severity: 'error' }, { severity: 'error' }],
    })
  })

  test('--assume-image notes what this machine lacks', async () => {
    const { conf } = place(
      '[supervisord]\n[program:a]\ncommand=x\nuser=nobody-here\nstdout_logfile=/missing-folder/a.log\n',
    )
    expect(await kahi(['check', conf])).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('There is no user "nobody-here" on this machine'),
    })
    const noted = await kahi(['check', '--assume-image', conf])
    expect(noted.exitCode).toBe(0)
    expect(noted.stderr.match(/: note: /g)).toHaveLength(2)
  })

  test('--effective --json shows what would run', async () => {
    const { conf, folder } = place()
    const { stdout } = await kahi(['check', '--effective', '--json', conf])
    const shown = JSON.parse(stdout)
    expect(shown.groups[0].processes[0]).toMatchObject({
      namespec: 'web',
      argv: [`${folder}/web`],
      autorestart: 'true',
      stopsignalName: 'SIGTERM',
      stdout: { logfile: 'AUTO' },
    })
    expect(shown).toMatchObject({
      startOrder: ['web'],
      stopOrder: [['web']],
      httpServers: [],
      supervisord: { nodaemon: true, loglevel: 'info' },
    })
  })
})

describe('init and keys', () => {
  test('init writes a file that is valid, once', async () => {
    const folder = scratch()
    expect(await kahi(['init'], { cwd: folder })).toMatchObject({
      exitCode: 0,
      stdout: 'wrote kahi.toml; run it with: kahi daemon -c kahi.toml\n',
    })
    expect(statSync(join(folder, 'kahi.toml')).mode & 0o111).toBe(0)
    expect(await kahi(['check', 'kahi.toml'], { cwd: folder })).toMatchObject({ exitCode: 0 })
    expect(await kahi(['init'], { cwd: folder })).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('kahi.toml exists'),
    })
    expect(await kahi(['init', '--force'], { cwd: folder })).toMatchObject({ exitCode: 0 })
    expect(await kahi(['init', '-o', 'other.toml'], { cwd: folder })).toMatchObject({ exitCode: 0 })
    expect((await kahi(['init', '--stdout'])).stdout).toBe(readFileSync(join(folder, 'other.toml'), 'utf8'))
  })

  test('keys explains all tables, one, and knows near misses', async () => {
    expect((await kahi(['keys'])).stdout).toContain('stopwaitsecs (seconds; default 10)')
    expect((await kahi(['keys', 'groups'])).stdout).not.toContain('stopwaitsecs')
    expect(await kahi(['keys', 'program'])).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('did you mean "programs"?'),
    })
  })

  test('the reference page is what keys prints', async () => {
    const { stdout } = await kahi(['keys', '--format', 'markdown'])
    const page = readFileSync(join(root, 'docs/reference/kahi.toml.md'), 'utf8')
    const [keys = ''] = page.slice(page.indexOf('## ')).split('\n## Values')
    expect(keys, 'npm run docs').toBe(stdout)
  })
})
