// The servers that get events and the output of programs: what the rows of their keys cannot check alone.

import { resolve as resolvePath } from 'node:path'
import { compareText } from '../model/compare.ts'
import { findEntry, type Table, tableName } from '../keys/document.ts'
import type { KeyTable, Settings } from '../keys/key.ts'
import { logTargetKeys } from '../keys/log-target.ts'
import { peerKeys } from '../keys/peer.ts'
import { webhookKeys } from '../keys/webhook.ts'
import type { LogTarget, Peer, Webhook } from '../settings/receivers.ts'
import { strip } from '../values/values.ts'
import { checkKeys, readSettings } from './read-settings.ts'
import type { Resolver } from './resolver.ts'

/** Names appear in names of files, in metrics and in commands. */
const NAME = /^[A-Za-z0-9][\w.-]{0,63}$/
const STREAMS = ['stdout', 'stderr']
/** Source: Standard Webhooks 1.0.0, "Symmetric signatures". */
const SECRET = /^whsec_[A-Za-z0-9+/]{32,88}={0,2}$/
const LABEL_OF_LOKI = /^[A-Za-z_]\w*$/
/** Kind of a log target → the schemes of its address, and their keys. */
const SCHEMES: Readonly<Record<LogTarget['kind'], readonly string[]>> = {
  loki: ['https', 'http'],
  otlp: ['https', 'http'],
  syslog: ['udp', 'tcp', 'tls', 'unix', 'unix-stream'],
}

/** `[webhooks.NAME]`, by name. */
export function resolveWebhooks(resolver: Resolver): readonly Webhook[] {
  return byName(
    resolver.tables('webhooks').map((table) => {
      const values = withPaths(resolver, read(resolver, table, webhookKeys), ['secret_file', 'queue_directory'])
      checkWebhook(resolver, table, values)
      return { ...values, name: strip(table.name) }
    }),
  )
}

/** `[log_targets.NAME]`, by name. */
export function resolveLogTargets(resolver: Resolver): readonly LogTarget[] {
  return byName(
    resolver.tables('log_targets').map((table) => {
      const values = withPaths(resolver, read(resolver, table, logTargetKeys), [])
      checkTarget(resolver, table, values)
      return { ...values, name: strip(table.name) }
    }),
  )
}

/** `[peers.NAME]`, by name. */
export function resolvePeers(resolver: Resolver): readonly Peer[] {
  return byName(
    resolver.tables('peers').map((table) => {
      const values = withPaths(resolver, read(resolver, table, peerKeys), [])
      return { ...values, name: strip(table.name) }
    }),
  )
}

function byName<Item extends { readonly name: string }>(list: readonly Item[]): readonly Item[] {
  return list.toSorted((a, b) => compareText(a.name, b.name))
}

function read<Keys extends KeyTable>(resolver: Resolver, table: Table, keys: Keys): Settings<Keys> {
  const { findings, names } = resolver
  checkKeys(table, keys, findings)
  if (!NAME.test(strip(table.name)))
    findings.error(`[${tableName(table)}] needs a name of letters, digits, ".", "_" and "-"`, table.place)
  return readSettings(table, keys, ['daemon'], names, findings)
}

function withPaths<Values extends { readonly ca: string | undefined; readonly authorization_file: string | undefined }>(
  { machine }: Resolver,
  values: Values,
  more: readonly (keyof Values)[],
): Values {
  const paths = (['ca', 'authorization_file', ...more] as const).flatMap((name): [PropertyKey, string][] => {
    const path = values[name]
    return typeof path === 'string' ? [[name, resolvePath(machine.workingDirectory, machine.expandHome(path))]] : []
  })
  return { ...values, ...Object.fromEntries(paths) }
}

function checkWebhook({ findings }: Resolver, table: Table, values: Omit<Webhook, 'name'>): void {
  const place = (key: string) => findEntry(table, key)?.place ?? table.place
  const { secret, secret_file: file, format, template } = values
  if (secret !== undefined && file !== undefined)
    findings.error(`[${tableName(table)}] has both "secret" and "secret_file"`, place('secret_file'), 'give one')
  if (template !== undefined && format !== 'standard')
    findings.error(`[${tableName(table)}] has both "template" and "format"`, place('template'), 'give one')
  if (format === 'pagerduty' && secret === undefined && file === undefined)
    findings.error(
      `[${tableName(table)}] has no "secret"`,
      table.place,
      'PagerDuty needs the integration key of the service: secret, or secret_file',
    )
  if (secret !== undefined && format !== 'pagerduty' && !SECRET.test(secret))
    findings.error(
      '"secret" is not "whsec_" and the base64 of 24 to 64 bytes',
      place('secret'),
      'make one with: echo "whsec_$(openssl rand -base64 32)"',
    )
}

function checkTarget({ findings }: Resolver, table: Table, values: Omit<LogTarget, 'name'>): void {
  const place = (key: string) => findEntry(table, key)?.place ?? table.place
  const { kind, url, streams, labels } = values
  const scheme = url.slice(0, url.indexOf(':'))
  if (url !== '' && !SCHEMES[kind].includes(scheme))
    findings.error(`kind = "${kind}" cannot use "${scheme}"`, place('url'), `it takes ${SCHEMES[kind].join(', ')}`)
  const stream = streams.find((one) => !STREAMS.includes(one))
  if (stream !== undefined) findings.error(`"${stream}" is neither stdout nor stderr`, place('streams'))
  const label = Object.keys(labels).find((name) => kind !== 'otlp' && !LABEL_OF_LOKI.test(name))
  if (label !== undefined) findings.error(`"${label}" is no label of ${kind}: letters, digits and "_"`, place('labels'))
}
