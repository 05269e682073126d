// `kahi migrate --translate` on trees of s6-rc, through dist/kahi: the written scripts, which also run, and the report about the
// other scripts.

import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { kahi, root, scratch, startReady } from '../../helpers/kahi.ts'
import { SHARED } from '../../helpers/oracle.ts'

const ONETIMESECRET = join(root, 'fixtures/s6-rc/onetimesecret/input')
const CORPUS = join(SHARED, 'corpus/s6')
const corpus = existsSync(CORPUS) ? readdirSync(CORPUS).filter((name) => name !== 'index.tsv') : []

function plant(files: Readonly<Record<string, string>>): string {
  const tree = join(scratch(), 's6-rc.d')
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(tree, name)), { recursive: true })
    writeFileSync(join(tree, name), text)
    if (/\/(?:run|finish)$/.test(name)) chmodSync(join(tree, name), 0o755)
  }
  return tree
}

function longrun(name: string, run: string): Readonly<Record<string, string>> {
  return { [`${name}/type`]: 'longrun\n', [`${name}/run`]: run }
}

describe('writes', () => {
  test('OneTimeSecret without a word of execline, and proves that the rest is the same', async () => {
    const output = join(scratch(), 'kahi.toml')
    const { exitCode, stderr } = await kahi(['migrate', ONETIMESECRET, '--translate', '-o', output])
    expect(exitCode).toBe(0)
    expect(stderr).toContain('8 of 8 scripts of execline are translated; nothing in this tree needs the tools')
    expect(stderr).toContain('read back, it runs the same')
    const text = readFileSync(output, 'utf8')
    expect(text).toContain('directory = "/app"')
    expect(text).toContain('exec bundle exec puma -C etc/puma.rb')
    expect(text).toContain('echo "web ended with $1, signal $2"\nexit "$1"')
    expect(text).not.toMatch(/execlineb|s6-echo|importas/)
    expect((await kahi(['check', '--assume-image', output])).exitCode).toBe(0)
  })

  test('keys and an argv where nothing else is left', async () => {
    const run =
      '#!/command/execlineb -P\n# the server\nwith-contenv\ns6-setuidgid www-data\ncd /srv\nexport MODE "a b"\numask 027\nfdmove -c 2 1\nserver --port 80\n'
    const { stdout, stderr } = await kahi(['migrate', '--translate', plant(longrun('web', run))])
    expect(stdout).toContain(
      '# the server\ncommand = ["server", "--port", "80"]\ndirectory = "/srv"\nuser = "www-data"\n',
    )
    expect(stdout).toMatch(/umask = "027"[^]*environment = \{ MODE = "a b" \}[^]*redirect_stderr = true/)
    expect(stderr).toContain('1 of 1 scripts of execline are translated')
  })

  test('with --inline all scripts of shells, also behind with-contenv and those that oneshots name', async () => {
    const at = '/etc/s6-overlay/s6-rc.d'
    const tree = plant({
      ...longrun('web', '#!/command/with-contenv bash\necho web\n'),
      'init/type': 'oneshot\n',
      'init/up': `${at}/init/run\n`,
      'init/run': '#!/command/with-contenv bash\necho init\n',
    })
    const { stdout, stderr } = await kahi(['migrate', '--translate', '--inline', '--at', at, tree])
    expect(stdout).toContain(`up = ["bash", "-c", \'\'\'\necho init\n\'\'\', "${at}/init/run"]`)
    expect(stdout).toContain(`command = ["bash", "-c", \'\'\'\necho web\n\'\'\', "${at}/web/run", "web"]`)
    expect(stderr).toContain('note: 0 of 0 scripts of execline are translated; nothing in this tree needs the tools')
    const plain = await kahi(['migrate', '--inline', tree])
    expect(plain.stdout).toContain(`up = ["/command/with-contenv", "bash", "-c", \'\'\'\necho init\n`)
    expect(plain.stderr).toContain(
      `note: The oneshots name their scripts in ${at}, the programs by their current paths; --at ${at}`,
    )
  })

  test('no keys where another script would feel them', async () => {
    const finish = '#!/command/execlineb -S0\nrm -f lock\n'
    const run = '#!/command/execlineb -P\ncd /srv\nserver\n'
    const { stdout } = await kahi(['migrate', '--translate', plant({ ...longrun('web', run), 'web/finish': finish })])
    expect(stdout).toContain('cd /srv || exit 111\nexec server\n')
    expect(stdout).not.toContain('directory = "/srv"')
  })

  test('with-contenv in front of a shell goes, for oneshots too', async () => {
    const tree = plant({
      ...longrun('web', '#!/command/with-contenv bash\nexec server\n'),
      'prepare/type': 'oneshot\n',
      'prepare/up': '/etc/s6-overlay/s6-rc.d/prepare/run\n',
      'prepare/run': '#!/command/with-contenv sh\ntrue\n',
    })
    const { stdout, stderr } = await kahi(['migrate', '--translate', '--at', '/etc/s6-overlay/s6-rc.d', tree])
    expect(stdout).toContain('command = ["bash", "/etc/s6-overlay/s6-rc.d/web/run", "web"]')
    expect(stdout).toContain('up = ["sh", "/etc/s6-overlay/s6-rc.d/prepare/run"]')
    expect(stderr).toContain('nothing in this tree needs the tools of skarnet.org')
  })
})

describe('says', () => {
  test('which command in which line cannot be said in a shell; the script stays', async () => {
    const run = '#!/command/execlineb -P\nforeground { true }\ntrap { term { true } } server\n'
    const { stdout, stderr } = await kahi(['migrate', '--translate', plant(longrun('web', run))])
    expect(stderr).toMatch(
      /web\/run:3:1: warning: "run" of web stays a script of execline: trap has no counterpart in a shell/,
    )
    expect(stderr).toContain(
      '0 of 1 scripts of execline are translated; the tools of skarnet.org are needed by web (execlineb)',
    )
    expect(stdout).toMatch(/command = \["\S*web\/run", "web"\]/)
  })

  test('which tools scripts of the shell still call', async () => {
    const tree = plant(
      longrun('web', '#!/bin/sh\n# s6-svc is only talked of\nexec s6-setuidgid www-data server /etc/s6-overlay/x\n'),
    )
    const { stderr } = await kahi(['migrate', '--translate', tree])
    expect(stderr).toContain('run:3:1: note: "run" of web calls s6-setuidgid')
    expect(stderr).toContain('needed by web (s6-setuidgid)')
  })

  test('with-contenv stays where scripts change the environment of the container', async () => {
    const tree = plant({
      ...longrun('a', '#!/command/with-contenv sh\nexec a\n'),
      ...longrun('b', '#!/bin/sh\necho 1 > /run/s6/container_environment/X\n'),
    })
    const { stdout, stderr } = await kahi(['migrate', '--translate', tree])
    expect(stderr).toMatch(/a\/run:1:1: warning: "run" of a keeps with-contenv: .*b\/run uses its files/)
    expect(stdout).toMatch(/command = \["\S*a\/run", "a"\]/)
  })

  test('the same in JSON; that there is nothing to do for supervisord.conf', async () => {
    const { stderr } = await kahi(['migrate', '--dry-run', '--report', 'json', '--translate', ONETIMESECRET])
    const { diagnostics } = JSON.parse(stderr) as { readonly diagnostics: readonly { readonly message: string }[] }
    expect(diagnostics.map(({ message }) => message).join('\n')).toContain('8 of 8 scripts')
    const conf = join(scratch(), 'supervisord.conf')
    writeFileSync(conf, '[supervisord]\n')
    expect(await kahi(['migrate', '--translate', conf])).toMatchObject({ exitCode: 2 })
  })

  test('how to rename what has a blank or a colon in its name', async () => {
    const tree = plant({ ...longrun('my web', '#!/bin/sh\n'), 'all/type': 'bundle\n', 'all/contents': 'my web\n' })
    const { exitCode, stderr } = await kahi(['migrate', tree])
    expect(exitCode).toBe(2)
    expect(stderr).toMatch(/my web:1:1: error: The name "my web" cannot be used in kahi/)
    expect(stderr).toMatch(/hint: mv '.*my web' '.*my-web', and write the new name .*all\/contents/)
  })
})

test('what was translated runs, finish with its arguments too', async () => {
  const run =
    '#!/command/execlineb -P\nwith-contenv\nbacktick WHO { importas -D world WHO WHO s6-echo ${WHO} }\nimportas -u WHO WHO\nforeground { s6-echo "hello ${WHO}" }\nsleep 1000\n'
  const finish = '#!/command/execlineb -S0\nforeground { s6-echo "ended: ${1} ${2} ${3}" }\nexit 125\n'
  const toml = join(scratch(), 'kahi.toml')
  const tree = plant({
    ...longrun('web', run),
    'web/finish': finish,
    'user/type': 'bundle\n',
    'user/contents.d/web': '',
  })
  expect((await kahi(['migrate', '--translate', tree, '-o', toml])).stderr).toContain('read back, it runs the same')
  writeFileSync(toml, `${readFileSync(toml, 'utf8')}\n[server.unix]\nfile = "${join(dirname(toml), 's.sock')}"\n`)
  const daemon = await startReady(toml)
  await daemon.line('hello world')
  daemon.signal('SIGTERM')
  await daemon.line('ended: 256 15 web')
  expect((await daemon.ended()).exitCode).toBe(0)
})

test.skipIf(corpus.length === 0)('over the corpus (skipped without it)', async () => {
  const counts = await Promise.all(
    corpus.map(async (name) => {
      const { stderr } = await kahi(['migrate', '--translate', '--dry-run', join(CORPUS, name, 's6-rc.d')])
      const [, done, all] = /(\d+) of (\d+) scripts of execline/.exec(stderr) ?? []
      return [Number(done), Number(all)] as const
    }),
  )
  const [done, all] = [0, 1].map((index) => counts.reduce((sum, pair) => sum + (pair[index] ?? 0), 0))
  console.log(`${done} of ${all} scripts of execline in the ${corpus.length} trees of the corpus are translated`)
  expect(done).toBeGreaterThan(0)
})

describe('never says that tools are not needed where what a script runs needs them', () => {
  const SCRIPTS = 'etc/s6-overlay/scripts'

  async function translate(up: string, files: Readonly<Record<string, string>>): Promise<string> {
    const image = scratch()
    const tree = 'etc/s6-overlay/s6-rc.d/prepare'
    for (const [name, text] of Object.entries({ ...files, [`${tree}/type`]: 'oneshot\n', [`${tree}/up`]: `${up}\n` })) {
      mkdirSync(dirname(join(image, name)), { recursive: true })
      writeFileSync(join(image, name), text, { mode: 0o755 })
    }
    const { stderr } = await kahi(['migrate', '--translate', image, '--at', '/'])
    return /^note: .*scripts of execline are translated; (.*)$/m.exec(stderr)?.[1] ?? stderr
  }

  const contenv = '#!/command/with-contenv bash\n:\n'
  test.each([
    ['a script beside the tree', `/${SCRIPTS}/a`, { [`${SCRIPTS}/a`]: contenv }, `/${SCRIPTS}/a (with-contenv)`],
    [
      'one that it runs',
      `/${SCRIPTS}/a`,
      { [`${SCRIPTS}/a`]: `#!/bin/sh\n/${SCRIPTS}/b\n`, [`${SCRIPTS}/b`]: '#!/bin/sh\ns6-svc -O /run/service/x\n' },
      `/${SCRIPTS}/b (s6-svc)`,
    ],
    [
      'one that it reads',
      `/${SCRIPTS}/a`,
      { [`${SCRIPTS}/a`]: `#!/bin/sh\n. /${SCRIPTS}/lib\n`, [`${SCRIPTS}/lib`]: 'stop() { s6-svc -O "$1"; }\n' },
      `/${SCRIPTS}/lib (s6-svc)`,
    ],
    ['a command by its path', '/usr/local/bin/go', { 'usr/local/bin/go': contenv }, '/usr/local/bin/go (with-contenv)'],
    ['a command by its name', 'go', { 'usr/bin/go': contenv }, '/usr/bin/go (with-contenv)'],
  ])('%s', async (_, up, files, needs) => {
    expect(await translate(up, files)).toBe(`the tools of skarnet.org are needed by ${needs}`)
  })

  test.each([`/${SCRIPTS}/a`, '/usr/local/bin/go', '/opt/app/start'])(
    '%s is not there: it was not looked at',
    async (up) => {
      const expected = `nothing that was looked at needs the tools of skarnet.org; not looked at: ${up}`
      expect(await translate(up, {})).toBe(expected)
    },
  )

  test('what needs none is not named', async () => {
    const files = { [`${SCRIPTS}/a`]: '#!/bin/sh\ngrep -q x /etc/passwd\n', 'usr/bin/grep': '\x7fELF s6-svc' }
    expect(await translate(`/${SCRIPTS}/a`, files)).toBe('nothing in this tree needs the tools of skarnet.org')
  })
})
