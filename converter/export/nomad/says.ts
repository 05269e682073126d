// What a job of Nomad can express. Source: Nomad 1.9, JSON job specification.

import { containerRows, containerTables, ofPrograms } from '../plan/container-says.ts'
import { environmentOf } from '../plan/container.ts'
import { isTimed } from '../plan/schedule.ts'
import { changed, kept, lost, noted, type Says } from '../plan/target.ts'
import { hasVariables } from '../plan/variables.ts'
import { isPossible } from './checks.ts'

const NO_CHECK = 'Nomad makes requests and connections only'

/** The table. */
export const says: Says = {
  program: {
    ...containerRows,
    command: kept('`entrypoint` and `args`; the image must have the program'),
    directory: kept('`work_dir`'),
    user: kept('`User`'),
    oom_score_adj: kept('`oom_score_adj`'),
    limits: changed('`ulimit`, `MemoryMB`, `pids_limit`', ({ settings: { limits } }) =>
      limits?.cpu === undefined ? undefined : 'cpu must be set in MHz: Resources.CPU',
    ),
    capabilities: kept('`cap_drop` and `cap_add`'),
    no_new_privs: kept('`security_opt`'),
    environment: changed(
      '`Env`; names that sound secret are variables of Nomad, in a file with mode 0600',
      ({ settings }) =>
        environmentOf(settings).secret.some(([, value]) => hasVariables(value))
          ? 'a variable of Nomad names no others: their defaults are written'
          : undefined,
    ),
    env_file: lost('write a `template` with `env = true` for it'),
    priority: lost('nothing orders groups'),
    schedule: changed(
      'a job of its own, of type batch with `Periodic`; without a time zone its times are UTC',
      (unit) => {
        const { schedule } = unit.settings
        if (schedule === undefined) return undefined
        if (!isTimed(unit)) return 'nothing restarts a job at times'
        return schedule.overlap === 'skip' ? undefined : 'a time at which it still runs is passed over'
      },
    ),
    depends_on: changed('oneshots run before the other tasks of their group, all at once', ({ needs, kind }) =>
      needs.length === 0
        ? undefined
        : kind === 'oneshot'
          ? 'tasks that run before the others do not wait for each other'
          : 'nothing waits for other programs; a oneshot runs in every group that needs it',
    ),
    ready: changed(
      'a check of the service, when there is no `health`',
      ofPrograms(({ ready }) => ready !== undefined && !isPossible(ready.check) && NO_CHECK),
    ),
    health: changed(
      'a check of the service',
      ofPrograms(({ health }) => health !== undefined && !isPossible(health.check) && NO_CHECK),
    ),
    on_unhealthy: changed(
      '`CheckRestart`',
      ofPrograms(
        ({ on_unhealthy: { kind }, health }) =>
          kind !== 'none' &&
          (kind !== 'restart' || !isPossible(health?.check)) &&
          'Nomad only shows that it is unhealthy',
      ),
    ),
    autostart: changed('`Count` 0 when it is not started at boot'),
    autorestart: changed(
      '`RestartPolicy`',
      ofPrograms(({ autorestart }) => autorestart === 'unexpected' && 'it is started again after every exit'),
    ),
    startretries: noted(
      '`Attempts` and `Interval` of `RestartPolicy`',
      ofPrograms(({ restart, startsecs, startretries, autorestart }) =>
        restart === undefined && startsecs > 0 && startretries > 0 && autorestart !== 'false'
          ? 'a start is tried again after one second each time, and an exit before startsecs counts as any other exit'
          : undefined,
      ),
    ),
    restart: changed(
      '`RestartPolicy`',
      ofPrograms(({ restart }) => {
        if (restart === undefined || restart === 's6') return undefined
        if (restart.no_restart_codes.length > 0)
          return `it is started again after the exit codes ${restart.no_restart_codes.join(', ')} too`
        return restart.factor !== 1 && 'the delay does not grow'
      }),
    ),
    exitcodes: changed('every exit is the same'),
    stopsignal: kept('`KillSignal`'),
    stopwaitsecs: changed('`KillTimeout`; clients have a limit of their own, max_kill_timeout'),
    timeout_kill: changed('`KillTimeout`; a day instead of no limit'),
    stop_command: lost('Nomad sends a signal'),
    on_exit: lost('nothing ends the other groups'),
    on_fatal: lost('nothing ends the other groups'),
  },
  oneshot: {
    up: changed('a task with `Lifecycle` prestart in every group that needs it'),
    down: lost('a oneshot is not undone'),
  },
  ...containerTables('nomad'),
}
