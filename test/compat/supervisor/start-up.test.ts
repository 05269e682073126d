// The start of the real supervisord and of kahi in its place, in the foreground and in the background: their output, their logs,
// the configurations that they refuse, the files that remain, and what their programs inherit.

import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { kahi, kahiPath, type Result, scratch } from '../../helpers/kahi.ts'
import { processState } from '../../helpers/processes.ts'
import { isInstalled } from './pair.ts'
import { eventually } from '../../helpers/wait.ts'

const isRoot = process.getuid?.() === 0
if (!isInstalled) console.warn('no supervisor package: the start of the daemon is not compared with the real one')

interface Stage {
  readonly folder: string
  /** Runs the daemon to its end, or until it is in the background. */
  run(args: readonly string[], through?: readonly string[]): Promise<Result>
  mask(text: string): string
  /** The messages of the log with their levels. */
  log(): readonly string[]
}

/** A folder with a configuration, and a daemon called supervisord. */
function stage(which: 'supervisord' | 'kahi', conf = ''): Stage {
  const folder = scratch()
  chmodSync(folder, 0o755)
  const program = which === 'kahi' ? join(folder, 'bin/supervisord') : '/usr/bin/supervisord'
  for (const name of ['bin', 'sub', 'auto']) mkdirSync(join(folder, name))
  symlinkSync(kahiPath, join(folder, 'bin/supervisord'))
  writeFileSync(
    join(folder, 's.conf'),
    `[unix_http_server]\nfile=%(here)s/s.sock\n` +
      `[rpcinterface:supervisor]\nsupervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface\n` +
      `[supervisord]\nlogfile=%(here)s/s.log\npidfile=%(here)s/s.pid\nchildlogdir=%(here)s/auto\n${conf}\n`,
  )
  const mask = (text: string) => text.replaceAll(program, 'PROGRAM').replaceAll(folder, 'DIR')
  const log = () => {
    const text = mask(readFileSync(join(folder, 's.log'), 'utf8')).replaceAll(/pid \d+/g, 'pid N')
    return text
      .split('\n')
      .slice(0, -1)
      .map((line) => line.slice('2026-01-01 00:00:00,000 '.length))
  }
  const run = async (args: readonly string[], through: readonly string[] = []) => {
    const [first = '', ...rest] = [...through, program, ...args]
    return kahi(rest, { program: first, cwd: folder })
  }
  return { folder, run, mask, log }
}

/** Both daemons do the same. */
async function compare(play: (which: 'supervisord' | 'kahi') => Promise<unknown>): Promise<void> {
  const [real, ours] = [await play('supervisord'), await play('kahi')]
  expect(ours).toEqual(real)
}

const SLEEPER = `[program:a]\ncommand=/bin/sh -c 'env | sort > env; umask > umask; pwd > pwd; exec sleep 1000'\n`

/** The pid of a daemon that has gone into the background and runs its program; it is killed after the test. */
async function pidOf(it: Stage): Promise<number> {
  const pidfile = join(it.folder, 's.pid')
  await eventually(() => existsSync(pidfile) && readFileSync(pidfile, 'utf8').endsWith('\n'), 'a pidfile')
  const pid = Number(readFileSync(pidfile, 'utf8'))
  onTestFinished(() => {
    if (processState(pid) !== undefined) process.kill(pid, 'SIGKILL')
  })
  await eventually(() => it.log().some((line) => line.includes('success: a entered')), 'it runs')
  return pid
}

/** Goes into the background, looks around, perhaps starts it again, ends it. */
async function inBackground(it: Stage, args: readonly string[], isTriedAgain = true): Promise<unknown> {
  const { exitCode, stdout, stderr } = await it.run(['-c', 's.conf', ...args])
  const pid = await pidOf(it)
  const status = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  const second = isTriedAgain ? await it.run(['-c', 's.conf']) : { exitCode: 0, stdout: '', stderr: '' }
  const seen = {
    printed: [exitCode, stdout, stderr],
    second: [second.exitCode, second.stdout, it.mask(second.stderr).replace(/ on .*/, ' on …')],
    isLeader: status[2] === String(pid) && status[3] === String(pid) && status[4] === '0',
    descriptors: ['0', '1'].map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`)),
    directory: it.mask(readlinkSync(`/proc/${pid}/cwd`)),
    umask: /^Umask:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1],
  }
  process.kill(pid, 'SIGTERM')
  await eventually(() => [undefined, 'Z'].includes(processState(pid)), 'it has ended')
  const left = ['s.pid', 's.sock'].filter((name) => existsSync(join(it.folder, name)))
  return { ...seen, left, log: firstLife(it.log()) }
}

/** Without what the second one wrote into the same log. */
function firstLife(log: readonly string[]): readonly string[] {
  return log.filter((line, index) => log.indexOf(line) === index && !line.includes('Another program'))
}

describe.runIf(isInstalled)('in the background', () => {
  test('silent, exit 0, a session of its own, nothing of the terminal kept, a second one refused', async () => {
    await compare(async (which) => inBackground(stage(which, SLEEPER), []))
  })

  test.each([
    ['the standard input', '"$0" -c /dev/stdin <whole.conf'],
    ['a pipe of the shell', '"$0" -c <(cat whole.conf)'],
    ['a FIFO', 'mkfifo f; cat whole.conf >f & "$0" -c f'],
  ])('the configuration can be %s', async (_, script) => {
    await compare(async (which) => {
      const it = stage(which, SLEEPER)
      const text = readFileSync(join(it.folder, 's.conf'), 'utf8')
      writeFileSync(join(it.folder, 'whole.conf'), text.replaceAll('%(here)s', it.folder))
      const { exitCode, stdout, stderr } = await it.run([], ['bash', '-c', script])
      const pid = await pidOf(it)
      process.kill(pid, 'SIGTERM')
      await eventually(() => [undefined, 'Z'].includes(processState(pid)), 'it has ended')
      return { exitCode, stdout, stderr, log: it.log() }
    })
  })

  test('umask and directory are those of the file, or of the options', async () => {
    const conf = `umask=027\ndirectory=%(here)s/sub\n${SLEEPER}`
    await compare(async (which) => inBackground(stage(which, conf), []))
    await compare(async (which) => inBackground(stage(which, conf), ['-m', '077', '-d', '/']))
  })

  test('programs inherit the same environment, umask and directory', async () => {
    await compare(async (which) => {
      const it = stage(which, `environment=E="%(here)s"\numask=027\ndirectory=%(here)s/sub\n${SLEEPER}`)
      await inBackground(it, [])
      return ['env', 'umask', 'pwd'].map((name) => it.mask(readFileSync(join(it.folder, 'sub', name), 'utf8')))
    })
  })
})

/** The pid of a daemon in the background, when its log has that text; it is killed after the test. */
async function startedWith(it: Stage, text: string): Promise<string> {
  await it.run(['-c', 's.conf'])
  const read = (name: string): string =>
    existsSync(join(it.folder, name)) ? readFileSync(join(it.folder, name), 'utf8') : ''
  onTestFinished(() => {
    const pid = Number(read('s.pid'))
    if (pid > 0 && processState(pid) !== undefined) process.kill(pid, 'SIGKILL')
  })
  await eventually(() => read('s.log').includes(text), `${text} in the log`)
  return it.mask(read('s.log'))
}

test.runIf(isInstalled)('at level debug the log has what programs write; included files are named', async () => {
  await compare(async (which) => {
    const conf = 'loglevel=debug\n[include]\nfiles=%(here)s/inc/*.conf\n'
    const it = stage(which, conf)
    mkdirSync(join(it.folder, 'inc'))
    const command = `/bin/sh -c 'echo one; echo two >&2; sleep 0.3; printf "\\377\\n"; sleep 0.3; echo last; sleep 1000'`
    writeFileSync(
      join(it.folder, 'inc/t.conf'),
      `[program:t]\ncommand=${command.replaceAll('%', '%%')}\nstdout_logfile=NONE\n`,
    )
    const log = await startedWith(it, 'last\n')
    return log.match(/(?<=^.{24})(?:INFO Included.*|DEBG 't' std(?:out|err) output:\n.*\n)/gm)?.sort()
  })
})

const AUTO = [
  'a-stdout---supervisor-abcdefgh.log',
  'a-stdout---supervisor-abcdefgh.log.1',
  'a-stdout---other-abcdefgh.log',
  'own.log',
]

test.runIf(isInstalled).each([
  ['are removed at the next start', []],
  ['are kept', ['-k']],
  ['of another identifier are not removed', ['-i', 'other']],
])('AUTO logs %s %j', async (_what, args) => {
  await compare(async (which) => {
    const it = stage(which, SLEEPER)
    for (const name of AUTO) writeFileSync(join(it.folder, 'auto', name), '')
    // A second supervisord would clean up, too, before it is refused.
    await inBackground(it, args, false)
    const isNew = (name: string) => !AUTO.includes(name)
    return readdirSync(join(it.folder, 'auto'))
      .map((name) => (isNew(name) ? name.replace(/\w{8}\.log$/, 'RANDOM.log') : name))
      .sort()
  })
})

/** A process of root that may not raise its limits. */
const FEW = ['prlimit', '--nproc=99:99', 'setpriv', '--bounding-set=-sys_resource', '--inh-caps=-sys_resource']
const NOBODY = ['setpriv', '--reuid=65534', '--clear-groups']

const REFUSED: readonly (readonly [what: string, conf: string, args: string[], through: readonly string[]])[] = [
  ['more files than there can be', 'minfds=1000000000', ['-n'], []],
  ['more files, in the background', 'minfds=1000000000', [], []],
  ['more processes than are allowed', 'minprocs=5000', ['-n'], FEW],
  ['to become another user without being root', 'user=root', ['-n'], NOBODY],
  ['an unknown option', '', ['--nope'], []],
  ['a word', '', ['-n', 'start'], []],
]

/** What the real one says of the limit is what was asked for; kahi says why. Neither README is meant. */
const LIMIT = /only allow you to open .*? \(?(?=Either)|\(see README.rst\) /g

describe.runIf(isInstalled && isRoot)('is refused', () => {
  test.each(REFUSED)('%s', async (_what, conf, args, through) => {
    await compare(async (which) => {
      const it = stage(which, `${conf}\n[program:a]\ncommand=sleep 1000`)
      const { exitCode, stderr } = await it.run(['-c', 's.conf', ...args], through)
      return [exitCode, it.mask(stderr).replaceAll(LIMIT, '')]
    })
  })
})

test.runIf(isInstalled).each(['no-such-host.invalid:19111', '192.0.2.1:19111'])(
  'a server at %s cannot be opened: 2, whatever the reason',
  async (port) => {
    await compare(async (which) => {
      const it = stage(which, `[inet_http_server]\nport=${port}\n[program:a]\ncommand=sleep 1000`)
      return (await it.run(['-n', '-c', 's.conf'])).exitCode
    })
  },
)
