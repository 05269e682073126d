// The table of files and their keys. A key that this version of kahi does not have is reported and stays as a comment;
// it is converted as soon as its row is in config/keys. Source: s6 2.15 servicedir, s6-rc 0.7 s6-rc-compile; sections
// 1.3 and 3.2 of their behaviour as verified by experiment.

import type { Value } from '../../config/model/value.ts'
import { bundleKeys, oneshotKeys } from '../../config/keys/oneshot.ts'
import { programKeys } from '../../config/keys/program.ts'
import type { KeyTable } from '../../config/keys/key.ts'
import { readSignal } from '../../config/values/signal.ts'
import type { Definition, ServiceType } from './definition.ts'

/** A file that becomes a key. */
export interface FileRow {
  readonly file: string
  readonly key: string
  /** The value; undefined when the file has no effect beside the others. */
  value(definition: Definition): Value | undefined
  /** The note when the value is undefined. */
  readonly otherwise?: string
}

/** A default of s6 that differs from kahi's. */
export interface DefaultRow {
  readonly key: string
  readonly value: Value
  readonly note: string
  /** A file that makes it unnecessary. */
  readonly unless?: string
}

const MILLISECONDS = 1000

function seconds(file: 'timeout-up' | 'timeout-down' | 'timeout-kill' | 'timeout-finish', key: string): FileRow {
  return { file, key, value: ({ numbers }) => (numbers.get(file) ?? 0) / MILLISECONDS }
}

function flag(file: string, key: string): FileRow {
  return { file, key, value: () => true }
}

/** A file with a signal. An unreadable signal has no effect. Source: s6 2.15, s6-supervise. */
function signal(file: string, key: string): FileRow {
  const value = ({ texts }: Definition): string | undefined => {
    const word = texts.get(file)?.text.replace(/\n.*/s, '') ?? ''
    return /\s/.test(word) || readSignal(word) === undefined ? undefined : word.toUpperCase().replace(/^SIG/, '')
  }
  return { file, key, value, otherwise: 's6 cannot read that signal and takes the usual one' }
}

const essential = flag('flag-essential', 'essential')

const longrunRows: readonly FileRow[] = [
  {
    file: 'notification-fd',
    key: 'ready',
    value: ({ numbers }) => ({ fd: numbers.get('notification-fd') ?? 0 }),
  },
  seconds('timeout-up', 'timeout_up'),
  signal('down-signal', 'stopsignal'),
  signal('reload-signal', 'reload_signal'),
  seconds('timeout-kill', 'timeout_kill'),
  flag('flag-timeout-killpg', 'killasgroup'),
  seconds('timeout-down', 'timeout_down'),
  seconds('timeout-finish', 'timeout_finish'),
  {
    file: 'max-death-tally',
    key: 'max_deaths',
    value: ({ numbers }) => Math.min(4096, numbers.get('max-death-tally') ?? 0),
  },
  { file: 'lock-fd', key: 'lock_fd', value: ({ numbers }) => numbers.get('lock-fd') },
  flag('flag-newpidns', 'new_pid_namespace'),
  essential,
  { file: 'producer-for', key: 'log_to', value: ({ producerFor }) => producerFor?.name },
]

const oneshotRows: readonly FileRow[] = [
  seconds('timeout-up', 'timeout_up'),
  seconds('timeout-down', 'timeout_down'),
  essential,
]

/** The files that become keys, in the order of writing; without scripts and lists of names. */
export const fileRows: Readonly<Record<ServiceType, readonly FileRow[]>> = {
  longrun: longrunRows,
  oneshot: oneshotRows,
  bundle: [],
}

/** The defaults of s6 for longruns. */
export const longrunDefaults: readonly DefaultRow[] = [
  { key: 'autorestart', value: true, note: 's6 starts it again after every exit' },
  { key: 'startsecs', value: 0, note: 's6 counts it as running at once' },
  { key: 'session', value: true, note: 's6 gives it a session of its own' },
  { key: 'restart', value: 's6', note: 's6 restarts it without limit' },
  { key: 'timeout_kill', value: 0, note: 's6 never kills it', unless: 'timeout-kill' },
]

/** Files that have a meaning in other places only, with that meaning. */
export const elsewhere: Readonly<Record<string, string>> = {
  'flag-recommended': 'only the tools for sets of services read it',
  'consumer-for': 'the producers name it',
  'pipeline-name': 'a bundle of its own',
  data: 'stays where it is, in the directory of the program',
  env: 'stays where it is, in the directory of the program',
}

/** Files that s6-rc does not read although their names suggest it, by type. */
export const ignored: Readonly<Record<ServiceType, Readonly<Record<string, string>>>> = {
  longrun: {
    up: 'a longrun has no "up"',
    down: 's6-rc ignores it: leave the service out of the bundles instead',
    nosetsid: 's6 has given it up',
    log: 's6-rc ignores it: make the logger a longrun with consumer-for',
  },
  oneshot: { 'notification-fd': 'a oneshot is ready when "up" ends' },
  bundle: {
    'timeout-up': 'a bundle has no timeouts',
    'timeout-down': 'a bundle has no timeouts',
    dependencies: 'a bundle has no dependencies: write them into its members',
    'dependencies.d': 'a bundle has no dependencies: write them into its members',
  },
}

/** Whether this version of kahi has the key. */
export function hasKey(type: ServiceType, key: string): boolean {
  const tables: Readonly<Record<ServiceType, KeyTable>> = {
    longrun: programKeys,
    oneshot: oneshotKeys,
    bundle: bundleKeys,
  }
  return key in tables[type]
}
