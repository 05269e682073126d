// The options and the configuration of supervisorctl. Source: supervisor 4.2.5, options.ClientOptions.

import { existsSync } from 'node:fs'
import { resolve as resolvePath } from 'node:path'
import { serverUrl } from '../../../config/settings/server.ts'
import { supervisordFormat } from '../../../converter/supervisord/format.ts'
import { pythonRepr } from '../../../runtime/process/python-repr.ts'
import { thisMachine } from '../../../runtime/system/users.ts'
import { searchedBySupervisord } from '../../../converter/supervisord/search.ts'
import { loadControl } from '../../load.ts'
import { getopt, type OptionNames, UsageError } from '../getopt.ts'
import type { Address } from './client.ts'

const DEFAULT_URL = 'http://localhost:9001'

const OPTIONS: readonly OptionNames[] = [
  { name: 'help', short: 'h', long: 'help', takesValue: false },
  { name: 'help', short: '?', long: '', takesValue: false },
  { name: 'configuration', short: 'c', long: 'configuration', takesValue: true },
  { name: 'interactive', short: 'i', long: 'interactive', takesValue: false },
  { name: 'serverurl', short: 's', long: 'serverurl', takesValue: true },
  { name: 'username', short: 'u', long: 'username', takesValue: true },
  { name: 'password', short: 'p', long: 'password', takesValue: true },
  { name: 'history', short: 'r', long: 'history_file', takesValue: true },
]

/** The options of the command line, completed by the configuration. */
export interface CtlOptions {
  readonly help: boolean
  readonly address: Address
  readonly prompt: string
  readonly historyFile: string | undefined
  /** The command; empty when there is none. */
  readonly words: readonly string[]
  /** Whether the user is asked questions. */
  readonly isInteractive: boolean
}

/** Reads the command line and the configuration. Throws UsageError and ConfigError. */
export function readOptions(argv: readonly string[], calledAs: string): CtlOptions {
  const { options, words } = getopt(argv, OPTIONS)
  const given = new Map<string, string>()
  for (const { name, typed, value } of options) {
    if (given.has(name) && name !== 'help' && name !== 'configuration') {
      throw new UsageError(`conflicting command line option '${typed}'`)
    }
    if (name === 'serverurl') checkUrl(typed, value)
    given.set(name, value)
  }
  const help = given.has('help')
  const file = help ? undefined : (given.get('configuration') ?? searchedBySupervisord(calledAs).find(existsSync))
  const configured = file === undefined ? NOTHING : readConfiguration(file)
  return {
    help,
    address: {
      url: given.get('serverurl') ?? configured.url ?? DEFAULT_URL,
      username: given.get('username') ?? configured.username,
      password: given.get('password') ?? configured.password,
    },
    prompt: configured.prompt,
    historyFile: given.get('history') ?? configured.historyFile,
    words,
    isInteractive: given.has('interactive') || words.length === 0,
  }
}

interface Configured {
  readonly url: string | undefined
  readonly username: string | undefined
  readonly password: string | undefined
  readonly prompt: string
  readonly historyFile: string | undefined
}

const NOTHING: Configured = {
  url: undefined,
  username: undefined,
  password: undefined,
  prompt: 'supervisor',
  historyFile: undefined,
}

/** Without settings for clients the first server is used; a supervisord.conf must have them. */
function readConfiguration(file: string): Configured {
  const machine = thisMachine()
  const path = resolvePath(machine.workingDirectory, file)
  if (!existsSync(path)) throw new UsageError(`could not find config file ${file}`)
  const { ctl, servers, format } = loadControl(path, machine)
  if (ctl !== undefined) {
    const { serverurl: url, username, password, prompt, history_file: historyFile } = ctl
    return { url, username, password, prompt, historyFile }
  }
  if (format === supervisordFormat.name) throw new UsageError('.ini file does not include supervisorctl section')
  return { ...NOTHING, url: serverUrl(servers) }
}

/** Source: supervisor 4.2.5, datatypes.url. */
function checkUrl(typed: string, value: string): void {
  if (/^[a-z][a-z0-9+.-]*:(?:\/\/)?[^/]/i.test(value) || /^unix:\/\/\//.test(value)) return
  const shown = pythonRepr(value)
  throw new UsageError(`invalid value for ${typed} ${shown}: value ${shown} is not a URL`)
}
