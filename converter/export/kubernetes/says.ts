// What manifests of Kubernetes can express. Source: Kubernetes 1.33, API reference.

import { containerRows, containerTables, ofPrograms, probeLoss } from '../plan/container-says.ts'
import { hasSeconds, isTimed } from '../plan/schedule.ts'
import { changed, kept, lost, noted, type Says } from '../plan/target.ts'
import { environmentOf } from '../plan/container.ts'
import { hasVariables } from '../plan/variables.ts'

/** The table. */
export const says: Says = {
  program: {
    ...containerRows,
    command: kept('`command`; the image must have the program'),
    directory: changed('`workingDir`', ({ settings: { directory } }) =>
      directory !== undefined && hasVariables(directory)
        ? 'it knows no variables: their defaults are written'
        : undefined,
    ),
    user: changed('`runAsUser` and `runAsGroup`', ({ user }) =>
      user === undefined || /^(?:\d+|root)(?::\d+)?$/.test(user)
        ? undefined
        : `Kubernetes knows numbers only: ${user.replaceAll(/[\uE000\uE001]/g, '')} is left to USER of the image`,
    ),
    oom_score_adj: lost('Kubernetes sets it by the class of the Pod'),
    limits: changed('`resources.limits` for memory and cpu', ({ settings: { limits } }) => {
      const others = [...Object.keys(limits?.resources ?? {}), ...(limits?.pids === undefined ? [] : ['pids'])]
      return others.length === 0 ? undefined : `there is nothing like ${others.join(', ')}`
    }),
    capabilities: kept('`securityContext.capabilities`'),
    no_new_privs: kept('`allowPrivilegeEscalation: false`'),
    environment: changed(
      '`env`; names that sound secret are in a Secret, variables of the daemon in a ConfigMap',
      ({ settings }) =>
        environmentOf(settings).secret.some(([, value]) => hasVariables(value))
          ? 'a Secret knows no variables: their defaults are written'
          : undefined,
    ),
    env_file: changed('`envFrom` a Secret, which the user makes of the file'),
    priority: lost('nothing orders Pods'),
    depends_on: changed('oneshots are init containers', ({ needs, kind }) =>
      needs.length === 0 || kind === 'oneshot'
        ? undefined
        : 'nothing waits for other programs; a oneshot runs in every Pod that needs it',
    ),
    ready: changed(
      '`readinessProbe`; a probe goes to the address of the Pod',
      ofPrograms((settings) => settings.ready && probeLoss(settings)),
    ),
    health: changed(
      '`livenessProbe`',
      ofPrograms(({ health }) => health && probeLoss({ health, ready: undefined })),
    ),
    schedule: changed('a CronJob; without a time zone its times are those of the control plane', (unit) => {
      const { schedule } = unit.settings
      if (schedule === undefined) return undefined
      if (!isTimed(unit)) return 'nothing restarts a Deployment at times'
      if (hasSeconds(schedule)) return 'its times have no seconds'
      return schedule.overlap === 'queue' ? 'a time at which it still runs is passed over' : undefined
    }),
    on_dependency_lost: lost('nothing stops a container whose dependency goes down'),
    max_memory: lost('a memory limit kills instead; see the key limits'),
    max_cpu: lost('a CPU limit slows down instead; see the key limits'),
    on_limit: lost('nothing measures a container'),
    limit_interval: lost('nothing measures a container'),
    on_unhealthy: changed(
      '`livenessProbe` restarts the container',
      ofPrograms(
        ({ on_unhealthy: { kind } }) =>
          kind !== 'none' && kind !== 'restart' && 'a container that is not healthy is restarted',
      ),
    ),
    autostart: changed('`replicas: 0`, or `suspend: true` of a Job'),
    autorestart: changed(
      'a Deployment always starts again; a Job for `false`',
      ofPrograms(({ autorestart }) => autorestart === 'unexpected' && 'a Deployment starts it again after every exit'),
    ),
    startretries: noted(
      'there is no number',
      ofPrograms(({ startretries, autorestart, restart }) =>
        restart === undefined && startretries > 0 && autorestart !== 'false'
          ? 'a failed start is tried again without limit, with growing delays'
          : undefined,
      ),
    ),
    restart: lost('Kubernetes has growing delays up to five minutes'),
    exitcodes: changed('every exit is the same'),
    stopsignal: changed('`preStop` sends another signal than SIGTERM'),
    stopwaitsecs: kept('`terminationGracePeriodSeconds`'),
    timeout_kill: changed('`terminationGracePeriodSeconds`; a day instead of no limit'),
    stop_command: changed(
      '`preStop`',
      ofPrograms(({ stop_command: stop }) => stop !== undefined && 'SIGTERM follows as soon as the command has ended'),
    ),
    on_exit: lost('nothing ends the other Pods'),
    on_fatal: lost('nothing ends the other Pods'),
  },
  oneshot: {
    up: changed('an init container of every Pod that needs it; of the one Pod with --single', ({ kind, boots }) =>
      kind === 'oneshot' && !boots ? 'it runs only where it is needed' : undefined,
    ),
    down: lost('nothing is run when a Pod ends'),
  },
  ...containerTables('kubectl'),
}
