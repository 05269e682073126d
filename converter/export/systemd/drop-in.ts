// What [supervisord] gave all its programs: a drop-in of each service, so that it can be changed without the service itself.

import type { Config } from '../../../config/settings/config.ts'
import type { ProcessSettings } from '../../../config/settings/process.ts'

/** The usual limits of systemd: a smaller minimum is met already. Source: systemd 252, systemd-system.conf(5); Linux, fork_init. */
const USUAL = { files: 1024, mostFiles: 524_288, processes: 4096 }
const USUAL_UMASK = 0o022

/** The text of the drop-in; undefined when nothing differs from what systemd does by itself. What the service sets itself stays. */
export function dropInOf(
  { limits, umask: own }: ProcessSettings,
  { minfds, minprocs, umask, nodaemon }: Config['supervisor'],
): string | undefined {
  const { nofile, nproc } = limits?.resources ?? {}
  const lines = [
    ...(nofile === undefined && minfds > USUAL.files
      ? [`LimitNOFILE=${minfds}:${Math.max(minfds, USUAL.mostFiles)}`]
      : []),
    ...(nproc === undefined && minprocs > USUAL.processes ? [`LimitNPROC=${minprocs}`] : []),
    // supervisord sets its umask only when it goes into the background.
    ...(own === undefined && !nodaemon && umask !== USUAL_UMASK ? [`UMask=${umask.toString(8).padStart(4, '0')}`] : []),
  ]
  return lines.length === 0
    ? undefined
    : `# What [supervisord] said for all programs.\n[Service]\n${lines.join('\n')}\n`
}
