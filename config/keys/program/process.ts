// Keys of [programs.X] about its processes.

import type { EnvFile } from '../../model/env-file.ts'
import type { LimitPolicy } from '../../model/ends.ts'
import {
  bytes,
  choice,
  command,
  environment,
  flag,
  integer,
  integerBetween,
  octal,
  signal,
  text,
  timeLimit,
} from '../../values/values.ts'
import { capabilities } from '../../values/capabilities.ts'
import { key, optionalKey } from '../key.ts'
import { liveNative, native, nativeProcess, process } from './options.ts'
import { envFiles } from '../../values/env-file.ts'
import { limits } from '../../values/limits.ts'

const LIMIT_POLICIES: readonly LimitPolicy[] = ['restart', 'notify']

/** What is run, where, as which user, with which rights and limits. */
export const processKeys = {
  like: optionalKey(
    text,
    'Name of a program whose values this one starts from: of all keys that it does not have itself, and of `environment` variable by variable. That one may have `like`, too.',
    native,
  ),
  command: key(
    command,
    '',
    'The command to run: a line that is split into words with the quotes of a shell, but without variables, globs and pipes; or a list of arguments.',
    { ...process, required: true },
  ),
  process_name: optionalKey(
    text,
    'Name of each process; by default the name of the program. With several processes it must contain %(process_num), as in "%(program_name)s_%(process_num)02d".',
    process,
  ),
  numprocs: key(integer, 1, 'Number of processes; 0 runs none.'),
  numprocs_start: key(integer, 0, 'Number of the first process, for %(process_num)d.'),
  directory: optionalKey(text, 'Directory to change to before the command is run.', process),
  service_files: optionalKey(
    text,
    'Directory of an s6 service. Its files are put into the service directory of the process too: data and env as copies, others as links. The process then runs in its service directory, as under s6, so that s6-notifyoncheck and `s6-svc -O .` work. Without scan_directory it runs in this directory; the key `directory` has priority.',
    nativeProcess,
  ),
  service_directory: optionalKey(
    text,
    'Service directory of the process, if it is not NAME in scan_directory; scan_directory then has a link to it, as s6-rc has to /run/s6-rc/servicedirs.',
    nativeProcess,
  ),
  user: optionalKey(
    text,
    'User to run as, by name or number, with all groups of that user; `user:group` names another primary group.',
  ),
  umask: optionalKey(octal, 'File mode creation mask as octal text; inherited when absent.'),
  nice: optionalKey(
    integerBetween(-20, 19),
    'Scheduling priority, from -20 (first) to 19; inherited when absent.',
    native,
  ),
  oom_score_adj: optionalKey(
    integerBetween(-1000, 1000),
    'How likely the kernel kills the process when memory runs out, from -1000 (never) to 1000.',
    native,
  ),
  limits: optionalKey(
    limits,
    'Table of limits: nofile, nproc, core, memlock, as, fsize, data, stack, rss, cputime … as a number, "soft:hard" or "unlimited", as in setrlimit(2); memory (size), cpu (processors, such as 1.5) and pids for the process with all its children, where a cgroup can be written; then a stop kills all processes in the cgroup, also those that left the group and session.',
    native,
  ),
  max_memory: optionalKey(
    bytes,
    'Most memory of the program with its children, such as "500MB": of its cgroup where it has one, else PSS. Looked at every limit_interval seconds; then on_limit follows.',
    liveNative,
  ),
  max_cpu: optionalKey(
    integerBetween(1, 100_000),
    'Most CPU time of the program with its children, in percent of one processor, on average over limit_interval seconds.',
    liveNative,
  ),
  on_limit: key(
    choice(LIMIT_POLICIES),
    'restart',
    'What follows when the program uses more than max_memory or max_cpu: "restart", or "notify", which only logs it and emits the event `limit-exceeded`.',
    liveNative,
  ),
  limit_interval: key(timeLimit, 10, 'Seconds between two looks at max_memory and max_cpu, at least 0.1.', liveNative),
  capabilities: optionalKey(
    capabilities,
    'Capabilities to keep, such as ["net_bind_service"], also for a user that is not root; all others are dropped permanently. [] keeps none; without the key nothing changes.',
    native,
  ),
  no_new_privs: key(
    flag,
    false,
    'Whether the process and its children can never gain rights, not even by set-user-id files.',
    native,
  ),
  pdeathsig: optionalKey(
    signal,
    'Signal that the process gets when its parent, the native helper, ends; SIGKILL by default. The guard of the helper kills processes that are left after that.',
    native,
  ),
  session: key(flag, false, 'Whether the process gets a session of its own, not only a process group.', native),
  login_env: key(flag, false, 'Whether HOME, USER, LOGNAME and SHELL are set from /etc/passwd for its user.', native),
  environment: key(
    environment,
    {},
    'Variables for the process; they have priority over those of [supervisor] and of the daemon.',
    process,
  ),
  env_file: key<readonly EnvFile[]>(
    envFiles,
    [],
    'Files of variables in the form of dotenv (`NAME=value`, quotes, comments), or directories with a file for each variable, as s6-envdir reads them. Relative to the file that names them; later ones have priority, `environment` before all. They are read together with the configuration: `kahi ctl apply` after a change. A missing file is an error, but not for { path = ".env", optional = true }. Their values are not shown.',
    native,
  ),
  serverurl: optionalKey(
    text,
    'SUPERVISOR_SERVER_URL for the process; by default, and with "AUTO", the URL of the first server.',
  ),
}
