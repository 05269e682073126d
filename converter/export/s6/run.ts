// The script of a process: from the settings of a unit to steps and a command.

import type { ResourceLimit } from '../../../config/model/resource-limits.ts'
import type { ProcessSettings, StreamSettings } from '../../../config/settings/process.ts'
import { capabilityNames } from '../../../config/values/capabilities.ts'
import { signalName } from '../../../config/values/signal.ts'
import { checkCommand } from '../plan/checks.ts'
import type { Unit } from '../plan/unit.ts'
import { GROUP_WORD, type Script, type Step } from './steps.ts'
import { execlineLine } from './words.ts'

/** The descriptor for readiness of checks that s6 makes itself. */
export const CHECK_FD = 3

/** Limits of setrlimit(2) that s6-softlimit sets, with its options. */
export const SOFTLIMIT: Readonly<Record<string, string>> = {
  nofile: '-o',
  nproc: '-p',
  core: '-c',
  memlock: '-l',
  as: '-a',
  fsize: '-f',
  data: '-d',
  stack: '-s',
  rss: '-r',
  cputime: '-t',
  rtprio: '-P',
}

/** What a script of s6 depends on besides its unit. */
export interface RunOptions {
  /** The directory of programs that name none. */
  readonly directory: string | undefined
  /** Its output goes to a logger: through its standard output. */
  readonly isLogged: boolean
}

/** The script of `settings`, the process or a command of a oneshot. */
export function scriptOf(unit: Unit, settings: ProcessSettings, { directory, isLogged }: RunOptions): Script {
  const path = settings.directory ?? directory
  const isChecked = unit.kind === 'program' && needsFd(settings)
  const steps: readonly (Step | undefined)[] = [
    ...outputSteps(settings, isLogged),
    path === undefined || isChecked ? undefined : { kind: 'directory', path },
    settings.umask === undefined ? undefined : { kind: 'umask', mask: settings.umask.toString(8).padStart(4, '0') },
    settings.oom_score_adj === undefined ? undefined : { kind: 'score', value: settings.oom_score_adj },
    settings.login_env && unit.user !== undefined ? { kind: 'login', user: unit.user } : undefined,
    ...Object.entries(settings.environment).map(([name, value]): Step => ({ kind: 'variable', name, value })),
    ...groupStep(unit, settings),
    ...wrappers(unit, settings, isChecked ? path : undefined).map((words): Step => ({ kind: 'wrap', words })),
  ]
  return {
    comments: unit.comments,
    steps: steps.filter((step) => step !== undefined),
    argv: settings.argv ?? [],
  }
}

/** Where the output goes, as far as the script decides it. */
function outputSteps(settings: ProcessSettings, isLogged: boolean): readonly Step[] {
  const { stdout, stderr, redirect_stderr: joined, stdio } = settings
  if (stdio === 'inherit') return []
  const out: readonly Step[] = isLogged ? [] : streamStep(1, stdout)
  const isSame =
    stdout.logfile.kind === 'file' && stderr.logfile.kind === 'file' && stdout.logfile.path === stderr.logfile.path
  return joined || isSame ? [...out, { kind: 'join', from: 2, to: 1 }] : [...streamStep(2, stderr), ...out]
}

function streamStep(fd: 1 | 2, { logfile }: StreamSettings): readonly Step[] {
  const own = fd === 1 ? 'stdout' : 'stderr'
  if (logfile.kind === 'none') return [{ kind: 'redirect', fd, to: '/dev/null' }]
  if (logfile.kind === 'file') return [{ kind: 'redirect', fd, to: logfile.path }]
  if (logfile.kind === 'auto' || logfile.kind === own) return []
  return [{ kind: 'join', from: fd, to: fd === 1 ? 2 : 1 }]
}

/** The programs in front of the command, the outermost first. */
function wrappers(unit: Unit, settings: ProcessSettings, checked: string | undefined): readonly (readonly string[])[] {
  const { nice, limits } = settings
  return [
    ...(nice === undefined ? [] : [['nice', '-n', String(nice)]]),
    ...Object.entries(limits?.resources ?? {}).flatMap(([name, limit]) => softlimit(name, limit)),
    ...(unit.kind === 'program' ? checkWords(settings) : []),
    ...(checked === undefined ? [] : [['execline-cd', checked]]),
    ...socketWords(unit),
    ...identityWords(unit, settings),
  ]
}

function softlimit(name: string, { soft, hard }: ResourceLimit): readonly (readonly string[])[] {
  const option = SOFTLIMIT[name]
  if (option === undefined) return []
  if (soft === hard) return [['s6-softlimit', ...(soft === 'unlimited' ? [option, '='] : ['-H', option, String(soft)])]]
  return [
    ...(hard === 'unlimited' ? [] : [['s6-softlimit', '-h', option, String(hard)]]),
    ['s6-softlimit', option, soft === 'unlimited' ? '=' : String(soft)],
  ]
}

/** The check that s6-notifyoncheck repeats; undefined when the process tells readiness itself, or cannot be checked. */
export function checkOf({ ready }: ProcessSettings): readonly string[] | undefined {
  return ready === undefined ? undefined : checkCommand(ready.check, ready.timeout)
}

/** Whether a program in front of the command tells s6 that it is ready, on CHECK_FD. */
export function needsFd(settings: ProcessSettings): boolean {
  return settings.ready?.check.kind === 'notify' || checkOf(settings) !== undefined
}

function checkWords(settings: ProcessSettings): readonly (readonly string[])[] {
  const [check, ready] = [checkOf(settings), settings.ready]
  if (ready?.check.kind === 'notify') return [['s6-notify-fd-from-socket']]
  if (check === undefined || ready === undefined) return []
  const [wait, limit, all] = [ready.interval, ready.timeout, ready.deadline].map((one) =>
    String(Math.round(one * 1000)),
  )
  const deadline = ready.deadline === 0 ? [] : ['-T', all ?? '']
  return [
    ['s6-notifyoncheck', '-d', '-n', '0', '-w', wait ?? '', '-t', limit ?? '', ...deadline, '-c', execlineLine(check)],
  ]
}

/** s6-ipcserver-socketbinder gives the process its socket as standard input. */
function socketWords({ role }: Unit): readonly (readonly string[])[] {
  if (role.kind !== 'fcgi' || role.socket.kind !== 'unix') return []
  const { path, mode, backlog } = role.socket
  const queue = backlog === undefined ? [] : ['-b', String(backlog)]
  return [['s6-ipcserver-socketbinder', ...queue, '-B', '-a', mode.toString(8).padStart(4, '0'), path]]
}

/** setpriv leaves the group as it is, unless a group is named. */
function groupStep({ user }: Unit, { capabilities }: ProcessSettings): readonly Step[] {
  if (capabilities === undefined || user === undefined || user.includes(':')) return []
  return [{ kind: 'group', user }]
}

/** The user, and what it may do. util-linux's setpriv sets what s6 has no program for. */
function identityWords({ user }: Unit, settings: ProcessSettings): readonly (readonly string[])[] {
  const { capabilities, no_new_privs: locked, pdeathsig } = settings
  const rest = [
    ...(locked ? ['--no-new-privs'] : []),
    ...(pdeathsig === undefined ? [] : ['--pdeathsig', signalName(pdeathsig)]),
  ]
  if (capabilities !== undefined) {
    const set = ['-all', ...capabilityNames(capabilities).map((name) => `+${name}`)].join(',')
    const [name, group = GROUP_WORD] = user?.split(':') ?? []
    const who = name === undefined ? [] : ['--reuid', name, '--regid', group, '--init-groups']
    return [['setpriv', ...who, '--inh-caps', set, '--ambient-caps', set, '--bounding-set', set, ...rest]]
  }
  const privileges = rest.length === 0 ? [] : [['setpriv', ...rest]]
  return user === undefined ? privileges : [userWords(user), ...privileges]
}

function userWords(user: string): readonly string[] {
  if (/^\d+:\d+$/.test(user) || !/:|^\d+$/.test(user)) return ['s6-setuidgid', user]
  if (/^\d+$/.test(user)) return ['s6-applyuidgid', '-u', user]
  return ['s6-envuidgid', '-nB', user, 's6-applyuidgid', '-Uz']
}
