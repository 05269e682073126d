// stdout or stderr of a process: the destination, and the rotation of its log. Source: supervisor 4.2.5,
// ServerOptions._processes_from_section.

import type { LogFile } from '../model/output.ts'
import { type StreamSettings, streamValues } from '../settings/process.ts'
import { findEntry, type Table } from '../keys/document.ts'
import type { ProgramValues } from '../keys/program.ts'
import type { Resolver } from './resolver.ts'

/** The settings of one stream. Reports keys that have no effect. */
export function makeStream(
  resolver: Resolver,
  program: Table,
  values: ProgramValues,
  name: 'stdout' | 'stderr',
): StreamSettings {
  const entry = findEntry(program, `${name}_logfile`)
  const place = entry?.place ?? program.place
  const stream = streamValues(values, name)
  const { logfile: written, logfile_maxbytes: maxbytes } = stream
  const redirected = name === 'stderr' && values.redirect_stderr
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
    ...stream,
    logfile: redirected ? { kind: 'none' } : checked,
    syslog: stream.syslog || written === 'syslog',
  }
}
