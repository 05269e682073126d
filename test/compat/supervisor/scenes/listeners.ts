// The answers that event listeners may give, and the events that each of them gets.

import { call, heard, idle, program, type Scene, see } from './scene.ts'

/** A listener whose first answers these are. Events that it rejects would come back to others of its priority. */
const listener = (answers: string, events: string, more = ''): string =>
  `[eventlistener:m]\ncommand=LISTENER m ${answers}\nevents=${events}\nstartsecs=0\npriority=5\nautorestart=true\n${more}\n`

/** One whose second process answers well. */
const twice = (answer: string): string =>
  listener('', 'REMOTE_COMMUNICATION').replace(
    'LISTENER m',
    `sh -c 'test -e DIR/once && exec LISTENER m; touch DIR/once; exec LISTENER m ${answer}'`,
  )

const say = (data: string) => call('sendRemoteCommEvent', 'kind', data)

/** Listener states, pools, buffers. */
export const listeners: readonly Scene[] = [
  {
    about: 'headers and payload of an event, in characters',
    conf: listener('', 'REMOTE_COMMUNICATION'),
    daemon: 'identifier=here',
    steps: [see('RUNNING', 'm'), say('grüße\n€'), heard('m', 1), call('getIdentification')],
  },
  {
    about: 'rejected events come again, first, with their numbers',
    conf: listener('FAIL FAIL OK', 'REMOTE_COMMUNICATION'),
    steps: [see('RUNNING', 'm'), say('one'), say('two'), heard('m', 4)],
  },
  {
    about: 'any other answer is a rejection',
    conf: listener('OKAY no', 'REMOTE_COMMUNICATION'),
    steps: [see('RUNNING', 'm'), say('one'), heard('m', 3)],
  },
  {
    about: 'one that dies over an event gets it again',
    conf: twice('DIE'),
    steps: [see('RUNNING', 'm'), say('one'), see('RUNNING', 'm', 2), heard('m', 2)],
  },
  {
    about: 'one that answers nonsense hears nothing more, and counts as RUNNING',
    conf: listener('BABBLE', 'REMOTE_COMMUNICATION'),
    steps: [see('RUNNING', 'm'), say('one'), heard('m', 1), say('two'), say('three')],
  },
  {
    about: 'one that does not say READY hears nothing',
    conf: '[eventlistener:n]\ncommand=sh -c "echo hello; exec sleep 1000"\nevents=EVENT\nstartsecs=0\npriority=5\n',
    steps: [see('RUNNING', 'n'), say('one')],
  },
  {
    about: 'a stop and a start make it listen again, to all that waited',
    conf: twice('BABBLE'),
    steps: [
      see('RUNNING', 'm'),
      say('one'),
      heard('m', 1),
      say('two'),
      call('stopProcess', 'm'),
      say('three'),
      call('startProcess', 'm', false),
      heard('m', 4),
    ],
  },
  {
    about: 'a buffer that overflows drops the oldest',
    conf: listener('', 'REMOTE_COMMUNICATION', 'buffer_size=2\nautostart=false'),
    steps: [
      see('CHANGE_RUNNING'),
      say('one'),
      say('two'),
      say('three'),
      say('four'),
      call('startProcess', 'm', false),
      heard('m', 2),
    ],
  },
  {
    about: 'what happened before a listener was up waits for it',
    conf: listener('', 'PROCESS_STATE_STARTING,PROCESS_GROUP', 'buffer_size=20') + program('a') + program('b'),
    steps: [see('RUNNING', 'b'), heard('m', 6)],
    isMixed: true,
  },
  {
    about: 'the processes of a pool share its events; what none of them can take waits',
    conf: listener('SLEEP', 'REMOTE_COMMUNICATION', 'numprocs=2\nprocess_name=m%(process_num)d'),
    steps: [see('RUNNING', 'm0'), see('RUNNING', 'm1'), say('one'), say('two'), heard('m', 2), say('three')],
    isMixed: true,
  },
  {
    about: 'a name stands for all events below it',
    conf: listener('', 'PROCESS_STATE_STOPPED,PROCESS_GROUP', 'buffer_size=20') + program('a'),
    steps: [
      see('RUNNING', 'a'),
      see('RUNNING', 'm'),
      call('stopProcess', 'a'),
      call('removeProcessGroup', 'a'),
      heard('m', 4),
    ],
  },
  {
    about: 'ticks',
    conf: '',
    events: 'TICK_5,REMOTE_COMMUNICATION',
    steps: [see('TICK_5')],
  },
  {
    about: 'listeners cannot be members of groups, but be stopped like programs',
    conf: listener('', 'EVENT', 'buffer_size=100') + idle('a'),
    steps: [
      see('RUNNING', 'm'),
      // All that happened up to its own RUNNING: two groups, the daemon, two events of each listener.
      heard('m', 7),
      call('stopProcess', 'm'),
      call('startProcess', 'a', false),
      see('RUNNING', 'a'),
    ],
  },
]
