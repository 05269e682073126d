// The same attacks on supervisord and on kahi. The result of kahi must not be worse; that of supervisord is only recorded.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  chownSync,
  lchownSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { hasHelper, kahi, scratch, startDaemon } from '../../helpers/kahi.ts'
import { stoppedOf } from '../../helpers/processes.ts'
import { ask, freePort, open, send, statusOf } from '../../helpers/raw-http.ts'
import { eventually } from '../../helpers/wait.ts'
import { isInstalled } from './pair.ts'

const SUPERVISORD = '/usr/bin/supervisord'
/** No other test has processes of this user, which the attack would stop. */
const ATTACKER = { name: 'news', uid: 9 }
const isRoot = process.getuid?.() === 0
const DAEMONS = ['supervisord', 'kahi'] as const

type Which = (typeof DAEMONS)[number]

interface Run {
  readonly conf: string
  readonly output: () => string
  readonly terminate: () => Promise<unknown>
}

/** Starts one of the two with these sections; `keys` are further keys of [supervisord]. */
async function start(which: Which, directory: string, sections: string, keys = ''): Promise<Run> {
  const conf = join(directory, 'supervisord.conf')
  writeFileSync(
    conf,
    `[supervisord]\nnodaemon=true\nlogfile=${directory}/main.log\n${keys === '' ? `pidfile=${directory}/pid` : keys}\n` +
      `[unix_http_server]\nfile=${directory}/s.sock\n[supervisorctl]\nserverurl=unix://${directory}/s.sock\n` +
      `[rpcinterface:supervisor]\nsupervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface\n${sections}`,
  )
  const daemon =
    which === 'kahi'
      ? startDaemon(['supervisord', '-n', '-c', conf])
      : startDaemon(['-n', '-c', conf], { program: SUPERVISORD })
  await daemon.line('success: web entered RUNNING')
  const terminate = () => {
    daemon.signal('SIGTERM')
    return daemon.ended()
  }
  return { conf, output: () => daemon.output(), terminate }
}

/** Puts a link to a file of root in place of each new name beside the socket, as fast as it can. */
const EXCHANGE = `import os, sys
print('ready', flush=True)
os.chdir(sys.argv[1])
while True:
    for name in os.listdir('.'):
        try:
            if name != 's.sock' and not os.path.islink(name):
                os.rename(name, '../theirs/.was'); os.symlink(sys.argv[2], name)
        except OSError: pass`

const WEB = '[program:web]\ncommand=sleep 1000\n'

describe.skipIf(!isInstalled)('beside the real supervisord (skipped without it)', () => {
  test('700 idle connections lock no client out', async () => {
    const answers: Record<string, string> = {}
    for (const which of DAEMONS) {
      const port = await freePort()
      const { terminate } = await start(which, scratch(), `[inet_http_server]\nport=127.0.0.1:${port}\n${WEB}`)
      const idle = await Promise.all(Array.from({ length: 700 }, () => open(port)))
      const call = '<methodCall><methodName>supervisor.getState</methodName></methodCall>'
      answers[which] = statusOf(await send(port, ask('POST /RPC2', ['Connection: close'], call)))
      for (const client of idle) client.destroy()
      await terminate()
    }
    expect(answers).toEqual({ supervisord: '200', kahi: '200' })
  })

  test.skipIf(!isRoot)(
    "links in a directory of a service's user lead kahi to no file of root (skipped unless root)",
    async () => {
      const written: Record<string, readonly string[]> = {}
      for (const which of DAEMONS) {
        const directory = scratch()
        const theirs = join(directory, 'theirs')
        mkdirSync(theirs)
        chownSync(theirs, ATTACKER.uid, ATTACKER.uid)
        const targets = ['out.log', 'err.log', 'pid'].map((name) => {
          const target = join(directory, `secret-${name}`)
          writeFileSync(target, 'secret', { mode: 0o600 })
          symlinkSync(target, join(theirs, name))
          lchownSync(join(theirs, name), ATTACKER.uid, ATTACKER.uid)
          return target
        })
        const program = `[program:logs]\ncommand=sh -c "echo out; echo err >&2; exec sleep 1000"\nuser=${ATTACKER.name}\nstdout_logfile=${theirs}/out.log\nstderr_logfile=${theirs}/err.log\n`
        const { conf, terminate } = await start(which, directory, `${program}${WEB}`, `pidfile=${theirs}/pid`)
        await kahi(['supervisorctl', '-c', conf, 'status'])
        const seen = () => targets.filter((target) => readFileSync(target, 'utf8') !== 'secret')
        if (which === 'supervisord') await eventually(() => seen().length === 3, 'supervisord writes through all links')
        written[which] = seen()
        await terminate()
        if (which === 'kahi') written[which] = seen()
      }
      expect(written.supervisord).toHaveLength(3)
      expect(written.kahi).toEqual([])
    },
  )

  test.skipIf(!isRoot)(
    'the owner of the directory of the control socket gets no file of root by exchanging names (skipped unless root)',
    async () => {
      const given: Record<string, number> = { supervisord: 0, kahi: 0 }
      for (const which of [...DAEMONS, ...DAEMONS, ...DAEMONS]) {
        const directory = scratch()
        const theirs = join(directory, 'theirs')
        mkdirSync(theirs)
        chownSync(theirs, ATTACKER.uid, ATTACKER.uid)
        chmodSync(directory, 0o755)
        const secret = join(directory, 'secret')
        writeFileSync(secret, 'secret', { mode: 0o600 })
        const ids = [`--reuid=${ATTACKER.uid}`, `--regid=${ATTACKER.uid}`, '--clear-groups']
        const attacker = spawn('setpriv', [...ids, '/usr/bin/python3', '-c', EXCHANGE, theirs, secret], {
          stdio: ['ignore', 'pipe', 'ignore'],
        })
        onTestFinished(() => void attacker.kill('SIGKILL'))
        await once(attacker.stdout, 'data')
        const conf = join(directory, 'supervisord.conf')
        writeFileSync(
          conf,
          `[supervisord]\nnodaemon=true\nlogfile=${directory}/main.log\npidfile=${directory}/pid\n[unix_http_server]\nfile=${theirs}/s.sock\nchown=${ATTACKER.name}\nchmod=0666\n${WEB}`,
        )
        const [args, program] = which === 'kahi' ? [['supervisord'], undefined] : [[], SUPERVISORD]
        const daemon = startDaemon([...args, '-n', '-c', conf], program === undefined ? {} : { program })
        await daemon.line(/success: web entered RUNNING|[Ee]rror/).catch(() => '')
        daemon.signal('SIGTERM')
        await daemon.ended()
        attacker.kill('SIGKILL')
        await once(attacker, 'close')
        const { uid, mode } = statSync(secret)
        given[which] = (given[which] ?? 0) + (uid !== 0 || (mode & 0o777) !== 0o600 ? 1 : 0)
      }
      expect(given.kahi).toBe(0)
    },
  )

  test.skipIf(!isRoot || !hasHelper)(
    "a service's user who stops processes as they start holds up no other program (skipped unless root)",
    async () => {
      const attacked = [1, 2, 3, 4].map(
        (number) => `[program:a${number}]\ncommand=/bin/true\nuser=${ATTACKER.name}\nautorestart=true\nstartsecs=0\n`,
      )
      const ends: Record<string, unknown> = {}
      for (const which of DAEMONS) {
        const { conf, output, terminate } = await start(which, scratch(), `${attacked.join('')}${WEB}`)
        const attack = `while :; do read -r _ _ _ _ last < /proc/loadavg; n=$last
while [ $n -lt $((last + 40)) ]; do kill -STOP $n 2>/dev/null; n=$((n + 1)); done; done`
        const ids = [`--reuid=${ATTACKER.uid}`, `--regid=${ATTACKER.uid}`, '--clear-groups']
        const attacker = spawn('setpriv', [...ids, 'sh', '-c', attack], { stdio: 'ignore' })
        onTestFinished(() => void attacker.kill('SIGKILL'))
        const starts = () => output().split(/spawned: 'a\d'/).length - 1
        await eventually(() => starts() >= 12 || stoppedOf(ATTACKER.uid).length >= 4, 'the attack has met every start')
        const { exitCode, stdout } = await kahi(['supervisorctl', '-c', conf, 'restart', 'web'])
        attacker.kill('SIGKILL')
        await once(attacker, 'close')
        ends[which] = { exitCode, stdout }
        await terminate()
      }
      const good = { exitCode: 0, stdout: 'web: stopped\nweb: started\n' }
      expect(ends).toEqual({ supervisord: good, kahi: good })
    },
  )
})
