// The output and the input of programs.

import { call, idle, program, type Scene, see, shell, signal, written } from './scene.ts'

const EVENTS = 'stdout_events_enabled=true\nstderr_events_enabled=true'
const LOG = 'stdout_logfile=DIR/a.log\nstdout_logfile_maxbytes=0'

/** Writes a text for each line that it reads. */
const onDemand = (text: string, more: string): string => shell('a', `while read x; do ${text}; done`, more)
const demand = call('sendProcessStdin', 'a', 'go\n')

/** Logs, log events, capture, stdin. */
export const output: readonly Scene[] = [
  {
    about: 'both streams as events',
    conf: shell('a', 'sleep 1.2; echo out; sleep 0.5; echo err >&2; exec sleep 1000', EVENTS),
    steps: [see('LOG_STDERR', 'a')],
  },
  {
    about: 'without stdout_events_enabled there are no events',
    conf: shell('a', 'sleep 1.2; echo out; echo err >&2; touch DIR/done; exec sleep 1000'),
    steps: [see('RUNNING', 'a'), written('done', '')],
  },
  {
    about: 'redirect_stderr',
    conf: onDemand('echo err >&2', `${EVENTS}\n${LOG}\nredirect_stderr=true`),
    steps: [see('RUNNING', 'a'), demand, see('LOG_STDOUT', 'a')],
    files: ['a.log'],
  },
  {
    about: 'bytes that are no text',
    conf: onDemand('printf "\\\\377\\\\001x"', `${EVENTS}\n${LOG}`),
    steps: [see('RUNNING', 'a'), demand, see('LOG_STDOUT', 'a')],
  },
  {
    about: 'a capture on each stream',
    conf: onDemand(
      'printf "before<!--XSUPERVISOR:BEGIN-->comm \\\\303\\\\251<!--XSUPERVISOR:END-->" >&$x',
      `${EVENTS}\nstdout_capture_maxbytes=1KB\nstderr_capture_maxbytes=1KB\nstderr_logfile=DIR/a.err\n${LOG}`,
    ),
    steps: [
      see('RUNNING', 'a'),
      call('sendProcessStdin', 'a', '1\n'),
      see('COMMUNICATION_STDOUT', 'a'),
      call('sendProcessStdin', 'a', '2\n'),
      see('COMMUNICATION_STDERR', 'a'),
    ],
    files: ['a.log', 'a.err'],
  },
  {
    about: 'a capture in several pieces',
    conf: shell(
      'a',
      'read x; printf "<!--XSUPERVISOR:BEG"; read x; printf "IN-->one"; read x; printf " two<!--XSUPER"; read x; printf "VISOR:END-->rest"; exec sleep 1000',
      'stdout_capture_maxbytes=1KB\n' + LOG,
    ),
    steps: [see('RUNNING', 'a'), demand, demand, demand, demand, see('COMMUNICATION_STDOUT', 'a')],
  },
  {
    about: 'a log file with rotation',
    conf: onDemand(
      'printf "%%060d" $x',
      `${EVENTS}\nstdout_logfile=DIR/a.log\nstdout_logfile_maxbytes=100\nstdout_logfile_backups=2`,
    ),
    steps: [
      see('RUNNING', 'a'),
      ...[1, 2, 3, 4, 5, 6, 7].flatMap((count) => [
        call('sendProcessStdin', 'a', `${count}\n`),
        see('LOG_STDOUT', 'a', count),
      ]),
    ],
    files: ['a.log', 'a.log.1', 'a.log.2', 'a.log.3'],
  },
  {
    about: 'a log file that is there is continued',
    conf: shell('a', 'echo one; exec sleep 1000', LOG),
    steps: [
      written('a.log', 'one'),
      see('RUNNING', 'a'),
      call('stopProcess', 'a'),
      call('startProcess', 'a', false),
      written('a.log', 'one\none'),
    ],
    files: ['a.log'],
  },
  {
    about: 'the last words of a program are kept',
    conf: shell('a', 'echo last; exit 3', `${LOG}\nautorestart=false`),
    steps: [see('EXITED', 'a')],
    files: ['a.log'],
  },
  {
    about: 'logs named NONE, AUTO, one file for both',
    conf:
      program('a', 'stdout_logfile=NONE\nstderr_logfile=none') +
      program('b') +
      program(
        'c',
        'stdout_logfile=DIR/c.log\nstderr_logfile=DIR/c.log\nstdout_logfile_maxbytes=0\nstderr_logfile_maxbytes=0',
      ),
    steps: [see('RUNNING', 'c')],
    isMixed: true,
  },
  {
    about: 'a log on /dev/stdout',
    conf: onDemand('echo hello', `${EVENTS}\nstdout_logfile=/dev/stdout\nstdout_logfile_maxbytes=0`),
    steps: [see('RUNNING', 'a'), demand, see('LOG_STDOUT', 'a')],
    files: ['/dev/stdout'],
  },
  {
    about: 'strip_ansi',
    daemon: 'strip_ansi=true',
    conf: onDemand('printf "\\\\033[31mred\\\\033[0m"', `${EVENTS}\n${LOG}`),
    steps: [see('RUNNING', 'a'), demand, see('LOG_STDOUT', 'a')],
    files: ['a.log'],
  },
  {
    about: 'a folder for a log that goes away',
    conf: program('a', 'stdout_logfile=DIR/d/a.log\nautostart=false\nstartretries=0') + idle('b', '', 'rm -r DIR/d'),
    steps: [call('startProcess', 'b', false), see('EXITED', 'b'), call('startProcess', 'a'), see('FATAL', 'a')],
  },
  {
    about: 'USR2 opens logs anew',
    conf: onDemand('echo $x', `${EVENTS}\n${LOG}`) + idle('b', '', 'mv DIR/a.log DIR/old'),
    steps: [
      see('RUNNING', 'a'),
      call('sendProcessStdin', 'a', 'one\n'),
      see('LOG_STDOUT', 'a'),
      call('startProcess', 'b', false),
      see('EXITED', 'b'),
      signal('SIGUSR2'),
      written('main.log', 'received SIGUSR2 indicating log reopen request'),
      call('sendProcessStdin', 'a', 'two\n'),
      see('LOG_STDOUT', 'a', 2),
    ],
    files: ['a.log', 'old'],
  },
  {
    about: 'logs are cleared',
    conf: onDemand('echo $x', `${EVENTS}\n${LOG}`),
    steps: [
      see('RUNNING', 'a'),
      demand,
      see('LOG_STDOUT', 'a'),
      call('clearProcessLogs', 'a'),
      call('readProcessStdoutLog', 'a', 0, 0),
      demand,
      see('LOG_STDOUT', 'a', 2),
      call('readProcessStdoutLog', 'a', 0, 0),
      call('tailProcessStdoutLog', 'a', 0, 2),
    ],
    files: ['a.log'],
  },
  {
    about: 'input that comes back',
    conf: program('a', EVENTS, 'cat'),
    steps: [see('RUNNING', 'a'), call('sendProcessStdin', 'a', 'grüße\n'), see('LOG_STDOUT', 'a')],
  },
  {
    about: 'input for one that is down, unknown, or has closed it',
    conf: shell('a', 'exec <&-; touch DIR/closed; exec sleep 1000') + idle('b'),
    steps: [
      see('RUNNING', 'a'),
      written('closed', ''),
      call('sendProcessStdin', 'a', 'x'),
      call('sendProcessStdin', 'b', 'x'),
      call('sendProcessStdin', 'c', 'x'),
      call('sendProcessStdin', 'a:*', 'x'),
    ],
  },
]
