// Starts a process: makes the request for the shim from the settings, and translates errors into supervisord's texts.

import { join } from 'node:path'
import { unitId } from '../../../config/model/names.ts'
import type { ProcessSettings, StreamSettings } from '../../../config/settings/process.ts'
import type { FcgiSocket } from '../../../config/model/roles.ts'
import { findExecutable } from '../../process/command.ts'
import { childEnvironment } from '../../process/environment.ts'
import { pythonRepr } from '../../process/python-repr.ts'
import { type Attributes, type Child, SpawnError, type SpawnRequest } from '../../shim/shim.ts'
import { errnoCode } from '../../system/files.ts'
import type { LaunchContext, NotStarted } from '../context.ts'
import { forNotices, loginEnvironment } from './environment-of.ts'
import { explainDirectory, explainExec, explainOpen } from './exec-error.ts'
import type { ServiceOutput } from './output.ts'

/** Source: supervisor 4.2.5, SocketManager: SOMAXCONN of Python. */
const DEFAULT_BACKLOG = 4096

/** Id of the slot of a process. It is unique, because group names are. */
export function slotId(settings: Pick<ProcessSettings, 'group' | 'name'>): string {
  return unitId(settings.group, settings.name)
}

/** Starts a process: finds its command, opens its log files, asks the shim. Gives the child, or why there is none. */
export async function launch(
  settings: ProcessSettings,
  output: Pick<ServiceOutput, 'open'>,
  context: LaunchContext,
  id: string = slotId(settings),
): Promise<Child | NotStarted> {
  const executable = findExecutable(asInDirectory(settings), context.daemonEnvironment)
  if (!executable.ok) return notStarted(executable.message, executable.reason === 'no-file')
  const daemonEnvironment = settings.login_env ? loginEnvironment(settings, context) : context.daemonEnvironment
  if (daemonEnvironment === undefined) return notStarted(`couldn't find the user in /etc/passwd (login_env)`)
  try {
    output.open()
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    context.log.log('warn', `cannot open a log file of ${settings.name}: ${reason}`, { process: settings.name })
    const why = context.explainsErrors === true ? explainOpen(error) : ''
    return notStarted(`${describeOpenError(errnoCode(error), settings.name)}${why}`)
  }
  try {
    const { socket } = context
    const listen = settings.kind === 'fcgi' && socket !== undefined ? await listenText(socket) : undefined
    const request = spawnRequest(settings, executable, { ...context, daemonEnvironment })
    const child = await context.shim.spawn({ ...request, id, listen })
    if (child.notice !== undefined)
      context.log.log('warn', `${settings.name}: ${child.notice}`, { process: settings.name })
    return child
  } catch (error) {
    const isMissing = error instanceof SpawnError && error.step === 'exec' && error.code === 'ENOENT'
    const why = context.explainsErrors === true ? explainSpawn(error, settings, executable.file) : ''
    return notStarted(`${describeSpawnError(error, settings, executable.file)}${why}`, isMissing)
  }
}

/**
 * The settings of a service with a directory of its own: its `run` is the one there, which the service may replace or remove,
 * and not that of its definition. Source: s6 2.15, s6-supervise, trystart.
 */
function asInDirectory(settings: ProcessSettings): ProcessSettings {
  const { argv, directory, service_files: files, service_directory: own } = settings
  if (argv === undefined || files === undefined || own === undefined || directory !== own) return settings
  return { ...settings, argv: argv.map((word) => (word === join(files, 'run') ? join(own, 'run') : word)) }
}

function explainSpawn(error: unknown, { user }: ProcessSettings, file: string): string {
  if (!(error instanceof SpawnError)) return ''
  if (error.step === 'chdir') return explainDirectory(error.code, user?.uid)
  return error.step === 'exec' ? explainExec(file, error.code) : ''
}

function notStarted(message: string, isMissing = false): NotStarted {
  return { message, exitCode: isMissing ? 127 : 126 }
}

/**
 * The request for one process. A user that the daemon already has is left out. Source: supervisor 4.2.5,
 * dropPrivileges.
 */
function spawnRequest(
  settings: ProcessSettings,
  command: { readonly file: string; readonly argv: readonly string[] },
  context: Pick<LaunchContext, 'serverUrl' | 'daemonEnvironment' | 'isMute' | 'showsOutput' | 'remember'>,
): SpawnRequest {
  const { stdio } = settings
  const isShown = context.showsOutput === true && context.isMute !== true
  const streamFor = (stream: StreamSettings) => (stdio === 'inherit' ? stdio : pipeFor(stream, isShown))
  const stdout = settings.kind === 'listener' ? 'pipe' : streamFor(settings.stdout)
  const redirected = stdout !== 'null' || settings.log_to !== undefined ? 'stdout' : 'null'
  return {
    id: slotId(settings),
    file: command.file,
    argv: command.argv,
    environment: childEnvironment(settings, context.serverUrl, forNotices(settings, context)),
    directory: settings.directory,
    umask: settings.umask,
    user: settings.user?.uid === process.getuid?.() ? undefined : settings.user,
    isolation: settings.session ? 'session' : 'process-group',
    stdin: settings.is_logger || context.isMute === true ? 'null' : stdio === 'inherit' ? stdio : 'pipe',
    stdout,
    reads: settings.is_logger ? slotId(settings) : undefined,
    writes: settings.log_to,
    stderr: settings.redirect_stderr ? redirected : streamFor(settings.stderr),
    journals: context.remember === undefined ? [] : journaled(settings),
    notify: notifyFor(settings),
    attributes: attributesOf(settings),
  }
}

/** The streams that are kept: killing the daemon process must lose and double no line (decisions 25 and 38). */
function journaled(settings: ProcessSettings): readonly ('stdout' | 'stderr')[] {
  const isKept = ({ logfile, syslog }: StreamSettings) => logfile.kind !== 'none' || syslog
  const streams = settings.kind === 'listener' ? (['stderr'] as const) : (['stdout', 'stderr'] as const)
  return streams.filter((stream) => isKept(settings[stream]))
}

function notifyFor({ ready, health }: ProcessSettings): SpawnRequest['notify'] {
  if (ready?.check.kind === 'notify' || health?.check.kind === 'notify') return 'socket'
  return ready?.check.kind === 'fd' ? ready.check.fd : undefined
}

/** The listener socket of a process, as text for the helper. Host names become IPv4 addresses, as in supervisord. */
async function listenText(socket: FcgiSocket): Promise<string> {
  const backlog = socket.backlog ?? DEFAULT_BACKLOG
  if (socket.kind === 'unix') {
    const { uid, gid } = socket.owner ?? { uid: -1, gid: -1 }
    return `unix:${socket.mode}:${uid}:${gid}:${backlog}:${socket.path}`
  }
  const { lookup } = await import('node:dns/promises')
  try {
    return `tcp:${backlog}:${socket.port}:${(await lookup(socket.host, 4)).address}`
  } catch (error) {
    throw new SpawnError('listen', errnoCode(error))
  }
}

/** Undefined when no attribute is set: then the fallback can start the process too. */
function attributesOf(settings: ProcessSettings): Attributes | undefined {
  const { nice, oom_score_adj: oomScoreAdj, limits, capabilities, no_new_privs: noNewPrivs, pdeathsig } = settings
  const deathSignal = pdeathsig === 0 ? undefined : pdeathsig
  const isPlain = [nice, oomScoreAdj, limits, capabilities, deathSignal].every((value) => value === undefined)
  if (isPlain && !noNewPrivs) return undefined
  const { memory, cpu, pids } = limits ?? {}
  const group = [memory, cpu, pids].every((value) => value === undefined) ? undefined : { memory, cpu, pids }
  return { nice, oomScoreAdj, resources: limits?.resources ?? {}, group, capabilities, noNewPrivs, deathSignal }
}

/** Output that is discarded needs no pipe. */
function pipeFor(
  { logfile, syslog, events_enabled, capture_maxbytes }: StreamSettings,
  isShown: boolean,
): 'pipe' | 'null' {
  return logfile.kind === 'none' && !isShown && !syslog && !events_enabled && capture_maxbytes <= 0 ? 'null' : 'pipe'
}

/** `couldn't chdir to /x: ENOENT` … Source: supervisor 4.2.5, Subprocess.spawn and _spawn_as_child. */
function describeSpawnError(error: unknown, settings: ProcessSettings, file: string): string {
  if (!(error instanceof SpawnError))
    return `unknown error during fork for ${pythonRepr(settings.name)}: ${errnoCode(error)}`
  switch (error.step) {
    case 'chdir':
      return `couldn't chdir to ${settings.directory ?? '.'}: ${error.code}`
    case 'exec':
      return `couldn't exec ${file}: ${error.code}`
    case 'setgroups':
    case 'setgid':
    case 'setuid':
      return `couldn't setuid to ${settings.user?.uid ?? '?'}: ${whyNotUser(error)}`
    case 'fork':
      if (error.code === 'EAGAIN') return `Too many processes in process table to spawn ${pythonRepr(settings.name)}`
      return `unknown error during fork for ${pythonRepr(settings.name)}: ${error.code}`
    case 'listen':
      return `could not create the FastCGI socket: ${error.code === 'ENOTSUP' ? 'the native helper is missing' : error.code}`
    case 'notify':
      return `could not make the socket for readiness: ${error.code === 'ENOTSUP' ? 'the native helper is missing' : error.code}`
    case 'pipe':
    case 'open':
      return describeOpenError(error.code, settings.name)
    default:
      return `couldn't ${ATTRIBUTE_STEPS[error.step] ?? error.step}: ${error.code}`
  }
}

const ATTRIBUTE_STEPS: Readonly<Record<string, string>> = {
  attributes: 'set limits or rights without the native helper',
  cgroup: 'join its cgroup',
  nice: 'set nice',
  oom: 'set oom_score_adj',
  setrlimit: 'set limits',
  capability: 'keep or drop capabilities',
  nonewprivs: 'set no_new_privs',
  pdeathsig: 'set pdeathsig',
}

/** The text for log files and pipes that cannot be opened. Source: supervisor 4.2.5, Subprocess.spawn. */
function describeOpenError(code: string, name: string): string {
  if (code === 'EMFILE' || code === 'ENFILE') return `too many open files to spawn ${pythonRepr(name)}`
  return `unknown error making dispatchers for ${pythonRepr(name)}: ${code}`
}

function whyNotUser({ step, code }: SpawnError): string {
  if (code === 'EPERM') return "Can't drop privilege as nonroot user"
  if (step === 'setgroups') return 'Could not set groups of effective user'
  if (step === 'setgid') return 'Could not set group id of effective user'
  return code
}
