// Opens the daemon's log and its two standard streams. They need each other: the log may write to standard output, and
// problems of the streams are reported in the log.

import type { LogFormat } from '../../config/model/log-level.ts'
import type { SupervisorSettings } from '../../config/settings/supervisor.ts'
import type { Clock } from '../system/clock.ts'
import { ActivityLog, type LogOutput } from './activity-log.ts'
import type { JournaledFile } from './journal.ts'
import { RotatingFile } from './rotating-file.ts'
import { openOutboxStream, type OutboxSet } from './outbox.ts'
import { openStandardStream, type StandardStream } from './stdout.ts'
import { Syslog } from './syslog.ts'

/** Other names of the daemon's standard output. */
const STANDARD_OUTPUT = ['/dev/stdout', '/dev/fd/1', '/proc/self/fd/1']

/** The daemon's log and streams. */
export interface DaemonLogs {
  readonly log: ActivityLog
  readonly stdout: StandardStream & JournaledFile
  readonly stderr: StandardStream & JournaledFile
  /** How the daemon writes its own lines on its standard stream. */
  readonly ownFormat: 'text' | 'json'
  /** Sends nothing before it is connected. */
  readonly syslog: Syslog
}

/** The settings that decide where the daemon's log is written. */
export type LogSettings = Pick<
  SupervisorSettings,
  'logfile' | 'logfile_maxbytes' | 'logfile_backups' | 'log_level' | 'log_format' | 'silent'
>

/** What the program adds to the settings. */
export interface LogOptions {
  readonly clock: Clock
  /** Has priority over the configured format. */
  readonly format?: LogFormat | undefined
  /** The stream of the log, besides its file. */
  readonly stream?: 'stdout' | 'stderr'
  /** The name of the daemon in syslog. */
  readonly identity: string
  /** What writes to standard output, standard error and syslog, for a daemon process that may be killed. */
  readonly outboxes?: OutboxSet | undefined
}

/**
 * Opens the daemon's log: its file or syslog, if configured, and standard output unless silent. Throws the error of the
 * system when the log file cannot be opened. KAHI_SYSLOG names another socket than /dev/log.
 */
export function openDaemonLogs(
  settings: LogSettings,
  { clock, format, identity, outboxes, stream = 'stdout' }: LogOptions,
): DaemonLogs {
  const built: { log?: ActivityLog } = {}
  const report = (message: string): void => built.log?.log('warn', message)
  const open = (fd: number, outbox = fd === 1 ? outboxes?.stdout : outboxes?.stderr) =>
    outbox === undefined ? openStandardStream({ fd, clock, report }) : openOutboxStream(outbox, { fd, report })
  const [stdout, stderr] = [open(1), open(2)]
  const outputs: LogOutput[] = []
  const path = process.env.KAHI_SYSLOG
  const outbox = outboxes?.syslog
  const syslog = new Syslog({ clock, identity, report, outbox, ...(path === undefined ? {} : { path }) })
  const wanted = format ?? settings.log_format
  const sink = stream === 'stdout' ? stdout : stderr
  const ownFormat = wanted === 'auto' ? (sink.isTerminal ? 'text' : 'json') : wanted
  const file = openLogFile(settings, report)
  if (file !== undefined) outputs.push({ sink: file, format: wanted === 'json' ? 'json' : 'text' })
  if (settings.logfile === 'syslog')
    outputs.push({ sink: syslog.sink(''), format: wanted === 'json' ? 'json' : 'text' })
  if (!settings.silent || (outputs.length === 0 && namesStandardOutput(settings.logfile)))
    outputs.push({ sink, format: ownFormat })
  const log = new ActivityLog({ clock, level: settings.log_level, outputs })
  built.log = log
  return { log, stdout, stderr, ownFormat, syslog }
}

function openLogFile(settings: LogSettings, report: (message: string) => void): RotatingFile | undefined {
  const path = settings.logfile
  if (path === undefined || path === 'syslog' || namesStandardOutput(path)) return undefined
  return new RotatingFile({
    path,
    maxBytes: settings.logfile_maxbytes,
    backups: settings.logfile_backups,
    report,
  })
}

function namesStandardOutput(path: string | undefined): boolean {
  return path !== undefined && STANDARD_OUTPUT.includes(path)
}
