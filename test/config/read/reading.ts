// Reads texts of kahi.toml as if they were /etc/kahi/kahi.toml.

import type { Config } from '../../../config/settings/config.ts'

import { type ProcessSettings } from '../../../config/settings/process.ts'
import { ConfigError, formatDiagnostic } from '../../../config/model/diagnostic.ts'
import { readConfig } from '../../../config/toml/read.ts'
import { testMachine } from '../../helpers/machine.ts'

export function read(text: string): Config {
  return readConfig(text, '/etc/kahi/kahi.toml', testMachine()).config
}

export function errorsOf(text: string): string[] {
  try {
    read(text)
    return []
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return error.diagnostics.map(formatDiagnostic).map((line) => line.replaceAll('/etc/kahi/', ''))
  }
}

export function program(body: string): ProcessSettings {
  const process = read(`[programs.web]\ncommand = "/bin/web"\n${body}`).groups[0]?.processes[0]
  if (process === undefined) throw new Error('there is no process')
  return process
}
