// The actions after a program has exited by itself.

import { call, idle, type Scene, see, shell, SOON } from './scene.ts'

/** Ends with this the first time; stays up the second time. */
const once = (end: string): string => `test -e DIR/once && exec sleep 1000; touch DIR/once; sleep 1.2; ${end}`

/** Exit codes and autorestart. */
export const exits: readonly Scene[] = [
  { about: 'exit 0 is expected: it stays down', conf: shell('a', 'exit 0'), steps: [see('EXITED', 'a')] },
  {
    about: 'exit 3 is not expected: it starts again',
    conf: shell('a', once('exit 3')),
    steps: [see('RUNNING', 'a', 2)],
  },
  {
    about: 'autorestart = false: it stays down whatever the code',
    conf: shell('a', 'sleep 1.2; exit 3', 'autorestart=false'),
    steps: [see('EXITED', 'a')],
  },
  {
    about: 'autorestart = true: it starts again whatever the code',
    conf: shell('a', once('exit 0'), 'autorestart=true'),
    steps: [see('RUNNING', 'a', 2)],
  },
  {
    about: 'other exitcodes: 3 is expected',
    conf: shell('a', 'sleep 1.2; exit 3', 'exitcodes=0,3'),
    steps: [see('EXITED', 'a')],
  },
  {
    about: 'no exitcodes: nothing is expected',
    conf: shell('a', once('exit 0'), 'exitcodes='),
    steps: [see('RUNNING', 'a', 2)],
  },
  {
    about: 'killed by a signal: not expected, whatever the exitcodes',
    conf: shell('a', 'sleep 1.2; kill -9 $$', 'exitcodes=0,9,137,255\nautorestart=false'),
    steps: [see('EXITED', 'a')],
  },
  {
    about: 'killed by a signal: it starts again',
    conf: shell('a', once('kill -SEGV $$'), 'stdout_logfile=NONE'),
    steps: [see('RUNNING', 'a', 2)],
  },
  {
    about: 'an exited program starts again on request',
    conf: idle('a', 'autorestart=false', SOON),
    steps: [
      call('startProcess', 'a', false),
      see('EXITED', 'a'),
      call('startProcess', 'a', false),
      see('EXITED', 'a', 2),
    ],
  },
  {
    about: 'it ends while its children hold its output open',
    conf: shell('a', 'sleep 20 & sleep 1.2', 'autorestart=false'),
    steps: [see('EXITED', 'a')],
  },
  {
    about: 'exitcodes do not matter before startsecs',
    conf: shell('a', 'exit 3', 'startsecs=5\nexitcodes=3\nstartretries=0\nautorestart=true'),
    steps: [see('FATAL', 'a')],
  },
]
