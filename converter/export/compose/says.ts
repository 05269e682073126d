// What a Compose file can express. Source: Compose specification, 05-services.md.

import { containerRows, containerTables, ofPrograms, probeLoss, withoutDirectories } from '../plan/container-says.ts'
import { changed, kept, lost, noted, type Says } from '../plan/target.ts'

/** The table. */
export const says: Says = {
  program: {
    ...containerRows,
    command: kept('`command`; the image must have the program'),
    directory: kept('`working_dir`'),
    user: kept('`user`'),
    oom_score_adj: kept('`oom_score_adj`'),
    limits: kept('`ulimits`, `mem_limit`, `cpus`, `pids_limit`'),
    capabilities: kept('`cap_drop` and `cap_add`'),
    no_new_privs: kept('`security_opt`'),
    environment: changed('`environment`; names that sound secret are in NAME.env with mode 0600, by `env_file`'),
    env_file: changed('`env_file`', withoutDirectories),
    priority: changed('`depends_on` the services of the next lower number'),
    depends_on: changed('`depends_on` with conditions'),
    ready: changed(
      '`healthcheck`, when there is no `health`',
      ofPrograms((settings) => settings.ready && probeLoss(settings)),
    ),
    health: changed(
      '`healthcheck`',
      ofPrograms(({ health }) => health && probeLoss({ health, ready: undefined })),
    ),
    schedule: lost('Compose starts nothing at a time; with --single kahi does'),
    on_dependency_lost: lost('Compose stops no service whose dependency goes down'),
    max_memory: lost('mem_limit kills instead; see the key limits'),
    max_cpu: lost('cpus slows down instead; see the key limits'),
    on_limit: lost('nothing measures a service'),
    limit_interval: lost('nothing measures a service'),
    on_unhealthy: lost('Compose only shows that a service is unhealthy'),
    autostart: changed('`profiles: [manual]` when it is not started at boot'),
    autorestart: changed('`restart`: always, on-failure or no'),
    startretries: noted(
      '`restart` has no number, and growing delays',
      ofPrograms(({ startretries, autorestart, restart }) =>
        restart === undefined && startretries > 0 && autorestart !== 'false'
          ? 'a failed start is tried again without limit, with growing delays'
          : undefined,
      ),
    ),
    restart: changed(
      '`on-failure:LIMIT`',
      ofPrograms(({ restart }) => restart !== undefined && restart !== 's6' && 'only its limit is written'),
    ),
    exitcodes: changed(
      '`on-failure`: every code but 0',
      ofPrograms(
        ({ exitcodes, autorestart }) =>
          autorestart === 'unexpected' &&
          (exitcodes.length !== 1 || exitcodes[0] !== 0) &&
          'every code but 0 leads to a restart',
      ),
    ),
    stopsignal: kept('`stop_signal`'),
    stopwaitsecs: kept('`stop_grace_period`'),
    timeout_kill: kept('`stop_grace_period`; 24h instead of no limit'),
    stop_command: lost('Compose sends a signal'),
    on_exit: lost('`docker compose up --abort-on-container-exit` does it for all services'),
    on_fatal: lost('nothing ends the other services'),
  },
  oneshot: {
    up: changed('a service that ends; others wait with `service_completed_successfully`'),
    down: lost('nothing is run when services stop'),
  },
  ...containerTables('docker compose'),
}
