// Files that supervisord 4.2.5 refuses, and the message of kahi about each.

/** A program with one more line. */
export const program = (line: string): string => `[supervisord]\n[program:a]\ncommand=x\n${line}`

const listener = (line: string): string => `[supervisord]\n[eventlistener:a]\ncommand=x\n${line}`
const fcgi = (line: string): string => `[supervisord]\n[fcgi-program:a]\ncommand=x\n${line}`

/** Name of the case, the file, and a part of the message. */
export const refused: readonly (readonly [string, string, string])[] = [
  ['a listener without events', listener(''), 's.conf:2:1: error: [event_listeners.a] has no "events"'],
  ['an empty list of events', listener('events='), 's.conf:4:1: error: Cannot read "events"'],
  ['an unknown event', listener('events=TICK_6'), 'there is no event "TICK_6"; did you mean "TICK_5"?'],
  ['a comma too many', listener('events=TICK_5,'), 's.conf:4:1: error: Cannot read "events"'],
  ['no room for events', listener('events=TICK_5\nbuffer_size=0'), 's.conf:5:1: error: "buffer_size" is 0'],
  ['a listener with both streams in one', listener('events=TICK_5\nredirect_stderr=on'), 'cannot have redirect_stderr'],
  ['a name that events cannot use', listener('events=%(program_name)s'), 's.conf:4:1: error: Cannot read "events"'],
  [
    'a listener in a group',
    `${listener('events=TICK_5')}\n[group:g]\nprograms=a`,
    's.conf:6:1: error: [groups.g] names the unknown program "a"',
  ],
  ['a FastCGI program without a socket', fcgi(''), 's.conf:2:1: error: [fcgi_programs.a] has no "socket"'],
  ['a socket of no known kind', fcgi('socket=udp://x:1'), 's.conf:4:1: error: "udp://x:1" is no socket'],
  ['a socket without a port', fcgi('socket=tcp://x'), 's.conf:4:1: error: "tcp://x" is no socket'],
  ['a port of zero', fcgi('socket=tcp://x:0'), 's.conf:4:1: error: "tcp://x:0" is no socket'],
  ['a relative socket', fcgi('socket=unix://x'), 's.conf:4:1: error: The path "x" is not absolute'],
  ['an owner of a port', fcgi('socket=tcp://x:1\nsocket_owner=root'), '"socket_owner" is for unix sockets only'],
  ['a mode of a port', fcgi('socket=tcp://x:1\nsocket_mode=0700'), '"socket_mode" is for unix sockets only'],
  ['a backlog of zero', fcgi('socket=tcp://x:1\nsocket_backlog=0'), 's.conf:5:1: error: Cannot read "socket_backlog"'],
  [
    'a name that the socket cannot use',
    fcgi('socket=unix:///%(group_name)s'),
    's.conf:4:1: error: Cannot read "socket"',
  ],
  [
    'two programs of one name in a group',
    `${program('')}[fcgi-program:a]\ncommand=x\nsocket=tcp://x:1\n[group:g]\nprograms=a`,
    '[groups.g] names "a", of which there are two',
  ],
  ['no [supervisord] and no program', '[notes]\na=1', 's.conf:1:1: error: There is no [supervisord] section'],
  [
    'a date format in a command',
    '[supervisord]\n[program:a]\ncommand=date +%Y',
    's.conf:3:1: error: Cannot read "command" as command: "%Y" at character 7',
  ],
  [
    'a variable that is not set',
    program('directory=%(ENV_NOPE)s'),
    's.conf:4:1: error: Cannot read "directory" as text: the variable NOPE is not set',
  ],
  [
    'an unknown name',
    program('directory=%(nope)s'),
    's.conf:4:1: error: Cannot read "directory" as text: "%(nope)s" is unknown here',
  ],
  [
    'a name that priority cannot use',
    program('priority=%(process_num)d'),
    's.conf:4:1: error: Cannot read "priority" as whole number: "%(process_num)s" is unknown here; known are %(here)s and %(ENV_…)s',
  ],
  [
    'its own variables in user',
    program('environment=U="app"\nuser=%(ENV_U)s'),
    's.conf:5:1: error: Cannot read "user" as text: the variable U is not set',
  ],
  [
    'blanks as separators',
    program('environment=A=1 B=2'),
    's.conf:4:1: error: Cannot read "environment" as table of variables',
  ],
  ['an open quote in environment', program('environment=A="1'), 'a quotation is not closed'],
  [
    'a single percent in the daemon’s environment',
    '[supervisord]\nenvironment=A="100%%"',
    's.conf:2:1: error: Cannot read "environment" as table of variables: a "%" begins no expansion',
  ],
  [
    'a single percent in a log name',
    program('stdout_logfile=/tmp/a%%b'),
    's.conf:4:1: error: Cannot read "stdout_logfile" as log file',
  ],
  [
    'a size without B',
    program('stdout_logfile_maxbytes=10M'),
    's.conf:4:1: error: Cannot read "stdout_logfile_maxbytes" as size: "10M" is not a number of bytes, KB, MB or GB',
  ],
  ['a size with a plain B', program('stdout_logfile_maxbytes=10B'), '"10B" is not a number of bytes, KB, MB or GB'],
  [
    'real-time signals with an offset',
    program('stopsignal=RTMIN+3'),
    's.conf:4:1: error: Cannot read "stopsignal" as signal: "RTMIN+3"',
  ],
  [
    'real-time signals by number',
    program('stopsignal=37'),
    's.conf:4:1: error: Cannot read "stopsignal" as signal: "37"',
  ],
  ['a flag in quotes', program('autostart="true"'), 's.conf:4:1: error: Cannot read "autostart" as flag'],
  [
    'a decimal number',
    program('startsecs=1.5'),
    's.conf:4:1: error: Cannot read "startsecs" as seconds: "1.5" is not a whole number',
  ],
  [
    'an exit code that is none',
    program('exitcodes=0,256'),
    's.conf:4:1: error: Cannot read "exitcodes" as list of exit codes: 256 is not between 0 and 255',
  ],
  ['an octal number that is none', program('umask=0x12'), 's.conf:4:1: error: Cannot read "umask" as octal text'],
  ['several processes of one name', program('numprocs=2'), '"process_name" does not contain %(process_num)'],
  [
    'a process name with a blank',
    program('process_name=a b'),
    's.conf:4:1: error: The name "a b" must not contain " "',
  ],
  [
    'a program name with a blank',
    '[supervisord]\n[program:a b]\ncommand=x',
    's.conf:2:1: error: The name "a b" must not contain " "',
  ],
  [
    'contradicting stop rules',
    program('stopasgroup=true\nkillasgroup=false'),
    's.conf:5:1: error: Cannot have stopasgroup = true with killasgroup = false',
  ],
  ['no command', '[supervisord]\n[program:a]\nautostart=true', 's.conf:2:1: error: [programs.a] has no "command"'],
  [
    'a group of unknown programs',
    '[supervisord]\n[group:g]\nprograms=zz',
    's.conf:3:1: error: [groups.g] names the unknown program "zz"',
  ],
  [
    'a trailing comma in a group',
    '[supervisord]\n[program:a]\ncommand=x\n[group:g]\nprograms=a,',
    's.conf:5:1: error: [groups.g] names the unknown program ""',
  ],
  [
    'an unknown log level',
    '[supervisord]\nloglevel=warning',
    's.conf:2:1: error: Cannot read "loglevel" as one of critical',
  ],
  [
    'a port that is none',
    '[supervisord]\n[inet_http_server]\nport=0',
    's.conf:3:1: error: "0" is not an address to listen on',
  ],
  [
    'a socket without a file',
    '[supervisord]\n[unix_http_server]\nchmod=0700',
    's.conf:2:1: error: [server.unix] has no "file"',
  ],
  [
    'half of the credentials',
    '[supervisord]\n[inet_http_server]\nport=9001\nusername=u',
    's.conf:2:1: error: [server.http] has no "password"',
  ],
  [
    '%(here)s where it is unknown',
    '[supervisord]\n[inet_http_server]\nport=%(here)s',
    's.conf:3:1: error: Cannot read "port" as text: "%(here)s" is unknown here',
  ],
  ['an include without files', '[supervisord]\n[include]\n', 's.conf:2:1: error: The [include] section has no "files"'],
]
