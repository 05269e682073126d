// What an event listener is told, by the real supervisord and by kahi, with the same file and supervisor.childutils: the
// same events with the same payloads in the same order. Pids and the time of ticks are masked.

import { spawn } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { kahiPath, scratch } from '../../helpers/kahi.ts'

const PYTHON = '/usr/bin/python3'
const REAL = '/usr/bin/supervisord'
const isThere = existsSync(REAL) && existsSync('/usr/lib/python3/dist-packages/supervisor')

/** Writes down each event; answers OK unless told otherwise. */
const LISTENER = `
import sys
from supervisor import childutils
heard, answers = sys.argv[1], sys.argv[2:]
with open(heard, 'a') as notes:
    while True:
        headers, payload = childutils.listener.wait(sys.stdin, sys.stdout)
        order = [headers[key] for key in ('ver', 'server', 'serial', 'pool', 'poolserial', 'eventname', 'len')]
        notes.write(repr((order, payload)) + '\\n')
        notes.flush()
        childutils.listener.send(answers.pop(0) if answers else 'OK', sys.stdout)
`

interface Scene {
  readonly about: string
  readonly listener: string
  readonly programs: string
  /** The event after which the daemon is stopped. */
  readonly last: string
  readonly answers?: string
}

const sh = (name: string, script: string, more = ''): string =>
  `[program:${name}]\ncommand=/bin/sh -c '${script}'\nautorestart=false\nstartsecs=0\n${more}\n`

const SCENES: readonly Scene[] = [
  {
    about: 'groups and states of a program that fails',
    listener: 'events=PROCESS_STATE,PROCESS_GROUP,SUPERVISOR_STATE_CHANGE',
    programs: sh('a', 'sleep 2; exit 3'),
    last: 'PROCESS_STATE_EXITED',
  },
  {
    about: 'backoff and fatal',
    listener: 'events=PROCESS_STATE',
    programs: '[program:a]\ncommand=/bin/sh -c "exit 0"\nstartretries=1\nautorestart=false\n',
    last: 'PROCESS_STATE_FATAL',
  },
  {
    about: 'a command that is not there',
    listener: 'events=PROCESS_STATE',
    programs: '[program:a]\ncommand=/nonexistent/a\nstartretries=0\n',
    last: 'PROCESS_STATE_FATAL',
  },
  {
    about: 'output, with captures and bytes that are no text',
    listener: 'events=PROCESS_LOG,PROCESS_COMMUNICATION',
    programs:
      sh(
        'a',
        'sleep 2; printf "before<!--XSUPERVISOR:BEGIN-->comm \\303\\251<!--XSUPERVISOR:END-->"; sleep 3',
        'stdout_events_enabled=true\nstdout_capture_maxbytes=1000',
      ) +
      sh(
        'b',
        'sleep 2.5; printf "\\377x"; sleep 0.5; echo end >&2; sleep 1',
        'stdout_events_enabled=true\nstderr_events_enabled=true',
      ),
    last: 'PROCESS_LOG_STDERR',
  },
  { about: 'ticks', listener: 'events=TICK_5', programs: '', last: 'TICK_5' },
  {
    about: 'events that are rejected come again, with their numbers',
    listener: 'events=PROCESS_STATE_EXITED',
    programs: sh('a', 'sleep 2; exit 0'),
    last: 'never',
    answers: 'FAIL FAIL OK',
  },
  {
    about: 'a buffer that overflows before the listener runs',
    listener: 'events=PROCESS_STATE_STARTING\nbuffer_size=3',
    programs: ['a', 'b', 'c', 'd'].map((name) => sh(name, 'exit 0')).join('') + sh('e', 'sleep 3'),
    last: 'processname:e',
  },
  {
    about: 'a group of processes',
    listener: 'events=PROCESS_STATE_STARTING,PROCESS_GROUP_ADDED',
    programs: `${sh('a', 'sleep 2', 'numprocs=2\nprocess_name=%(program_name)s%(process_num)d')}${sh('z', 'sleep 3', 'priority=1000')}[group:g]\nprograms=a\n`,
    last: 'processname:z',
  },
]

/** Runs the scene to its end and gives what the listener wrote down. */
async function play(program: readonly string[], scene: Scene): Promise<string[]> {
  const folder = scratch()
  const heard = join(folder, 'heard')
  writeFileSync(join(folder, 'listener.py'), LISTENER)
  const command = `${PYTHON} ${folder}/listener.py ${heard} ${scene.answers ?? ''}`
  const daemon = '[supervisord]\nlogfile=/dev/null\nlogfile_maxbytes=0\npidfile=%(here)s/pid\nchildlogdir=%(here)s\n'
  writeFileSync(
    join(folder, 's.conf'),
    `${daemon}[eventlistener:l]\ncommand=${command}\n${scene.listener}\n${scene.programs}`,
  )
  const [file = '', ...args] = program
  const child = spawn(file, [...args, '-n', '-c', join(folder, 's.conf')], { cwd: folder, stdio: 'ignore' })
  onTestFinished(() => void child.kill('SIGKILL'))
  const ended = new Promise((resolve) => child.once('exit', resolve))
  const lines = (): string[] => (existsSync(heard) ? readFileSync(heard, 'utf8').trim().split('\n') : [])
  const isOver = (): boolean =>
    scene.answers === undefined
      ? lines().some((line) => line.includes(scene.last))
      : lines().length >= scene.answers.split(' ').length
  await expect.poll(isOver, { timeout: 20_000, interval: 50 }).toBe(true)
  const told = lines()
  child.kill('SIGTERM')
  await ended
  return told.map((line) =>
    line
      .replace(/pid:\d+/g, 'pid:N')
      .replace(/when:\d+/, 'when:N')
      .replace(/'(\d+)'\], /, (_, length: string) => `${line.includes('pid:') ? 'LEN' : length}], `),
  )
}

test.skipIf(!isThere).for(SCENES)('$about (needs Debian’s supervisor)', { timeout: 60_000 }, async (scene) => {
  const [real, ours] = await Promise.all([play([REAL], scene), play([kahiPath, 'supervisord'], scene)])
  expect(ours).toEqual(real)
})
