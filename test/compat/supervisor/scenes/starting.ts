// Starts of programs, waits before the next attempt, and programs that fail permanently.

import { begin, call, idle, program, type Scene, see, shell, SOON } from './scene.ts'

/** Starting, backoff, fatal. */
export const starting: readonly Scene[] = [
  { about: 'a program that stays up', conf: program('a', 'startsecs=1'), steps: [see('RUNNING', 'a')] },
  { about: 'startsecs = 0 is up at once', conf: program('a'), steps: [see('RUNNING', 'a')] },
  { about: 'a program without autostart', conf: idle('a'), steps: [see('CHANGE_RUNNING')] },
  {
    about: 'starting one that is down, waiting',
    conf: idle('a', 'startsecs=1'),
    steps: [call('startProcess', 'a'), see('RUNNING', 'a')],
  },
  {
    about: 'starting one that is down, not waiting',
    conf: idle('a', 'startsecs=1'),
    steps: [call('startProcess', 'a', false), see('RUNNING', 'a')],
  },
  {
    about: 'starting one that runs or starts is a fault',
    conf: program('a') + idle('b', 'startsecs=100'),
    steps: [
      see('RUNNING', 'a'),
      call('startProcess', 'a'),
      call('startProcess', 'b', false),
      call('startProcess', 'b'),
    ],
  },
  {
    about: 'ends too early: backoff, tries, fatal',
    conf: shell('a', 'exit 0', 'startsecs=5\nstartretries=1'),
    steps: [see('FATAL', 'a')],
  },
  {
    about: 'startretries = 0 is one try',
    conf: shell('a', 'exit 3', 'startsecs=5\nstartretries=0'),
    steps: [see('FATAL', 'a')],
  },
  {
    about: 'a start that waits fails with the first early end',
    conf: idle('a', 'startsecs=5\nstartretries=0', 'false'),
    steps: [call('startProcess', 'a'), see('FATAL', 'a')],
  },
  {
    about: 'a fatal program starts again on request',
    conf:
      shell('a', 'test -e DIR/go || exit 1; exec sleep 1000', 'startsecs=1\nstartretries=0') +
      idle('b', '', 'touch DIR/go'),
    steps: [see('FATAL', 'a'), call('startProcess', 'b', false), see('EXITED', 'b'), call('startProcess', 'a')],
  },
  {
    about: 'stopping one in backoff keeps its tries',
    conf: idle('a', 'startsecs=5\nstartretries=5', SOON),
    steps: [
      call('startProcess', 'a', false),
      see('BACKOFF', 'a', 2),
      call('stopProcess', 'a'),
      call('startProcess', 'a', false),
      see('BACKOFF', 'a', 3),
      call('stopProcess', 'a'),
    ],
  },
  {
    about: 'a start while in backoff is a fault',
    conf: idle('a', 'startsecs=5\nstartretries=9', SOON),
    steps: [
      call('startProcess', 'a', false),
      see('BACKOFF', 'a', 3),
      call('startProcess', 'a'),
      call('stopProcess', 'a'),
    ],
  },
  {
    about: 'a command that is not there',
    conf: program('a', 'startretries=1', '/nonexistent/a'),
    steps: [see('FATAL', 'a'), call('startProcess', 'a')],
  },
  {
    about: 'a bare command that PATH does not have',
    conf: idle('a', 'startretries=0', 'kahi-no-such-command'),
    steps: [call('startProcess', 'a'), call('startProcess', 'a', false)],
  },
  {
    about: 'a command that is a directory, not executable, empty, badly quoted',
    conf: idle('a', '', '/etc') + idle('b', '', '/etc/passwd') + idle('c', '', "sh -c 'x"),
    steps: [call('startProcess', 'a'), call('startProcess', 'b'), call('startProcess', 'c')],
  },
  {
    about: 'a command that is not executable, by itself',
    conf: program('a', 'startretries=0', '/etc/passwd'),
    steps: [see('FATAL', 'a')],
  },
  {
    about: 'killed while starting',
    conf: idle('a', 'startsecs=5\nstartretries=0', "sh -c 'kill -9 $$'"),
    steps: [call('startProcess', 'a'), see('FATAL', 'a')],
  },
  {
    about: 'stopped while starting, which the waiting start reports',
    conf: idle('a', 'startsecs=100'),
    steps: [begin('startProcess', 'a'), see('STARTING', 'a'), call('stopProcess', 'a')],
  },
]
