// The daemon itself: signals, its end, and requests that it refuses.

import { begin, call, ended, program, type Scene, see, shell, signal, written } from './scene.ts'

const DEAF = 'trap "" TERM; touch DIR/ready; while :; do sleep 0.2; done'
const ready = written('ready', '')
/** The second takes its time, so that the listener has its own. */
const two =
  program('a', 'priority=9') +
  shell('b', 'trap "sleep 1; exit 0" TERM; touch DIR/ready; while :; do sleep 0.1; done', 'priority=3')

/** The end of the daemon, and refusals. */
export const daemon: readonly Scene[] = [
  ...(['SIGTERM', 'SIGINT', 'SIGQUIT'] as const).map((name) => ({
    about: `${name} stops all, highest priority first`,
    conf: two,
    steps: [ready, see('RUNNING', 'a'), see('RUNNING', 'b'), signal(name), see('STOPPING', 'b'), ended],
  })),
  {
    about: 'shutdown stops all',
    conf: two,
    steps: [ready, see('RUNNING', 'a'), see('RUNNING', 'b'), call('shutdown'), see('STOPPING', 'b'), ended],
  },
  {
    about: 'a program in backoff becomes FATAL at the end',
    // The listener is stopped after b: it has time to hear of a.
    conf:
      program('a', 'startsecs=5\nstartretries=9\npriority=9', 'false') + shell('b', DEAF, 'stopwaitsecs=2\npriority=3'),
    steps: [see('BACKOFF', 'a', 3), signal('SIGTERM'), see('FATAL', 'a'), ended],
    isMixed: true,
  },
  {
    about: 'calls while the daemon stops are faults',
    conf: shell('a', DEAF, 'stopwaitsecs=4\npriority=9') + program('b'),
    steps: [
      ready,
      see('RUNNING', 'a'),
      begin('shutdown'),
      see('STOPPING', 'a'),
      call('getState'),
      call('getProcessInfo', 'a'),
      call('startProcess', 'b'),
      call('stopAllProcesses'),
      call('reloadConfig'),
      call('addProcessGroup', 'x'),
      call('signalProcess', 'a', 'HUP'),
      call('readLog', 0, 0),
      call('getPID'),
      call('sendRemoteCommEvent', 'a', 'b'),
      call('shutdown'),
      ended,
    ],
    isMixed: true,
  },
  {
    about: 'a second TERM changes nothing, a HUP neither',
    conf: shell('a', DEAF, 'stopwaitsecs=2'),
    steps: [
      ready,
      see('RUNNING', 'a'),
      signal('SIGTERM'),
      see('STOPPING', 'a'),
      signal('SIGTERM'),
      signal('SIGHUP'),
      ended,
    ],
  },
  {
    about: 'without [rpcinterface:supervisor] there is no such method',
    differs: 'kahi answers all the same',
    conf: program('a'),
    isDeaf: true,
    steps: [see('RUNNING', 'a'), call('getState'), call('getAllProcessInfo'), call('nope')],
  },
  { about: 'a program without command is refused', conf: '[program:a]\n', steps: [ended] },
  { about: 'an unknown user is refused', conf: program('a', 'user=no-such-user'), steps: [ended] },
  {
    about: 'a log in a folder that is not there is refused',
    conf: program('a', 'stdout_logfile=DIR/x/y'),
    steps: [ended],
  },
  { about: 'an unknown event is refused', conf: '[eventlistener:m]\ncommand=cat\nevents=NOPE\n', steps: [ended] },
  {
    about: 'a listener with redirect_stderr is refused',
    conf: '[eventlistener:m]\ncommand=cat\nevents=EVENT\nredirect_stderr=true\n',
    steps: [ended],
  },
  {
    about: 'stopasgroup without killasgroup is refused',
    conf: program('a', 'stopasgroup=true\nkillasgroup=false'),
    steps: [ended],
  },
  { about: 'numprocs without process_num is refused', conf: program('a', 'numprocs=2'), steps: [ended] },
]
