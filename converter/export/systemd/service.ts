// The text of one service. Source: systemd 252, systemd.unit(5), systemd.service(5), systemd.exec(5), systemd.kill(5),
// systemd.resource-control(5).

import { isDirectory } from '../../folders.ts'
import type { ProcessSettings, StreamSettings } from '../../../config/settings/process.ts'
import { capabilityNames } from '../../../config/values/capabilities.ts'
import { signalName } from '../../../config/values/signal.ts'
import type { Plan } from '../plan/plan.ts'
import type { Unit } from '../plan/unit.ts'
import { hasVariables, variablesIn } from '../plan/variables.ts'
import { besideOf, type Command, commandOf, finishOf, hiddenVariables, ownVariables, readinessOf } from './command.ts'
import type { Places } from './places.ts'
import { restartLines, startLimitLines } from './restarts.ts'
import { assignment, commandLine, plainValue } from './words.ts'

/** Limits of setrlimit(2) whose names differ from those of systemd. */
const LIMITS: Readonly<Record<string, string>> = { cputime: 'CPU' }

/** A service with what belongs to it. */
export interface Around {
  readonly plan: Plan
  readonly places: Places
  /** Targets that it belongs to, besides that of the whole. */
  readonly targets: readonly string[]
  /** The socket unit of its standard input. */
  readonly socket: string | undefined
  /** The FIFO that its standard output is written to. */
  readonly pipe: string | undefined
}

/** A service: its text, and the files of its scripts. */
export function serviceOf(
  unit: Unit,
  around: Around,
): { readonly text: string; readonly commands: readonly Command[] } {
  const { settings, down, kind } = unit
  const about = { places: around.places, sources: around.plan.sources }
  const start = commandOf(unit, settings, 'start', about)
  const stop = down === undefined ? undefined : commandOf(unit, down, 'stop', about)
  const lines = [
    ...unit.comments.map((line) => `# ${line}`),
    '[Unit]',
    ...unitLines(unit, around),
    ...(kind === 'program' ? startLimitLines(settings) : []),
    '',
    '[Service]',
    ...(kind === 'program' ? programLines(unit, start.line) : oneshotLines(unit, start.line, stop?.line)),
    ...identityLines(unit),
    ...environmentLines(unit, around.places),
    ...outputLines(settings, around),
    ...limitLines(settings),
  ]
  return { text: `${lines.join('\n')}\n`, commands: stop === undefined ? [start] : [start, stop] }
}

function unitLines(unit: Unit, { places, targets, socket, pipe }: Around): readonly string[] {
  const names = (wanted: readonly string[]): string =>
    wanted.map((name) => `${places.unitName(name)}.service`).join(' ')
  const required = unit.needs.filter(({ reached }) => reached !== 'ordered').map(({ name }) => name)
  const earlier = [...new Set([...unit.needs.map(({ name }) => name), ...unit.after])]
  const requires = [names(required), socket ?? '', pipe ?? ''].filter((one) => one !== '').join(' ')
  const after = [names(earlier), socket ?? '', pipe ?? ''].filter((one) => one !== '').join(' ')
  const { on_exit: exit, on_fatal: fatal, essential } = unit.settings
  return [
    `Description=${plainValue(unit.comments[0] ?? `${unit.name} of ${places.whole}`)}`,
    `PartOf=${[places.whole, ...targets].map((name) => `${name}.target`).join(' ')}`,
    ...(requires === '' ? [] : [`Requires=${requires}`]),
    ...(after === '' ? [] : [`After=${after}`]),
    ...(exit === 'shutdown' ? [`OnSuccess=${places.stopper}`] : []),
    ...(exit === 'shutdown' || fatal === 'shutdown' ? [`OnFailure=${places.stopper}`] : []),
    ...(essential ? ['RefuseManualStop=yes'] : []),
  ]
}

function oneshotLines({ timeoutUp, timeoutDown }: Unit, start: string, stop: string | undefined): readonly string[] {
  return [
    'Type=oneshot',
    'RemainAfterExit=yes',
    `ExecStart=${start}`,
    ...(stop === undefined ? [] : [`ExecStop=${stop}`]),
    ...(timeoutUp === 0 ? [] : [`TimeoutStartSec=${timeoutUp}`]),
    ...(stop === undefined ? [] : [`TimeoutStopSec=${limit(timeoutDown)}`]),
  ]
}

function programLines(unit: Unit, start: string): readonly string[] {
  const { settings } = unit
  const { ready, health, stopsignal, stopwaitsecs, timeout_kill: kill, stopasgroup } = settings
  const notifies = ready?.check.kind === 'notify' || watchdogOf(settings) !== undefined
  const readiness = readinessOf(unit)
  const reload = besideOf(settings.reload_command)
  const stop = besideOf(settings.stop_command)
  const finish = finishOf(unit)
  const limits = [ready?.deadline ?? 0, unit.timeoutUp].filter((one) => one > 0)
  const waits = ready?.check.kind === 'notify' || readiness !== undefined
  return [
    `Type=${ready?.check.kind === 'notify' ? 'notify' : 'exec'}`,
    ...(notifies ? ['NotifyAccess=all'] : []),
    ...(watchdogOf(settings) === undefined ? [] : [`WatchdogSec=${health?.interval ?? 0}`]),
    `ExecStart=${start}`,
    ...(readiness === undefined ? [] : [`ExecStartPost=${readiness}`]),
    ...(reload === undefined ? [] : [`ExecReload=${reload}`]),
    ...(stop === undefined ? [] : [`ExecStop=${stop}`]),
    ...(finish === undefined ? [] : [`ExecStopPost=${finish}`]),
    ...(waits || limits.length > 0 ? [`TimeoutStartSec=${limit(limits.length === 0 ? 0 : Math.min(...limits))}`] : []),
    ...restartLines(settings),
    ...(signalName(stopsignal) === 'SIGTERM' ? [] : [`KillSignal=${signalName(stopsignal)}`]),
    `TimeoutStopSec=${limit(kill ?? stopwaitsecs)}`,
    ...(stopasgroup ? [] : ['KillMode=mixed']),
  ]
}

/** The watchdog restarts a service; a check that is only shown needs none. */
export function watchdogOf({ health, on_unhealthy: policy }: ProcessSettings): number | undefined {
  return health?.check.kind === 'notify' && policy.kind === 'restart' ? health.interval : undefined
}

function limit(seconds: number): string {
  return seconds === 0 ? 'infinity' : String(seconds)
}

function identityLines({ user, settings }: Unit): readonly string[] {
  const { directory, umask, nice, oom_score_adj: score, capabilities, no_new_privs: locked } = settings
  const [name, group] = user === undefined || hasVariables(user) ? [] : user.split(':')
  const kept =
    capabilities === undefined ? undefined : capabilityNames(capabilities).map((one) => `CAP_${one.toUpperCase()}`)
  const isKnown = directory !== undefined && !hasVariables(directory)
  return [
    ...(name === undefined ? [] : [`User=${plainValue(name)}`]),
    ...(group === undefined ? [] : [`Group=${plainValue(group)}`]),
    ...(isKnown ? [`WorkingDirectory=${plainValue(directory)}`] : []),
    ...(umask === undefined ? [] : [`UMask=${umask.toString(8).padStart(4, '0')}`]),
    ...(nice === undefined ? [] : [`Nice=${nice}`]),
    ...(score === undefined ? [] : [`OOMScoreAdjust=${score}`]),
    ...(kept === undefined ? [] : [`CapabilityBoundingSet=${kept.join(' ')}`]),
    ...(kept === undefined || user === undefined ? [] : [`AmbientCapabilities=${kept.join(' ')}`]),
    ...(locked ? ['NoNewPrivileges=yes'] : []),
  ]
}

/** Later files have priority, so the program's own are the last. */
function environmentLines(unit: Unit, places: Places): readonly string[] {
  const own = ownVariables(unit.settings)
  const hidden = new Set(hiddenVariables(unit.settings).map(([name]) => name))
  const plain = own.filter(([name]) => !hidden.has(name))
  const files = (unit.settings.env_file?.files ?? []).filter(({ path }) => !isDirectory(path))
  return [
    ...files.map(({ path, optional }) => `EnvironmentFile=${optional ? '-' : ''}${plainValue(path)}`),
    ...plain.map(([name, value]) => `Environment=${assignment(name, value)}`),
    ...(variablesOf(unit).length > 0 ? [`EnvironmentFile=${places.variables}`] : []),
    ...(plain.length < own.length ? [`EnvironmentFile=${places.secrets(unit)}`] : []),
  ]
}

/** The variables that the commands of a unit need from outside, with their defaults. */
export function variablesOf({ settings, down, user }: Unit): ReturnType<typeof variablesIn> {
  const { argv = [], directory = '', environment } = settings
  return variablesIn([...argv, ...(down?.argv ?? []), directory, user ?? '', ...Object.values(environment)])
}

function outputLines(settings: ProcessSettings, { socket, pipe, plan, places }: Around): readonly string[] {
  const { stdout, stderr, redirect_stderr: joined, stdio, log_to: reader } = settings
  const input = socket === undefined ? [] : ['StandardInput=socket', `Sockets=${socket}`]
  if (stdio === 'inherit') return ['StandardInput=tty-force', 'StandardOutput=tty']
  const to = plan.units.find(({ id, settings: { name } }) => id === reader || name === reader)
  const out = pipe === undefined || to === undefined ? destination(stdout) : `append:${places.pipe(to.name)}`
  const error = joined ? 'inherit' : destination(stderr)
  const isUsual = out === 'journal' && socket === undefined
  return [
    ...input,
    ...(isUsual ? [] : [`StandardOutput=${out}`]),
    ...(error === 'inherit' || (isUsual && error === 'journal') ? [] : [`StandardError=${error}`]),
  ]
}

/** Where a stream goes: the journal, a file, or nowhere. */
function destination({ logfile }: StreamSettings): string {
  if (logfile.kind === 'none') return 'null'
  return logfile.kind === 'file' && !hasVariables(logfile.path) ? `append:${plainValue(logfile.path)}` : 'journal'
}

function limitLines({ limits }: ProcessSettings): readonly string[] {
  const { memory, cpu, pids, resources = {} } = limits ?? {}
  const half = (value: number | 'unlimited'): string => (value === 'unlimited' ? 'infinity' : String(value))
  return [
    ...Object.entries(resources).map(([name, { soft, hard }]) => {
      const values = soft === hard ? half(soft) : `${half(soft)}:${half(hard)}`
      return `Limit${LIMITS[name] ?? name.toUpperCase()}=${values}`
    }),
    ...(memory === undefined ? [] : [`MemoryMax=${memory}`]),
    ...(cpu === undefined ? [] : [`CPUQuota=${Math.round(cpu * 100)}%`]),
    ...(pids === undefined ? [] : [`TasksMax=${pids}`]),
  ]
}

/** The unit that ends the whole. */
export function stopperText({ whole }: Places): string {
  const command = commandLine(['/usr/bin/systemctl', 'stop', '--no-block', `${whole}.target`])
  return `[Unit]\nDescription=Stop ${whole}\n\n[Service]\nType=oneshot\nExecStart=${command}\n`
}
