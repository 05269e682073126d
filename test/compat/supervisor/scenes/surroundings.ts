// The environment of a process: variables, directory, descriptors, signals.

import { call, connect, program, type Scene, see, shell, written } from './scene.ts'

const environment = (name: string, more = ''): string =>
  shell(
    name,
    `env | grep -E "^(SUPERVISOR|A_|B_)" | sort > DIR/${name}.env; touch DIR/${name}.done; exec sleep 1000`,
    more,
  )

/** Says who it is to each that connects to the socket on its standard input. */
const SERVE =
  `/usr/bin/python3 -S -c "import socket,os;who=os.environ['SUPERVISOR_GROUP_NAME'].encode();` +
  '[(c.sendall(who),c.close()) for c,a in iter(socket.socket(fileno=0).accept,None)]"'

/** Environment, folder, umask, sockets. */
export const surroundings: readonly Scene[] = [
  {
    about: 'the variables of supervisord, also in a group',
    conf: `${environment('a')}${environment('b')}[group:g]\nprograms=b\n`,
    steps: [see('RUNNING', 'a'), see('RUNNING', 'b'), written('a.done', ''), written('b.done', '')],
    files: ['a.env', 'b.env'],
    isMixed: true,
  },
  {
    about: 'variables of the daemon, of the program, and which wins',
    daemon: 'environment=A_ONE="1",A_TWO="two words",SUPERVISOR_ENABLED="no"',
    conf: environment('a', 'environment=A_ONE="%(program_name)s",B_QUOTED=\'say "hi"\',SUPERVISOR_GROUP_NAME="x"'),
    steps: [see('RUNNING', 'a'), written('a.done', '')],
    files: ['a.env'],
  },
  {
    about: 'umask and directory',
    conf: shell(
      'a',
      'umask > DIR/umask; pwd > DIR/pwd; touch made; stat -c %%a made > DIR/mode; touch DIR/done; exec sleep 1000',
      'umask=027\ndirectory=DIR/d',
    ),
    steps: [see('RUNNING', 'a'), written('done', '')],
    files: ['umask', 'pwd', 'mode'],
  },
  {
    about: 'quotes and backslashes in a command',
    conf: program(
      'a',
      'autorestart=false',
      `sh -c 'printf "%%s|" "$@" > DIR/words' x "two words" a\\ b 'it is' "" $HOME 'a"b'`,
    ),
    steps: [see('EXITED', 'a')],
    files: ['words'],
  },
  {
    about: 'numbers and names in a command',
    conf: program(
      'a',
      'numprocs=2\nnumprocs_start=7\nprocess_name=%(program_name)s-%(process_num)03d\nautorestart=false',
      "sh -c 'echo %(program_name)s %(process_num)d %(group_name)s %(numprocs)d > DIR/%(process_num)d.words'",
    ),
    steps: [see('EXITED', 'a-007'), see('EXITED', 'a-008')],
    files: ['7.words', '8.words'],
    isMixed: true,
  },
  {
    about: 'a command that is found on the PATH of the program',
    conf:
      shell('a', 'mkdir -p DIR/bin; cp /bin/true DIR/bin/kahi-here; exec sleep 1000') +
      program('b', 'autostart=false\nenvironment=PATH="DIR/bin"\nautorestart=false', 'kahi-here'),
    steps: [written('bin/kahi-here', ''), see('RUNNING', 'a'), call('startProcess', 'b', false), see('EXITED', 'b')],
    isMixed: true,
  },
  {
    about: 'standard input is a pipe that stays open',
    conf: shell('a', 'read x; echo got $x > DIR/got; exec sleep 1000'),
    steps: [see('RUNNING', 'a'), call('sendProcessStdin', 'a', 'this\n'), written('got', 'this')],
    files: ['got'],
  },
  {
    about: 'a FastCGI program on a unix socket, two processes of it',
    conf: `[fcgi-program:f]\ncommand=${SERVE}\nsocket=unix://DIR/f.sock\nsocket_mode=0600\nnumprocs=2\nprocess_name=f%(process_num)d\nstartsecs=1\n`,
    steps: [
      see('RUNNING', 'f0'),
      see('RUNNING', 'f1'),
      connect('f.sock'),
      call('sendProcessStdin', 'f:f0', 'x'),
      call('stopProcess', 'f:f0'),
      connect('f.sock'),
      call('startProcess', 'f:f0'),
    ],
    isMixed: true,
  },
  {
    about: 'a FastCGI program in a group is a program',
    conf: '[fcgi-program:f]\ncommand=cat\nsocket=unix://DIR/f.sock\nstartsecs=0\n[group:g]\nprograms=f\n',
    steps: [see('RUNNING', 'f'), call('sendProcessStdin', 'g:f', 'x')],
  },
]
