// Several processes: their names, their order, and requests for all of them.

import { call, idle, program, type Scene, see, shell, SOON } from './scene.ts'

const NUMBERED = 'process_name=%(program_name)s_%(process_num)d'
const group = (name: string, programs: string, more = ''): string => `[group:${name}]\nprograms=${programs}\n${more}\n`

/** Groups, numprocs, priorities. */
export const groups: readonly Scene[] = [
  {
    about: 'numprocs and numprocs_start',
    conf: program('a', `numprocs=3\nnumprocs_start=9\n${NUMBERED}\nstartsecs=60`),
    steps: [see('STARTING', 'a_11')],
  },
  {
    about: 'programs start in the order of their priorities, then of their names',
    conf: program('c', 'priority=5\nstartsecs=60') + program('b', 'startsecs=60') + program('a', 'startsecs=60'),
    steps: [see('STARTING', 'b')],
  },
  {
    about: 'members of a group start in the order in which they are listed',
    conf:
      program('a', 'priority=9\nstartsecs=60') +
      program('b', 'priority=1\nstartsecs=60') +
      group('g', 'a,b', 'priority=3'),
    steps: [see('STARTING', 'b')],
  },
  {
    about: 'startAllProcesses goes up the priorities',
    conf:
      idle('a', 'priority=3\nstartsecs=60') +
      idle('b', 'priority=2\nstartsecs=60') +
      idle('c', 'priority=1\nstartsecs=60'),
    steps: [see('CHANGE_RUNNING'), call('startAllProcesses', false), see('STARTING', 'a')],
  },
  {
    about: 'stopProcessGroup goes up the priorities',
    conf: program('a', 'priority=3') + program('b', 'priority=2') + program('c', 'priority=1') + group('g', 'a,b,c'),
    steps: [see('RUNNING', 'a'), see('RUNNING', 'b'), see('RUNNING', 'c'), call('stopProcessGroup', 'g')],
    isMixed: true,
  },
  {
    about: 'a group is started and stopped by its name',
    conf: idle('a', `numprocs=2\n${NUMBERED}\nstartsecs=1`) + idle('b'),
    steps: [
      call('startProcess', 'a:*'),
      call('startProcessGroup', 'a'),
      call('stopProcess', 'a:*'),
      call('startProcess', 'a:'),
    ],
    isMixed: true,
  },
  {
    about: 'a group whose members fail in different ways',
    conf:
      idle('a', 'startsecs=5\nstartretries=0', SOON) +
      idle('b', '', '/nonexistent') +
      idle('c', '', '/etc') +
      idle('d') +
      group('g', 'a,b,c,d'),
    steps: [call('startProcessGroup', 'g'), see('FATAL', 'a')],
    isMixed: true,
  },
  {
    about: 'signals for a group reach those that have a process',
    conf: program('a', 'autorestart=false') + idle('b') + group('g', 'a,b'),
    steps: [see('RUNNING', 'a'), call('signalProcessGroup', 'g', 'KILL'), see('EXITED', 'a')],
  },
  {
    about: 'one program in two groups is two processes',
    conf: program('a') + group('g', 'a') + group('h', 'a'),
    steps: [see('RUNNING', 'a', 2), call('stopProcess', 'h:a')],
    isMixed: true,
  },
  {
    about: 'a group hides a program of its name',
    conf: program('a') + program('b') + group('a', 'b'),
    steps: [see('RUNNING', 'b'), call('stopProcess', 'a')],
  },
  {
    about: 'one that fails does not disturb the others',
    conf: shell('a', 'exit 1', 'startsecs=5\nstartretries=0') + program('b') + group('g', 'a,b'),
    steps: [see('FATAL', 'a'), see('RUNNING', 'b')],
    isMixed: true,
  },
  {
    about: 'stopAllProcesses stops listeners too',
    conf: program('a') + '[eventlistener:m]\ncommand=LISTENER m\nevents=PROCESS_STATE_FATAL\nstartsecs=0\n',
    steps: [see('RUNNING', 'a'), see('RUNNING', 'm'), call('stopProcess', 'm'), call('stopProcess', 'a')],
    isMixed: true,
  },
]
