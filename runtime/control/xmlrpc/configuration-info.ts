// The configuration for clients of supervisord. Source: supervisor 4.2.5, rpcinterface.getAllConfigInfo.

import { compareText } from '../../../config/model/compare.ts'
import type { LogFile } from '../../../config/model/output.ts'
import type { Group } from '../../../config/settings/config.ts'
import type { ProcessSettings } from '../../../config/settings/process.ts'
import { hideInText } from '../../../config/values/secrets.ts'
import type { Controlled, ProcessInfo } from '../operations/supervised.ts'
import type { Value } from './values.ts'

/** All processes of the configuration as last read, sorted by name. A value that is not set is the word `none`. */
export function showConfiguration({ configuration, supervisor }: Controlled, hidesSecrets: boolean): Value {
  const rows = configuration.last.groups.flatMap((group) => group.processes.map((process) => ({ group, process })))
  return rows
    .sort((a, b) => compareText(a.process.name, b.process.name))
    .map(({ group, process }) => {
      const inuse = supervisor.group(group.name) !== undefined
      return showProcess(group, process, {
        inuse,
        hidesSecrets,
        info: supervisor.find(group.name, process.name)?.info(),
      })
    })
}

interface Live {
  readonly inuse: boolean
  readonly hidesSecrets: boolean
  readonly info: ProcessInfo | undefined
}

function showProcess(group: Group, process: ProcessSettings, { inuse, hidesSecrets, info }: Live): Value {
  const { command: given, redirect_stderr } = process
  const command = typeof given === 'string' ? given : given.join(' ')
  return {
    autostart: process.autostart,
    directory: process.directory ?? 'none',
    uid: process.user?.uid ?? 'none',
    command: hidesSecrets ? hideInText(command) : command,
    exitcodes: process.exitcodes,
    group: group.name,
    group_prio: group.priority,
    inuse,
    killasgroup: process.killasgroup,
    name: process.name,
    process_prio: process.priority,
    redirect_stderr,
    startretries: process.startretries,
    startsecs: process.startsecs,
    ...showStream('stdout', process, pathOf(process.stdout.logfile, info?.stdoutLogfile)),
    stopsignal: process.stopsignal,
    stopwaitsecs: process.stopwaitsecs,
    ...showStream('stderr', process, redirect_stderr ? 'none' : pathOf(process.stderr.logfile, info?.stderrLogfile)),
    serverurl: process.serverurl ?? 'none',
  }
}

function showStream(stream: 'stdout' | 'stderr', process: ProcessSettings, logfile: string): Record<string, Value> {
  const settings = process[stream]
  return {
    [`${stream}_capture_maxbytes`]: settings.capture_maxbytes,
    [`${stream}_events_enabled`]: settings.events_enabled,
    [`${stream}_logfile`]: logfile,
    [`${stream}_logfile_backups`]: settings.logfile_backups,
    [`${stream}_logfile_maxbytes`]: settings.logfile_maxbytes,
    [`${stream}_syslog`]: settings.syslog,
  }
}

/** An AUTO log has a path once its group is running. */
function pathOf(logfile: LogFile, live: string | undefined): string {
  if (logfile.kind === 'auto') return live || 'auto'
  return 'path' in logfile ? logfile.path : logfile.kind
}
