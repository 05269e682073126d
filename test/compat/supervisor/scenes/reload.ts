// The configuration changes while the daemon runs.

import { call, configure, heard, idle, program, type Scene, see, shell, signal, written } from './scene.ts'

/** One that takes its time to stop, so that the listener has its own. */
const slow = shell('a', 'trap "sleep 1; exit 0" TERM; touch DIR/ready; while :; do sleep 0.1; done')
const ready = written('ready', '')

/** reread, update, add, remove, HUP. */
export const reload: readonly Scene[] = [
  {
    about: 'reread says what was added, changed, removed, and does nothing',
    conf: program('a') + program('b') + program('c'),
    steps: [
      see('RUNNING', 'c'),
      configure(program('b', 'stopwaitsecs=3') + program('c') + program('d') + program('e')),
      call('reloadConfig'),
      call('reloadConfig'),
      configure(program('a') + program('b') + program('c')),
      call('reloadConfig'),
    ],
    isMixed: true,
  },
  {
    about: 'a group is added after reread, once',
    conf: program('a'),
    steps: [
      see('RUNNING', 'a'),
      configure(program('a') + program('b')),
      call('addProcessGroup', 'b'),
      call('reloadConfig'),
      call('addProcessGroup', 'b'),
      see('RUNNING', 'b'),
      call('addProcessGroup', 'b'),
      call('addProcessGroup', 'c'),
    ],
  },
  {
    about: 'a group is removed when it is down',
    conf: program('a'),
    steps: [
      see('RUNNING', 'a'),
      call('removeProcessGroup', 'a'),
      call('stopProcess', 'a'),
      call('removeProcessGroup', 'a'),
      call('removeProcessGroup', 'a'),
      call('startProcess', 'a'),
    ],
  },
  {
    about: 'a changed group is stopped, removed, added: it runs as now configured',
    conf: program('a'),
    steps: [
      see('RUNNING', 'a'),
      configure(program('a', 'numprocs=2\nprocess_name=%(program_name)s%(process_num)d')),
      call('reloadConfig'),
      call('stopProcessGroup', 'a'),
      call('removeProcessGroup', 'a'),
      call('addProcessGroup', 'a'),
      see('RUNNING', 'a0'),
      see('RUNNING', 'a1'),
    ],
    isMixed: true,
  },
  {
    about: 'a group without autostart is added and stays down',
    conf: '',
    steps: [see('CHANGE_RUNNING'), configure(idle('a')), call('reloadConfig'), call('addProcessGroup', 'a')],
  },
  {
    about: 'a file that is wrong changes nothing',
    conf: program('a'),
    steps: [
      see('RUNNING', 'a'),
      configure('[program:a]\ncommand=x\nstartsecs=soon\n'),
      call('reloadConfig'),
      configure('[program:b]\n'),
      call('reloadConfig'),
      configure(program('a')),
      call('reloadConfig'),
    ],
  },
  {
    about: 'a listener that is added hears what comes then',
    conf: idle('a'),
    steps: [
      see('CHANGE_RUNNING'),
      configure(`${idle('a')}[eventlistener:m]\ncommand=LISTENER m\nevents=PROCESS_STATE\nstartsecs=0\n`),
      call('reloadConfig'),
      call('addProcessGroup', 'm'),
      see('RUNNING', 'm'),
      call('startProcess', 'a', false),
      see('RUNNING', 'a'),
    ],
  },
  {
    about: 'a listener that is removed',
    conf: '[eventlistener:m]\ncommand=LISTENER m\nevents=PROCESS_STATE\nstartsecs=0\n',
    steps: [
      see('RUNNING', 'm'),
      heard('m', 4),
      configure(''),
      call('reloadConfig'),
      call('removeProcessGroup', 'm'),
      call('stopProcess', 'm'),
      call('removeProcessGroup', 'm'),
    ],
  },
  {
    about: 'priority of a group and events of a listener are changes, comments are not',
    conf: `${program('a')}[group:g]\nprograms=a\n[eventlistener:m]\ncommand=LISTENER m\nevents=TICK_60\nstartsecs=0\n`,
    steps: [
      see('RUNNING', 'a'),
      configure(
        `; x\n${program('a')}[group:g]\nprograms=a\n[eventlistener:m]\ncommand=LISTENER m\nevents=TICK_60\nstartsecs=0\n`,
      ),
      call('reloadConfig'),
      configure(
        `${program('a')}[group:g]\nprograms=a\npriority=3\n[eventlistener:m]\ncommand=LISTENER m\nevents=TICK_5\nstartsecs=0\n`,
      ),
      call('reloadConfig'),
    ],
    isMixed: true,
  },
  {
    about: 'HUP begins anew with the file as it is then',
    conf: slow,
    events: 'PROCESS_GROUP,SUPERVISOR_STATE_CHANGE,REMOTE_COMMUNICATION',
    steps: [
      ready,
      see('CHANGE_RUNNING'),
      configure(program('b')),
      signal('SIGHUP'),
      see('CHANGE_STOPPING'),
      see('CHANGE_RUNNING', '', 2),
    ],
  },
  {
    about: 'restart begins anew too',
    conf: slow,
    events: 'PROCESS_GROUP,SUPERVISOR_STATE_CHANGE,REMOTE_COMMUNICATION',
    steps: [ready, see('CHANGE_RUNNING'), call('restart'), see('CHANGE_STOPPING'), see('CHANGE_RUNNING', '', 2)],
  },
]
