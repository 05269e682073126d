// Every key of kahi.toml does something, seen through dist/kahi. The last test holds that no key is missing here.

import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { tableRows } from '../../config/keys/tables.ts'
import { hasHelper, type Daemon, kahi, kahiPath, scratch, startDaemon, startReady } from '../helpers/kahi.ts'
import { isRunning } from '../helpers/processes.ts'
import { eventually } from '../helpers/wait.ts'

interface Run {
  readonly folder: string
  readonly file: string
  readonly daemon: Daemon
  /** Standard output of `kahi ctl …`. */
  ctl(...args: string[]): Promise<string>
}

type Check = (run: Run) => Promise<void>

const covered = new Set<string>()
const isRoot = process.getuid?.() === 0

/** A test that starts a daemon with the text as its kahi.toml; `DIR` in it is the folder of the test. */
function key(
  names: string,
  toml: string,
  check: Check,
  { needsRoot = false, nofile = '', ends = 0, needsHelper = false } = {},
): void {
  for (const name of names.split(' ')) covered.add(name)
  const start = nofile === '' ? [] : ['-c', `ulimit -Sn ${nofile}; exec "$0" "$@"`, kahiPath]
  const isNative = needsHelper || nofile !== ''
  const needs = [needsRoot ? ' (needs root)' : '', isNative ? ' (needs the native helper)' : ''].join('')
  test.skipIf((needsRoot && !isRoot) || (isNative && !hasHelper))(names + needs, async () => {
    const folder = scratch()
    mkdirSync(join(folder, 'sub'))
    const file = join(folder, 'kahi.toml')
    const server =
      toml.includes('[server.unix]') || toml.includes('[[server') ? '' : `[server.unix]\nfile = "${folder}/k.sock"\n`
    writeFileSync(file, (server + toml).replaceAll('DIR', folder))
    const program = nofile === '' ? kahiPath : '/bin/sh'
    const options = { cwd: folder, env: { FROM_OUTSIDE: 'yes' }, program }
    const daemon = startDaemon([...start, 'daemon', '-c', file], options)
    await daemon.line('kahi started with pid')
    const ctl = async (...args: string[]) => (await kahi(['ctl', '-c', file, ...args], { cwd: folder })).stdout
    await check({ folder, file, daemon, ctl })
    daemon.signal('SIGTERM')
    expect(await daemon.ended()).toMatchObject({ exitCode: ends })
  })
}

/** As key(), for keys of a program `p` that sleeps unless it has a command. */
function program(names: string, body: string, check: Check, options = {}): void {
  const command = /^command =/m.test(body) ? '' : 'command = "/bin/sleep 1000"\n'
  const list = names.split(' ').map((name) => `programs.${name}`)
  key(list.join(' '), `[programs.p]\n${command}${body}`, check, options)
}

function supervisor(
  names: string,
  body: string,
  check: Check,
  rest = '[programs.p]\ncommand = "/bin/sleep 1000"',
  options = {},
): void {
  const list = names.split(' ').map((name) => `supervisor.${name}`)
  key(list.join(' '), `[supervisor]\n${body}\n${rest}`, check, options)
}

/** Two processes are made in this order. Which of them runs its program first, and is logged first, is up to the kernel. */
async function isMadeBefore(daemon: Daemon, first: string, second: string): Promise<void> {
  const pid = async (name: string) => Number(/pid (\d+)/.exec(await daemon.line(`spawned: '${name}'`))?.[1])
  expect(await pid(first)).toBeLessThan(await pid(second))
}

/** A file of /proc about the program `p`, which has been executed. */
async function procOf({ daemon, ctl }: Run, file: string): Promise<string> {
  await daemon.line("spawned: 'p'")
  return readFileSync(`/proc/${(await ctl('pid', 'p')).trim()}/${file}`, 'utf8')
}

const says =
  (text: string | RegExp): Check =>
  async ({ daemon }) =>
    void (await daemon.line(text))

describe('programs', () => {
  program(
    'command',
    `command = ["/bin/sh", "-c", "echo one: $1, two: $2; exec sleep 1000", "sh", "a b", "%(here)s"]`,
    async ({ daemon, folder }) => {
      await daemon.line(`one: a b, two: ${folder}`)
    },
  )
  for (const [scan, where] of [
    ['', 'DIR'],
    ['[supervisor]\nscan_directory = "DIR/scan"\n', 'DIR/scan/p'],
  ] as const)
    key(
      'programs.service_files',
      `${scan}[programs.p]\nservice_files = "DIR"\ncommand = ["/bin/sh", "-c", "echo $(pwd -P): $(ls -d sub); exec sleep 1000"]`,
      async ({ daemon, folder }) => {
        await daemon.line(`${where.replace('DIR', folder)}: sub`)
      },
    )
  key(
    'programs.service_directory',
    `[supervisor]\nscan_directory = "DIR/scan"\n[programs.p]\nservice_files = "DIR"\nservice_directory = "DIR/dirs/p"\ncommand = ["/bin/sh", "-c", "pwd -P; cd DIR/scan/p && pwd -P; exec sleep 1000"]`,
    async ({ daemon, folder }) => {
      await daemon.line(`${folder}/dirs/p`)
      await eventually(() => expect(daemon.output().split(`${folder}/dirs/p\n`)).toHaveLength(3))
    },
    { needsHelper: true },
  )
  program(
    'process_name numprocs numprocs_start',
    'process_name = "p-%(process_num)02d"\nnumprocs = 3\nnumprocs_start = 7',
    async ({ daemon, ctl }) => {
      await daemon.line("spawned: 'p-09'")
      expect((await ctl('status')).match(/^p:p-\d\d/gm)).toEqual(['p:p-07', 'p:p-08', 'p:p-09'])
    },
  )
  key(
    'programs.log_to',
    `[programs.p]
command = '/bin/sh -c "echo out; echo err >&2; exec sleep 1000"'
redirect_stderr = true
log_to = "reader"
[programs.reader]
command = '/bin/sh -c "while read -r line; do echo read $line; done"'`,
    async ({ daemon, ctl }) => {
      await daemon.line(/^read out$/)
      await daemon.line(/^read err$/)
      await isMadeBefore(daemon, 'reader', 'p')
      expect(await ctl('stop', 'reader')).toBe('p: stopped (depends on reader)\nreader: stopped\n')
      expect(await ctl('status', 'p')).toContain('STOPPED')
    },
  )
  program(
    'directory',
    `command = "/bin/sh -c 'pwd; exec sleep 1000'"\ndirectory = "DIR/sub"`,
    async ({ daemon, folder }) => {
      await daemon.line(`${folder}/sub`)
    },
  )
  program(
    'stdio',
    `command = "/bin/sh -c 'readlink /proc/self/fd/0; echo mine; echo yours >&2; exec sleep 1000'"\nstdio = "inherit"`,
    async ({ daemon, ctl }) => {
      await daemon.line(/^\/dev\/null$/)
      await daemon.line(/^mine$/)
      await daemon.line(/^yours$/)
      expect(await ctl('tail', 'p')).toBe('p: ERROR (no log file)\n')
    },
  )
  program('umask', `command = "/bin/sh -c 'echo mask $(umask); exec sleep 1000'"\numask = "0027"`, says('mask 0027'))
  program(
    'environment',
    `command = "/bin/sh -c 'echo $A $FROM_OUTSIDE $SUPERVISOR_PROCESS_NAME; exec sleep 1000'"\nenvironment = { A = "x y" }`,
    says('x y yes p'),
  )
  program(
    'user',
    `command = "/bin/sh -c 'echo ids $(id -u) $(id -g); exec sleep 1000'"\nuser = "nobody"`,
    says(/^ids 65534 \d+$/),
    { needsRoot: true },
  )
  program(
    'priority',
    'command = "/bin/sleep 1000"\n[programs.a]\ncommand = "/bin/sleep 1000"\npriority = 1000',
    async ({ daemon }) => {
      await isMadeBefore(daemon, 'p', 'a')
    },
  )
  program('autostart', 'autostart = false', async ({ ctl }) => {
    expect(await ctl('status')).toMatch(/^p +STOPPED +Not started$/m)
  })
  program(
    'autorestart exitcodes startsecs',
    `command = "/bin/sh -c 'exit 3'"\nexitcodes = [3]\nstartsecs = 0\nautorestart = "unexpected"`,
    says('exited: p (exit status 3; expected)'),
  )
  program(
    'startretries',
    `command = "/bin/sh -c 'exit 0'"\nstartretries = 0`,
    says('gave up: p entered FATAL state, too many start retries too quickly'),
  )
  program(
    'restart',
    `command = "/bin/sh -c 'exit 3'"\nstartsecs = 0\nrestart = { delay = 0.01, limit = 2 }`,
    says('gave up: p entered FATAL state, restarted 2 times'),
  )
  program(
    'max_deaths',
    `command = ["/bin/sh", "-c", "read n < DIR/n || n=0; echo $((n+1)) > DIR/n; [ $n = 2 ] && kill -9 $$$$; exit $n"]
startsecs = 0\nautorestart = true\nrestart = { delay = 0.01, limit = 3 }\nmax_deaths = 2`,
    async ({ daemon, ctl }) => {
      await daemon.line('gave up: p entered FATAL state, restarted 3 times')
      const [p] = JSON.parse(await ctl('status', '--json'))
      expect(p.deaths).toEqual([
        { at: expect.any(Number), signal: 9 },
        { at: expect.any(Number), exitcode: 3 },
      ])
    },
  )
  program(
    'restart',
    `command = ["/bin/sh", "-c", "echo >&3; sleep 1.1; exit 1"]\nready = { fd = 3 }\nstartsecs = 0\nautorestart = true\nrestart = "s6"
[programs.unready]\ncommand = "/bin/true"\nstartsecs = 0\nautorestart = true\nrestart = "s6"
[programs.broken]\ncommand = "/etc/passwd"\nautorestart = true\nrestart = "s6"`,
    async ({ daemon, ctl }) => {
      await daemon.line('restarting: p in 0 seconds')
      await daemon.line('restarting: unready in 1 seconds')
      await daemon.line('restarting: broken in 60 seconds')
      await eventually(async () => expect(await ctl('status')).toMatch(/^unready +EXITED .*, restart \d+ in a row$/m))
    },
  )
  program(
    'finish',
    `command = ["/bin/sh", "-c", "echo pid $$$$; exit 3"]\nstartsecs = 0\nautorestart = true\nfinish = ["/bin/sh", "-c", "echo finish $1 $2 $3 $4; exit 125", "finish"]`,
    async ({ daemon, ctl }) => {
      const pid = (await daemon.line(/^pid \d+$/)).split(' ')[1]
      await daemon.line(`finish 3 0 p ${pid}`)
      await daemon.line('finish of p ended with 125: it is not started again')
      await daemon.line('exited: p (exit status 3; not expected)')
      expect(await ctl('status')).toMatch(/^p +EXITED/)
    },
  )
  program(
    'finish',
    `startsecs = 0\nfinish = "/bin/sh -c 'echo finish $1 $2; while ! test -e DIR/go; do sleep 0.02; done' finish"`,
    async ({ daemon, ctl, folder }) => {
      await daemon.line("spawned: 'p'")
      const stopped = ctl('stop', 'p')
      await daemon.line('finish 256 15')
      expect(await ctl('status')).toMatch(/^p +FINISHING/)
      writeFileSync(join(folder, 'go'), '')
      expect(await stopped).toBe('p: stopped\n')
    },
  )
  program(
    'timeout_finish',
    `command = "/bin/sh -c 'exit 3'"\nstartsecs = 0\nautorestart = false\nfinish = "/bin/sh -c 'exec sleep 1000'"\ntimeout_finish = 0.1`,
    says('finish of p: killed after 0.1 seconds'),
  )
  program(
    'timeout_kill',
    `command = "/bin/sh -c 'trap : TERM; echo up; while :; do sleep 0.1; done'"\nstopwaitsecs = 1000\ntimeout_kill = 0.2`,
    async ({ daemon, ctl }) => {
      await daemon.line(/^up$/)
      expect(await ctl('stop', 'p')).toBe('p: stopped\n')
      await daemon.line(/killing 'p' \(\d+\) with SIGKILL/)
    },
  )
  program(
    'stop_command',
    `stop_command = ["/bin/sh", "-c", "echo $MAINPID >DIR/asked; kill -9 $MAINPID"]`,
    async (run) => {
      const { daemon, ctl, folder } = run
      await daemon.line("spawned: 'p'")
      const pid = await ctl('pid', 'p')
      expect(await ctl('stop', 'p')).toBe('p: stopped\n')
      await daemon.line('stopped: p (terminated by SIGKILL)')
      expect(readFileSync(join(folder, 'asked'), 'utf8')).toBe(pid)
    },
  )
  program('stop_command', 'stop_command = "/bin/false"', async ({ daemon, ctl }) => {
    await daemon.line("spawned: 'p'")
    expect(await ctl('stop', 'p')).toBe('p: stopped\n')
    await daemon.line('stop_command of p failed: exit status 1; sending the stop signal')
    await daemon.line('stopped: p (terminated by SIGTERM)')
  })
  program(
    'stopsignal',
    `command = "/bin/sh -c 'trap \\"echo got USR1; exit 0\\" USR1; echo up; while :; do sleep 0.1; done'"\nstartsecs = 0\nstopsignal = "USR1"`,
    async ({ daemon, ctl }) => {
      await daemon.line(/^up$/)
      expect(await ctl('stop', 'p')).toBe('p: stopped\n')
      await daemon.line('got USR1')
    },
  )
  program(
    'stopwaitsecs',
    `command = "/bin/sh -c 'trap : TERM; echo up; while :; do sleep 0.1; done'"\nstopwaitsecs = 1`,
    async ({ daemon, ctl }) => {
      await daemon.line(/^up$/)
      expect(await ctl('stop', 'p')).toBe('p: stopped\n')
      await daemon.line(/killing 'p' \(\d+\) with SIGKILL/)
    },
  )
  for (const [name, body] of [
    ['stopasgroup', 'stopasgroup = true'],
    ['killasgroup', 'killasgroup = true\nstopsignal = "KILL"'],
  ] as const) {
    program(name, `command = "/bin/sh -c 'sleep 1000 & echo child $!; wait'"\n${body}`, async ({ daemon, ctl }) => {
      const child = (await daemon.line(/^child \d+$/)).split(' ')[1]
      expect(isRunning(Number(child))).toBe(true)
      expect(await ctl('stop', 'p')).toBe('p: stopped\n')
      await eventually(() => expect(isRunning(Number(child))).toBe(false))
    })
  }
  program(
    'redirect_stderr stdout_logfile',
    `command = "/bin/sh -c 'echo out; echo err >&2; exec sleep 1000'"\nredirect_stderr = true\nstdout_logfile = "DIR/p.log"`,
    async ({ daemon, folder }) => {
      await daemon.line('success: p entered RUNNING')
      expect(readFileSync(join(folder, 'p.log'), 'utf8')).toBe('out\nerr\n')
    },
  )
  program(
    'stderr_logfile',
    `command = "/bin/sh -c 'echo out; echo err >&2; exec sleep 1000'"\nstderr_logfile = "DIR/p.err"\nstdout_logfile = "NONE"`,
    async ({ daemon, folder }) => {
      await daemon.line('success: p entered RUNNING')
      expect(readFileSync(join(folder, 'p.err'), 'utf8')).toBe('err\n')
      expect(daemon.output()).not.toMatch(/^out$/m)
    },
  )
  for (const [stream, redirect] of [
    ['stdout', ''],
    ['stderr', '>&2'],
  ] as const) {
    const body = (backups: number): string =>
      `command = "/bin/sh -c 'for i in 1 2 3; do head -c 2000 /dev/zero ${redirect}; sleep 0.2; done; exec sleep 1000'"\n${stream}_logfile = "DIR/p.log"\n${stream}_logfile_maxbytes = "1KB"\n${stream}_logfile_backups = ${backups}`
    program(`${stream}_logfile_maxbytes ${stream}_logfile_backups`, body(2), async ({ daemon, folder }) => {
      await daemon.line('success: p entered RUNNING')
      expect(
        readdirSync(folder)
          .filter((name) => name.startsWith('p.log'))
          .sort(),
      ).toEqual(['p.log', 'p.log.1', 'p.log.2'])
      expect(statSync(join(folder, 'p.log')).size).toBe(0)
    })
    program(
      `${stream}_capture_maxbytes ${stream}_events_enabled`,
      `${stream}_capture_maxbytes = "1KB"\n${stream}_events_enabled = true`,
      async ({ file }) => {
        const { stdout } = await kahi(['check', '--effective', '--json', file])
        expect(JSON.parse(stdout).groups[0].processes[0][stream]).toMatchObject({
          capture_maxbytes: 1024,
          events_enabled: true,
        })
      },
    )
    program(
      `${stream}_syslog`,
      `command = "/bin/sh -c 'echo to syslog ${redirect}; exec sleep 1000'"\n${stream}_syslog = true`,
      says(/^to syslog$/),
    )
    program(
      `${stream}_logfile_compress`,
      `command = "/bin/sh -c 'head -c 2000 /dev/zero ${redirect}; exec sleep 1000'"\n${stream}_logfile = "DIR/p.log"\n${stream}_logfile_maxbytes = "1KB"\n${stream}_logfile_compress = true`,
      async ({ folder, daemon }) => {
        await daemon.line('success: p entered RUNNING')
        await eventually(
          () => existsSync(join(folder, 'p.log.1.gz')) && !existsSync(join(folder, 'p.log.1')),
          'it is compressed',
        )
        expect(gunzipSync(readFileSync(join(folder, 'p.log.1.gz'))).length).toBe(2000)
      },
    )
  }
  program(
    'log_format',
    `command = "/bin/sh -c 'echo one; printf two; exit 3'"\nlog_format = "prefix"\nstartsecs = 0\nautorestart = false`,
    async ({ daemon }) => {
      await daemon.line(/^\d{4}-\d\d-\d\dT[\d:.]+Z \[p\] one$/)
      await daemon.line(/^\d{4}-\d\d-\d\dT[\d:.]+Z \[p\] two$/)
    },
  )
  program(
    'ring_buffer',
    `command = "/bin/sh -c 'echo 0123456789; echo abcdefghi; exec sleep 1000'"\nring_buffer = 15`,
    async ({ daemon, ctl }) => {
      await daemon.line('abcdefghi')
      expect(await ctl('tail', 'p')).toBe('6789\nabcdefghi\n\n')
    },
  )
  program(
    'serverurl',
    `command = "/bin/sh -c 'echo url $SUPERVISOR_SERVER_URL; exec sleep 1000'"\nserverurl = "http://elsewhere:1"`,
    says('url http://elsewhere:1'),
  )
})

describe('attributes of programs', () => {
  const native = { needsHelper: true }
  const root = { needsRoot: true, needsHelper: true }
  program(
    'nice',
    'nice = 7',
    async (run) => {
      expect((await procOf(run, 'stat')).split(' ')[18]).toBe('7')
    },
    native,
  )
  program(
    'oom_score_adj',
    'oom_score_adj = 321',
    async (run) => {
      expect(await procOf(run, 'oom_score_adj')).toBe('321\n')
    },
    native,
  )
  program(
    'nice',
    'nice = -5\nuser = "nobody"',
    async (run) => expect((await procOf(run, 'stat')).split(' ')[18]).toBe('-5'),
    root,
  )
  program(
    'limits',
    '[programs.p.limits]\nnofile = "100:200"\ncore = 0\nfsize = "10MB:unlimited"\ncputime = 500\nnproc = "${NO_SUCH:-77}"',
    async (run) => {
      const lines = (await procOf(run, 'limits')).replaceAll(/ +/g, ' ')
      for (const line of [
        'Max open files 100 200 files',
        'Max core file size 0 0 bytes',
        'Max file size 10485760 unlimited bytes',
        'Max cpu time 500 500 seconds',
        'Max processes 77 77 processes',
      ])
        expect(lines).toContain(line)
    },
    native,
  )
  program(
    'no_new_privs',
    'no_new_privs = true',
    async (run) => {
      expect(await procOf(run, 'status')).toMatch(/^NoNewPrivs:\t1$/m)
    },
    native,
  )
  const bind = (1 << 10).toString(16).padStart(16, '0')
  const none = '0'.repeat(16)
  for (const [user, names, kept, ambient] of [
    ['root', '["net_bind_service"]', bind, none],
    ['nobody', '["CAP_NET_BIND_SERVICE"]', bind, bind],
    ['nobody', '[]', none, none],
    ['root', '[]', none, none],
  ] as const) {
    program(
      'capabilities',
      `capabilities = ${names}\nuser = "${user}"`,
      async (run) => {
        const sets = [...(await procOf(run, 'status')).matchAll(/^Cap(\w+):\t(\w+)$/gm)].map(([, name, set]) => [
          name,
          set,
        ])
        expect(Object.fromEntries(sets)).toEqual({ Inh: kept, Prm: kept, Eff: kept, Bnd: kept, Amb: ambient })
      },
      root,
    )
  }
  program('session', 'session = true', async (run) => {
    const [pid, , , , , session] = (await procOf(run, 'stat')).split(' ')
    expect(session).toBe(pid)
  })
  for (const user of ['root', 'nobody']) {
    program(
      'pdeathsig',
      `user = "${user}"\npdeathsig = "USR1"\ncommand = ["/bin/sh", "-c", "trap 'echo told > DIR/sub/told; exit' USR1; echo up; while :; do sleep 0.05; done"]`,
      async (run) => {
        chmodSync(run.folder, 0o777)
        chmodSync(join(run.folder, 'sub'), 0o777)
        await run.daemon.line(/^up$/)
        const parent = Number((await procOf(run, 'stat')).split(' ')[3])
        const guard = Number(readFileSync(`/proc/${parent}/stat`, 'utf8').split(') ')[1]?.split(' ')[1])
        // Both would kill the group first.
        for (const pid of [run.daemon.pid, guard]) process.kill(pid, 'SIGSTOP')
        process.kill(parent, 'SIGKILL')
        await eventually(() => existsSync(join(run.folder, 'sub/told')), 'the signal came')
        for (const pid of [guard, run.daemon.pid]) process.kill(pid, 'SIGCONT')
        await run.daemon.line('the helper that runs the programs is gone')
      },
      { ...root, ends: 101 },
    )
  }
  program(
    'login_env',
    `login_env = true\nuser = "nobody"\nenvironment = { SHELL = "/mine" }\ncommand = "/bin/sh -c 'echo $HOME $USER $LOGNAME $SHELL; exec sleep 1000'"`,
    says('/nonexistent nobody nobody /mine'),
    root,
  )
})

describe('groups', () => {
  const two = '[programs.a]\ncommand = "/bin/sleep 1000"\n[programs.b]\ncommand = "/bin/sleep 1000"\n'
  key(
    'groups.programs groups.priority',
    `${two}[groups.g]\nprograms = ["b"]\npriority = 1`,
    async ({ daemon, ctl }) => {
      await isMadeBefore(daemon, 'b', 'a')
      expect((await ctl('stop', 'g:*')).trim()).toBe('g:b: stopped')
    },
  )
})

describe('supervisor', () => {
  supervisor(
    'identifier childlogdir',
    'identifier = "lab"\nchildlogdir = "DIR/sub"',
    async ({ folder, daemon }) => {
      await daemon.line("spawned: 'p'")
      expect(readdirSync(join(folder, 'sub'))).toEqual([expect.stringMatching(/^p-stdout---lab-.{8}\.log$/)])
    },
    '[programs.p]\ncommand = "/bin/sleep 1000"\nstdout_logfile = "AUTO"',
  )
  for (const [layout, bytes] of [
    ['s6', 43],
    ['s6-2.10', 35],
  ] as const) {
    const body = `scan_directory = "DIR/scan"\nscan_layout = "${layout}"`
    const check: Check = async ({ folder }) => {
      const status = join(folder, 'scan/p/supervise/status')
      await eventually(() => existsSync(status) && readFileSync(status).readBigUInt64BE(24) > 0n, 'a pid in the status')
      expect(statSync(status).size).toBe(bytes)
    }
    supervisor('scan_directory scan_layout', body, check, undefined, { needsHelper: true })
  }

  supervisor('nocleanup', 'nocleanup = true\nchildlogdir = "DIR/sub"', async ({ folder, daemon }) => {
    writeFileSync(join(folder, 'sub/p-stdout---supervisor-abcdefgh.log'), '')
    daemon.signal('SIGTERM')
    await daemon.ended()
    const again = await startReady(join(folder, 'kahi.toml'), { cwd: folder })
    expect(readdirSync(join(folder, 'sub'))).toContain('p-stdout---supervisor-abcdefgh.log')
    again.signal('SIGTERM')
    await again.ended()
  })
  supervisor(
    'environment',
    'environment = { A = "everywhere" }',
    says('A is everywhere, everywhere'),
    `[programs.p]\ncommand = "/bin/sh -c 'echo A is $A, %(ENV_A)s; exec sleep 1000'"`,
  )
  supervisor(
    'logfile logfile_maxbytes logfile_backups',
    'logfile = "DIR/k.log"\nlogfile_maxbytes = 100\nlogfile_backups = 1',
    async ({ folder, daemon }) => {
      await daemon.line('success: p entered RUNNING')
      expect(
        readdirSync(folder)
          .filter((name) => name.startsWith('k.log'))
          .sort(),
      ).toEqual(['k.log', 'k.log.1'])
    },
  )
  supervisor('log_level log_format', 'log_level = "debug"\nlog_format = "text"', async ({ daemon, ctl }) => {
    await ctl('stop', 'p')
    await daemon.line(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} DEBG /)
  })
  supervisor(
    'environment_directory environment_newline exit_code_file',
    'environment_directory = "DIR/env"\nenvironment_newline = false\nexit_code_file = "DIR/results/code"',
    async ({ folder, daemon }) => {
      await daemon.line(/^0$/)
      await daemon.line('yes')
      expect(readFileSync(join(folder, 'env/PATH'), 'utf8')).toBe(process.env.PATH)
      expect(existsSync(join(folder, 'env/KAHI_ARGV0'))).toBe(false)
      expect(readFileSync(join(folder, 'results/code'), 'utf8')).toBe('0\n')
      writeFileSync(join(folder, 'results/code'), '300\nnot read\n')
    },
    `[programs.p]\ncommand = ["/bin/sh", "-c", "env | grep -c FROM_OUTSIDE; cat DIR/env/FROM_OUTSIDE; exec sleep 1000"]`,
    { ends: 300 & 255 },
  )
  supervisor(
    'halt_directory',
    'halt_directory = "DIR/bin"',
    async ({ folder, daemon }) => {
      await daemon.line("spawned: 'p'")
      for (const name of ['poweroff', 'reboot']) expect(statSync(join(folder, 'bin', name)).mode & 0o777).toBe(0o755)
      expect((await kahi([], { program: join(folder, 'bin/halt') })).exitCode).toBe(0)
      await daemon.ended()
    },
    undefined,
    { ends: 0 },
  )
  supervisor('pidfile', 'pidfile = "DIR/k.pid"', async ({ folder, daemon, ctl }) => {
    expect(readFileSync(join(folder, 'k.pid'), 'utf8')).toBe(`${(await ctl('pid')).trim()}\n`)
    daemon.signal('SIGTERM')
    await daemon.ended()
    expect(existsSync(join(folder, 'k.pid'))).toBe(false)
  })
  supervisor(
    'user',
    'user = "nobody"',
    says('ids 65534'),
    `[server.unix]\nfile = "/tmp/kahi-test-${process.pid}.sock"\n[programs.p]\ncommand = "/bin/sh -c 'echo ids $(id -u); exec sleep 1000'"`,
    { needsRoot: true },
  )
  supervisor(
    'minfds minprocs',
    'minfds = 300\nminprocs = 10',
    async ({ daemon }) => {
      await daemon.line('Increased RLIMIT_NOFILE limit to 300')
      await daemon.line('files 300')
    },
    `[programs.p]\ncommand = "/bin/sh -c 'echo files $(ulimit -Sn); exec sleep 1000'"`,
    { nofile: '200' },
  )
  supervisor(
    'strip_ansi',
    'strip_ansi = true',
    says(/^red$/),
    `[programs.p]\ncommand = "/bin/sh -c 'printf \\"\\\\033[31mred\\\\033[0m\\\\n\\"; exec sleep 1000'"`,
  )
  supervisor(
    'kill_grace',
    'kill_grace = 1000',
    async ({ daemon }) => {
      await daemon.line(/^up$/)
      daemon.signal('SIGTERM')
      expect(await daemon.ended()).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('\nbye\n') })
    },
    `[programs.p]\ncommand = ["/bin/sh", "-c", '''sh -c 'trap "sleep 0.3; echo bye; exit" TERM; echo up; while :; do sleep 0.05; done' & exec sleep 1000''']`,
  )
  supervisor(
    'shutdown_timeout',
    'shutdown_timeout = 1',
    async ({ daemon }) => {
      await daemon.line(/^up$/)
      daemon.signal('SIGTERM')
      expect(await daemon.ended()).toMatchObject({ exitCode: 0 })
    },
    `[programs.p]\ncommand = "/bin/sh -c 'trap : TERM; echo up; while :; do sleep 0.1; done'"\nstopwaitsecs = 1000`,
  )
})

describe('oneshots', () => {
  /** A oneshot `o` whose commands say things. */
  function once(names: string, body: string, check: Check, options = {}): void {
    const list = names.split(' ').map((name) => `oneshots.${name}`)
    key(list.join(' '), `[oneshots.o]\n${body}`, check, options)
  }
  once(
    'directory environment umask redirect_stderr log_format',
    `up = "/bin/sh -c 'echo $(pwd) $A $(umask) >&2'"\ndirectory = "DIR/sub"\nenvironment = { A = "x" }\numask = "0027"\nredirect_stderr = true\nlog_format = "json"`,
    async ({ daemon, folder }) => {
      const line = await daemon.line(`${folder}/sub x 0027`)
      expect(JSON.parse(line)).toMatchObject({ program: 'o', stream: 'stdout' })
    },
  )
  once('user', `up = "/bin/sh -c 'echo ids $(id -u)'"\nuser = "nobody"`, says('ids 65534'), { needsRoot: true })
  once(
    'stdout_logfile stdout_logfile_maxbytes stdout_logfile_backups stderr_logfile stderr_logfile_maxbytes stderr_logfile_backups',
    `up = "/bin/sh -c 'for i in 1 2 3 4 5 6; do echo 0123456789; sleep 0.01; done; echo done >&2; echo done >&2'"\nstdout_logfile = "DIR/out"\nstdout_logfile_maxbytes = 22\nstdout_logfile_backups = 1\nstderr_logfile = "DIR/err"\nstderr_logfile_maxbytes = 5\nstderr_logfile_backups = 1`,
    async ({ daemon, folder }) => {
      await daemon.line('up: o (exit status 0)')
      const rotated = () => existsSync(join(folder, 'out.1')) && existsSync(join(folder, 'err.1'))
      await eventually(rotated, 'both logs are rotated')
      expect(existsSync(join(folder, 'out.2'))).toBe(false)
    },
  )
  once('ring_buffer', `up = "/bin/sh -c 'echo 0123456789; echo abc'"\nring_buffer = 4`, async ({ daemon, ctl }) => {
    await daemon.line('up: o (exit status 0)')
    expect((await ctl('tail', 'o')).trim()).toBe('abc')
  })
  once(
    'stopsignal stopwaitsecs',
    `up = '/bin/sh -c "trap : INT; echo on; while :; do sleep 0.05; done"'\nstopsignal = "INT"\nstopwaitsecs = 1`,
    async ({ daemon, ctl }) => {
      await daemon.line(/^on$/)
      expect(await ctl('stop', 'o')).toBe('o: stopped\n')
      await daemon.line("killing 'o'")
    },
  )
  once(
    'priority',
    'priority = 5\nup = "/bin/true"\n[oneshots.a]\nup = "/bin/true"\npriority = 6',
    async ({ daemon }) => {
      await isMadeBefore(daemon, 'o', 'a')
    },
  )
})

describe('silent', () => {
  covered.add('supervisor.silent')
  test('nothing on standard output, everything in the file', async () => {
    const folder = scratch()
    const file = join(folder, 'kahi.toml')
    const program = `[programs.p]\ncommand = "/bin/sh -c 'echo p is up; exec sleep 1000'"`
    writeFileSync(
      file,
      `[supervisor]\nsilent = true\nlogfile = "${folder}/k.log"\n[server.unix]\nfile = "${folder}/k.sock"\n${program}`,
    )
    const daemon = startDaemon(['daemon', '-c', file], { cwd: folder })
    await daemon.line('p is up')
    expect(daemon.output()).toBe('p is up')
    expect(readFileSync(join(folder, 'k.log'), 'utf8')).toContain("spawned: 'p'")
    daemon.signal('SIGTERM')
    expect(await daemon.ended()).toMatchObject({ exitCode: 0 })
  })
})

describe('server and ctl', () => {
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
})

describe('event listeners and FastCGI programs', () => {
  const listener = ['priority', 'events', 'buffer_size', 'result_handler'].map((name) => `event_listeners.${name}`)
  const socket = ['socket', 'socket_owner', 'socket_mode', 'socket_backlog'].map((name) => `fcgi_programs.${name}`)
  for (const name of [...listener, ...socket]) covered.add(name)
  const toml = [
    '[event_listeners.l]\ncommand = "l"\npriority = -3\nevents = ["TICK_5", "EVENT"]\nbuffer_size = 7\nresult_handler = "a:b"',
    '[fcgi_programs.f]\ncommand = "f"\nsocket = "unix:///tmp/f"\nsocket_owner = "0:0"\nsocket_mode = "0666"\nsocket_backlog = 9',
  ].join('\n')

  test('check shows what they would be', async () => {
    const file = join(scratch(), 'kahi.toml')
    writeFileSync(file, toml)
    const { stdout } = await kahi(['check', '--effective', '--json', file])
    expect(JSON.parse(stdout)).toMatchObject({
      groups: [
        {
          name: 'l',
          kind: 'eventlistener',
          priority: -3,
          events: ['EVENT', 'TICK_5'],
          buffer_size: 7,
          result_handler: 'a:b',
        },
        {
          name: 'f',
          kind: 'fcgi-program',
          socket: { family: 'unix', url: 'unix:///tmp/f', path: '/tmp/f', owner: [0, 0], mode: '0666', backlog: 9 },
        },
      ],
    })
  })
})

test('no key is missing above', () => {
  const all = tableRows.flatMap(({ kind, explained }) => Object.keys(explained).map((name) => `${kind}.${name}`))
  const elsewhere = {
    'cli/dependencies.test.ts': [
      ...['depends_on', 'ready', 'timeout_up', 'timeout_down', 'timeout_depends', 'essential'].map(
        (name) => `programs.${name}`,
      ),
      ...['up', 'down', 'timeout_up', 'timeout_down', 'depends_on', 'autostart'].map((name) => `oneshots.${name}`),
      ...['bundles.contents', 'supervisor.boot'],
    ],
    'cli/watch.test.ts': ['programs.watch', 'programs.reload_command', 'oneshots.watch'],
    'cli/access.test.ts': [
      ...['certificate', 'certificate_key', 'tokens'].map((name) => `server.http.${name}`),
      'server.unix.tokens',
    ],
    'cli/schedule.test.ts': ['programs.schedule', 'oneshots.schedule'],
    'cli/dependency-lost.test.ts': ['programs.on_dependency_lost'],
    'cli/usage.test.ts': ['programs.max_memory', 'programs.max_cpu', 'programs.on_limit', 'programs.limit_interval'],
    'cli/health.test.ts': ['programs.health', 'programs.on_unhealthy'],
    'cli/events.test.ts': ['supervisor.journal_size'],
    'cli/supervisord.test.ts': ['supervisor.nodaemon', 'supervisor.directory', 'supervisor.umask'],
    'cli/ends.test.ts': [
      'oneshots.on_fatal',
      'programs.on_exit',
      'programs.on_fatal',
      'programs.exit_code',
      'programs.exit_signal_base',
      'supervisor.main',
    ],
    'cli/survive.test.ts': ['supervisor.survive'],
    'compat/s6/overlay.test.ts': ['oneshots.timeout_depends', 'supervisor.run_layout'],
    'image/s6-world.test.ts': ['supervisor.scan_depends_on', 'supervisor.scan_timeout_down'],
    'config/read.test.ts: the interactive client is a later issue': ['ctl.prompt', 'ctl.history_file'],
  }
  expect(all.filter((name) => !covered.has(name)).sort()).toEqual(Object.values(elsewhere).flat().sort())
})
