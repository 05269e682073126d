// stdout or stderr of a process: where it goes and how its log is rotated.
// Source: supervisor 4.2.5, ServerOptions._processes_from_section.

import type { LogFile, StreamSettings } from './config.ts'
import { findEntry, type Table } from './document.ts'
import type { ProgramValues } from './keys/program.ts'
import type { Resolver } from './resolver.ts'

/** The settings of one stream; says what in them is of no use. */
export function makeStream(
  resolver: Resolver,
  program: Table,
  values: ProgramValues,
  name: 'stdout' | 'stderr',
): StreamSettings {
  const entry = findEntry(program, `${name}_logfile`)
  const place = entry?.place ?? program.place
  const written = values[`${name}_logfile`]
  const redirected = name === 'stderr' && values.redirect_stderr
  const maxbytes = values[`${name}_logfile_maxbytes`]
  if (redirected && entry !== undefined && written !== 'syslog' && written.kind === 'file') {
    resolver.findings.add({
      severity: 'warning',
      message: `redirect_stderr is on, so stderr_logfile of ${program.name} is not used`,
      place,
    })
  }
  const logfile: LogFile = written === 'syslog' ? { kind: 'none' } : written
  if (logfile.kind === 'auto' && maxbytes <= 0 && !redirected) {
    resolver.findings.add({
      severity: 'warning',
      message: `The AUTO log ${name} of ${program.name} is never rotated`,
      place,
      hint: `set ${name}_logfile_maxbytes`,
    })
  }
  const checked: LogFile =
    logfile.kind === 'file' ? { kind: 'file', path: resolver.filePath(logfile.path, place) } : logfile
  return {
    logfile: redirected ? { kind: 'none' } : checked,
    logfile_maxbytes: maxbytes,
    logfile_backups: values[`${name}_logfile_backups`],
    capture_maxbytes: values[`${name}_capture_maxbytes`],
    events_enabled: values[`${name}_events_enabled`],
    syslog: values[`${name}_syslog`] || written === 'syslog',
    logfile_compress: values[`${name}_logfile_compress`],
  }
}
