// Keys of [programs.X] about what it needs and what is checked.

import type { LossPolicy } from '../../model/ends.ts'
import { command, integer, timeLimit } from '../../values/values.ts'
import { dependencyLost } from '../../values/dependency-lost.ts'
import { dependsOn } from '../../values/depends-on.ts'
import { health, unhealthyPolicy } from '../../values/health.ts'
import { key, optionalKey } from '../key.ts'
import { live, liveNative, native, process } from './options.ts'
import { ready } from '../../values/ready.ts'
import { watch } from '../../values/watch.ts'

const NO_ACTION: LossPolicy = { action: 'none', delay: 5 }

/** Dependencies, readiness, health, and the files that are watched. */
export const conditionKeys = {
  priority: key(integer, 999, 'Lower numbers start first and stop last.', live),
  depends_on: key(
    dependsOn,
    [],
    'Its dependencies: programs, oneshots, groups and bundles that must be up before it starts, and that stop after it. A table gives the state that each must reach: "started", "ready", "completed", or "ordered", which starts nothing and only decides the order. For a plain name it is completed for oneshots, ready for programs with `ready`, else started.',
    native,
  ),
  on_dependency_lost: key(
    dependencyLost,
    NO_ACTION,
    'What happens when a dependency is lost while the program runs: it is down, not ready any more, or unhealthy, for more than delay seconds (5). "stop": the program is stopped. "restart": it is stopped, and started again when all its dependencies are there. A table gives both: { action = "restart", delay = 30 }. Its own dependents are not stopped with it: they have a key of their own. "none": nothing.',
    liveNative,
  ),
  timeout_depends: key(
    timeLimit,
    0,
    'Seconds that a start waits for its dependencies. After that all starts of dependencies, direct and indirect, that have not ended are given up: those that wait do not begin, oneshots that run are stopped unless their dependents only name them as ordered, and programs that are not ready keep running. A unit whose dependencies are all ordered starts then; any other has failed, and with on_fatal = "shutdown" the daemon ends with 2. 0 = no limit.',
    native,
  ),
  ready: optionalKey(
    ready,
    'The readiness check: its dependents start when it succeeds. One of fd (the process writes a newline to that descriptor), notify = true (it sends READY=1 to $NOTIFY_SOCKET, as with systemd), tcp ("HOST:PORT"), unix, http, exec, file, log (a regular expression without look-around and back-references, for a line of its output); with interval and timeout of a check, and deadline for all, in seconds. http may have method, headers (a table), status (such as [200, "301-308"]; 200 to 399 by default) and body (a regular expression); file may have max_age, in seconds. Without the key it is ready when it is RUNNING. A change of the key leaves a ready process ready; a change to or from fd or notify needs a restart.',
    { ...process, ...liveNative },
  ),
  health: optionalKey(
    health,
    'The health check: it is repeated while the process is up and ready. The kinds of `ready`, but fd. With notify = true the process must send WATCHDOG=1 to $NOTIFY_SOCKET within each interval (it is in $WATCHDOG_USEC, as with systemd); with log a line that matches must come within each interval. Further: interval (10), timeout (5) and jitter (0, a random addition to the interval) in seconds; start_period, seconds in which failures do not count until one check has succeeded; failures (3; 1 for notify and log) in a row make it unhealthy, successes (1) in a row healthy again. A check that takes longer than timeout has failed, and its command is killed with its group. A change to or from notify needs a restart.',
    { ...process, ...liveNative },
  ),
  on_unhealthy: key(
    unhealthyPolicy,
    { kind: 'none' },
    'What follows when `health` finds it unhealthy. "restart": it is stopped, and restarted as after an unexpected exit, by the rules of autorestart and `restart`. "stop": it is stopped and is FATAL. "signal:NAME": it gets that signal once. "shutdown": the daemon stops everything and ends with exit_code, or with 1. "none": it is only shown.',
    liveNative,
  ),
  watch: optionalKey(
    watch,
    'Files, directories (with all below them) and patterns; when what they lead to changes, the program is restarted. Or a table: paths; action = "restart", "reload" (runs reload_command) or "signal:NAME", or exec with a command, which gets the changed paths in $WATCH_CHANGED, one a line; debounce (0.5), seconds without a further change before that; poll (5), seconds between two looks that need no event, 0 = none; ignore_removed (false), whether a file that is gone is no change. Symbolic links are followed at each look; paths and contents are compared, not times. A file may come later. Relative paths are relative to the directory of the program.',
    { ...process, ...liveNative },
  ),
  reload_command: optionalKey(
    command,
    'Command that makes the running process read its files again, with the pid in $MAINPID. Its output is discarded.',
    { ...liveNative, ...process },
  ),
  timeout_up: key(
    timeLimit,
    0,
    'Seconds that a requested start may take, over all tries, until the program is ready, or started if it has no `ready`. After that it is stopped and FATAL, and its dependents are not started. 0 = no limit.',
    liveNative,
  ),
  timeout_down: key(
    timeLimit,
    0,
    'Seconds that a stop may take. After that the stop has failed, and the dependencies of the program stay up. It is still killed only after timeout_kill or stopwaitsecs. A shutdown of the daemon continues with the other programs and kills this one last. 0 = no limit.',
    liveNative,
  ),
}
