// How programs are stopped and signalled.

import { begin, call, program, type Scene, see, shell, written } from './scene.ts'

const DEAF = 'trap "" TERM; touch DIR/ready; while :; do sleep 0.2; done'
const ready = written('ready', '')

/** Stopping and signals. */
export const stopping: readonly Scene[] = [
  {
    about: 'a stop that waits',
    conf: program('a'),
    steps: [see('RUNNING', 'a'), call('stopProcess', 'a'), see('STOPPED', 'a')],
  },
  {
    about: 'a stop that does not wait',
    conf: program('a'),
    steps: [see('RUNNING', 'a'), call('stopProcess', 'a', false), see('STOPPED', 'a')],
  },
  {
    about: 'stopsignal = USR1, answered with exit 0',
    conf: shell('a', 'trap "exit 0" USR1; touch DIR/ready; while :; do sleep 0.1; done', 'stopsignal=USR1'),
    steps: [ready, see('RUNNING', 'a'), call('stopProcess', 'a')],
  },
  {
    about: 'stopsignal = KILL',
    conf: program('a', 'stopsignal=KILL'),
    steps: [see('RUNNING', 'a'), call('stopProcess', 'a')],
  },
  {
    about: 'the exit code after a stop is kept, expected or not',
    conf: shell('a', 'trap "exit 7" TERM; touch DIR/ready; while :; do sleep 0.1; done', 'autorestart=true'),
    steps: [ready, see('RUNNING', 'a'), call('stopProcess', 'a')],
  },
  {
    about: 'stopwaitsecs, then SIGKILL',
    conf: shell('a', DEAF, 'stopwaitsecs=1'),
    steps: [ready, see('RUNNING', 'a'), call('stopProcess', 'a')],
  },
  {
    about: 'a stop while it stops is a fault, a start fails',
    conf: shell('a', DEAF, 'stopwaitsecs=3'),
    steps: [
      ready,
      see('RUNNING', 'a'),
      call('stopProcess', 'a', false),
      call('stopProcess', 'a'),
      call('startProcess', 'a'),
      call('startProcess', 'a', false),
      see('STOPPED', 'a'),
    ],
  },
  {
    about: 'stopasgroup reaches children',
    conf: shell('a', 'sleep 1000 & touch DIR/ready; wait', 'stopasgroup=true'),
    steps: [ready, see('RUNNING', 'a'), call('stopProcess', 'a')],
  },
  {
    about: 'killasgroup after stopwaitsecs',
    conf: shell('a', DEAF, 'stopasgroup=true\nkillasgroup=true\nstopwaitsecs=1'),
    steps: [ready, see('RUNNING', 'a'), call('stopProcess', 'a')],
  },
  {
    about: 'a stop of one that is down, or unknown, is a fault',
    conf: program('a', 'autostart=false'),
    steps: [
      see('CHANGE_RUNNING'),
      call('stopProcess', 'a'),
      call('stopProcess', 'b'),
      call('stopProcess', 'a:b'),
      call('stopProcessGroup', 'b'),
      call('stopProcess', 'a:*'),
    ],
  },
  {
    about: 'stopped stays stopped with autorestart = true; a start brings it back',
    conf: program('a', 'autorestart=true'),
    steps: [see('RUNNING', 'a'), call('stopProcess', 'a'), call('startProcess', 'a', false), see('RUNNING', 'a', 2)],
  },
  {
    about: 'a signal that a program takes',
    conf: shell('a', 'trap "touch DIR/got" USR2; touch DIR/ready; while :; do sleep 0.1; done'),
    steps: [ready, see('RUNNING', 'a'), call('signalProcess', 'a', 'USR2'), written('got', '')],
  },
  {
    about: 'a signal that ends a program: it comes back',
    conf: program('a'),
    steps: [see('RUNNING', 'a'), call('signalProcess', 'a', 'SIGHUP'), see('RUNNING', 'a', 2)],
  },
  {
    about: 'signals that cannot be sent',
    conf: program('a') + program('b', 'autostart=false'),
    steps: [
      see('RUNNING', 'a'),
      call('signalProcess', 'a', 'NOPE'),
      call('signalProcess', 'b', 'HUP'),
      call('signalProcess', 'c', 'HUP'),
      call('signalProcessGroup', 'a', 'NOPE'),
    ],
  },
  {
    about: 'two stops of the same program',
    conf: shell('a', DEAF, 'stopwaitsecs=1'),
    steps: [ready, see('RUNNING', 'a'), begin('stopProcess', 'a'), see('STOPPING', 'a'), call('stopProcess', 'a')],
  },
]
