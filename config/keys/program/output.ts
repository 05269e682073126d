// Keys of [programs.X] about its output.

import type { LogFile, Stdio, StreamFormat } from '../../model/output.ts'
import { bytes, choice, flag, integer, logfile, text } from '../../values/values.ts'
import { key, optionalKey } from '../key.ts'
import { native, process } from './options.ts'

const FORMATS: readonly StreamFormat[] = ['auto', 'raw', 'prefix', 'channel', 'json']
const STDIO: readonly Stdio[] = ['pipes', 'inherit']
const stdout: LogFile = { kind: 'stdout', path: '/dev/stdout' }
const stderr: LogFile = { kind: 'stderr', path: '/dev/stderr' }

/** Where its output goes, and how it is written. */
export const outputKeys = {
  redirect_stderr: key(flag, false, 'Whether stderr goes to the destination of stdout.'),
  stdio: key(
    choice(STDIO),
    'pipes',
    '"inherit": its standard input, output and error are those of the daemon itself, for a shell or a filter. kahi then does not read its output, and the keys about logs have no effect. If kahi runs at a terminal as PID 1 or with --survive, Ctrl-C goes to this program. "pipes": kahi writes to its input and logs its output.',
    native,
  ),
  log_to: optionalKey(
    text,
    'Name of the program that gets its standard output as standard input, through a pipe that outlives both, so that nothing is lost when either is restarted. It depends on that program. Several programs may name the same one.',
    native,
  ),
  log_format: key(
    choice(FORMATS),
    'auto',
    'How the lines of both streams are written: "raw" unchanged, "prefix" after time and [name], "channel" as supervisor_stdout does (`name stdout | line`), "json" as objects. "auto": as `output_format` of [supervisor] says in the daemon’s own stdout and stderr, unchanged in files.',
    native,
  ),
  ring_buffer: key(
    bytes,
    1024 ** 2,
    'How much is kept in memory for `tail`, of a stream that goes to the daemon’s own stdout or stderr.',
    native,
  ),
  stdout_logfile: key(
    logfile,
    stdout,
    'Destination of stdout: a path, "AUTO" (a file in childlogdir), "NONE", or "/dev/stdout" for the daemon’s own.',
    { ...process, supervisordDefault: 'AUTO' },
  ),
  stdout_logfile_maxbytes: key(
    bytes,
    50 * 1024 ** 2,
    'Size at which the log is rotated, such as "50MB"; 0 = never.',
    process,
  ),
  stdout_logfile_backups: key(integer, 10, 'Number of rotated logs to keep; 0 truncates the log instead.', process),
  stdout_logfile_compress: key(flag, false, 'Whether rotated logs are compressed, as `.1.gz`.', native),
  stdout_capture_maxbytes: key(
    bytes,
    0,
    'How many bytes between the capture tokens are captured at most; 0 captures nothing.',
  ),
  stdout_events_enabled: key(flag, false, 'Whether output leads to PROCESS_LOG events.'),
  stdout_syslog: key(flag, false, 'Whether output goes to syslog as well.', process),
  stderr_logfile: key(logfile, stderr, 'Destination of stderr, as stdout_logfile.', {
    ...process,
    supervisordDefault: 'AUTO',
  }),
  stderr_logfile_maxbytes: key(bytes, 50 * 1024 ** 2, 'As stdout_logfile_maxbytes.', process),
  stderr_logfile_backups: key(integer, 10, 'As stdout_logfile_backups.', process),
  stderr_logfile_compress: key(flag, false, 'As stdout_logfile_compress.', native),
  stderr_capture_maxbytes: key(bytes, 0, 'As stdout_capture_maxbytes.'),
  stderr_events_enabled: key(flag, false, 'As stdout_events_enabled.'),
  stderr_syslog: key(flag, false, 'As stdout_syslog.', process),
}
