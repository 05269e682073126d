// A file for logrotate: systemd appends to logs, and logrotate keeps them small. Source: logrotate 3.21, logrotate(8).

import type { StreamSettings } from '../../../config/settings/process.ts'
import type { Plan } from '../plan/plan.ts'
import { hasVariables } from '../plan/variables.ts'

/** The rotation of all logs that kahi rotates; undefined when there are none. */
export function rotationText({ units }: Plan): string | undefined {
  const found = new Map<string, string>()
  for (const { settings } of units) {
    const streams = settings.redirect_stderr ? [settings.stdout] : [settings.stdout, settings.stderr]
    for (const stream of settings.log_to === undefined ? streams : streams.slice(1)) {
      const { logfile } = stream
      if (logfile.kind !== 'file' || hasVariables(logfile.path) || stream.logfile_maxbytes === 0) continue
      found.set(logfile.path, ruleOf(logfile.path, stream))
    }
  }
  return found.size === 0 ? undefined : [...found.values()].join('\n')
}

/** The file stays open, so it is copied and emptied. */
function ruleOf(
  path: string,
  { logfile_maxbytes: size, logfile_backups: count, logfile_compress: packs }: StreamSettings,
): string {
  const words = [
    `size ${size}`,
    `rotate ${count}`,
    'copytruncate',
    'missingok',
    'notifempty',
    packs ? 'compress' : 'nocompress',
  ]
  return `"${path.replaceAll(/["\\]/g, String.raw`\$&`)}" {\n${words.map((word) => `    ${word}\n`).join('')}}\n`
}
