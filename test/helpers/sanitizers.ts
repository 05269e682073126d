// Builds of the native programs with sanitizers. Their reports go to files in a folder. So no report is lost, even if a
// program closes its standard error or clears its environment.

import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildForTest } from './build-native.ts'

/** Native programs that were built with sanitizers. */
export interface Sanitized {
  /** The helper and the commands of s6; undefined where no compiler could build them. */
  readonly helper: string | undefined
  readonly tools: string | undefined
  /** All that the programs reported since the last call. */
  takeReports(): readonly string[]
  remove(): void
}

/** Options of the runtimes, in the program: some commands clear their environment before they run another of ours. */
const OPTIONS = `
const char *__asan_default_options(void) { return "detect_leaks=0:log_path=" REPORTS; }
const char *__ubsan_default_options(void) { return "print_stacktrace=1:log_path=" REPORTS; }
`

/** Builds the requested programs. */
export function buildSanitized(what: { readonly helper?: boolean; readonly tools?: boolean }): Sanitized {
  const folder = mkdtempSync(join(tmpdir(), 'kahi-sanitized-'))
  const reports = join(folder, 'reports')
  const source = join(folder, 'options.c')
  writeFileSync(source, OPTIONS)
  mkdirSync(reports)
  // Commands that become another user report too.
  chmodSync(folder, 0o755)
  chmodSync(reports, 0o777)
  const options = { sanitized: true, flags: [`-DREPORTS="${reports}/report"`, source] }
  const [helper, tools] = [join(folder, 'kahi-shim'), join(folder, 'kahi-s6')]
  return {
    helper: what.helper === true ? buildForTest('kahi-shim', helper, options) : undefined,
    tools: what.tools === true ? buildForTest('kahi-s6', tools, options) : undefined,
    takeReports: () => readdirSync(reports).map((name) => takeFile(join(reports, name))),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}

function takeFile(path: string): string {
  const text = readFileSync(path, 'utf8')
  rmSync(path)
  return text
}
