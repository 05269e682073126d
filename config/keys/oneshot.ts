// Keys of [oneshots.X] and [bundles.X]. Source: s6-rc 0.7, source definition directories of type oneshot and bundle.

import { key, optionalKey, type Settings } from './key.ts'
import { choice, command, names, timeLimit } from '../values/values.ts'
import { programKeys } from './program.ts'
import { END_POLICIES } from './program/life.ts'

const process = { scope: 'process', supervisord: '' } as const

/**
 * Keys of a oneshot, in the order in which they are written. Keys with the names of program keys have the same meaning.
 */
export const oneshotKeys = {
  up: key(
    command,
    '',
    'Command that brings it up, in the form of a program’s command; the oneshot is up when it exits with 0.',
    process,
  ),
  down: optionalKey(command, 'Command that takes it down again.', process),
  timeout_up: key(timeLimit, 0, 'Seconds that up may take before it is stopped and counts as failed; 0 = no limit.', {
    supervisord: '',
  }),
  timeout_down: key(
    timeLimit,
    0,
    'Seconds that down may take before it is stopped and counts as failed; 0 = no limit.',
    {
      supervisord: '',
    },
  ),
  on_fatal: key(
    choice(END_POLICIES),
    'none',
    '"shutdown": when up or a dependency fails, the daemon stops everything and ends with 1.',
    process,
  ),
  depends_on: programKeys.depends_on,
  timeout_depends: programKeys.timeout_depends,
  watch: key(
    programKeys.watch.type,
    undefined,
    'As for a program; a change runs the oneshot again: down, then up. There is no reload_command.',
    process,
  ),
  schedule: programKeys.schedule,
  autostart: programKeys.autostart,
  priority: programKeys.priority,
  directory: programKeys.directory,
  user: programKeys.user,
  umask: programKeys.umask,
  environment: programKeys.environment,
  env_file: programKeys.env_file,
  stopsignal: programKeys.stopsignal,
  stopwaitsecs: programKeys.stopwaitsecs,
  redirect_stderr: programKeys.redirect_stderr,
  log_format: programKeys.log_format,
  ring_buffer: programKeys.ring_buffer,
  stdout_logfile: programKeys.stdout_logfile,
  stdout_logfile_maxbytes: programKeys.stdout_logfile_maxbytes,
  stdout_logfile_backups: programKeys.stdout_logfile_backups,
  stderr_logfile: programKeys.stderr_logfile,
  stderr_logfile_maxbytes: programKeys.stderr_logfile_maxbytes,
  stderr_logfile_backups: programKeys.stderr_logfile_backups,
}

/** Keys of a bundle. */
export const bundleKeys = {
  contents: key<readonly string[]>(names, [], 'Programs, oneshots, groups and bundles in the bundle.', {
    scope: 'daemon',
    supervisord: '',
    required: true,
  }),
}

/** The values of a oneshot's keys. */
export type OneshotValues = Settings<typeof oneshotKeys>
