// How batches are written and sent, by kind of log target.

import type { LogTarget } from '../../config/settings/receivers.ts'
import type { SyslogSender } from '../log/syslog.ts'
import type { Outcome } from '../outbound/outcome.ts'
import { Requester } from '../outbound/request.ts'
import type { Clock } from '../system/clock.ts'
import { lokiBody, otlpBody, rejectedByOtlp } from './bodies.ts'
import type { LogRecord } from './records.ts'
import { localMessage, syslogMessage } from './syslog-message.ts'
import { SyslogConnection } from './syslog-sender.ts'

/** Lines that are sent together. It is written once, for all attempts. */
export interface Batch {
  /** The number of lines. */
  readonly lines: number
  readonly body: string
  /** Messages of syslog that are not sent yet. */
  messages: readonly string[]
}

/** Writes and sends batches. */
export interface Sender {
  batch(records: readonly LogRecord[]): Batch
  /** Makes one attempt. Never rejects. */
  send(batch: Batch, abort: AbortSignal): Promise<Outcome>
  /** Resolves when connections are closed. */
  close(): Promise<void>
}

/** What senders need. */
export interface SenderParts {
  readonly clock: Clock
  readonly host: string
  readonly version: string
  readonly datagrams: SyslogSender
}

const PATHS = { loki: '/loki/api/v1/push', otlp: '/v1/logs' } as const

/** The sender of a log target. */
export function senderFor(settings: LogTarget, parts: SenderParts): Sender {
  const { kind } = settings
  return kind === 'syslog' ? syslogSender(settings, parts) : httpSender(kind, settings, parts)
}

function httpSender(kind: 'loki' | 'otlp', settings: LogTarget, { clock, host, version }: SenderParts): Sender {
  const requester = new Requester(settings, clock)
  const write = kind === 'loki' ? lokiBody : otlpBody
  const given = new URL(settings.url)
  if (given.pathname === '/') given.pathname = PATHS[kind]
  const url = given.href
  const headers = { 'Content-Type': 'application/json' }
  return {
    batch: (records) => ({
      lines: records.length,
      body: write(records, { host, version, labels: settings.labels }),
      messages: [],
    }),
    send: async ({ body }, abort) => {
      const { answer, ...outcome } = await requester.post({ url, headers, body }, abort)
      if (kind === 'loki' || outcome.kind !== 'sent' || answer === undefined) return outcome
      return { ...outcome, rejected: rejectedByOtlp(answer.body) }
    },
    close: async () => requester.close(),
  }
}

function syslogSender(settings: LogTarget, { clock, host, datagrams }: SenderParts): Sender {
  const connection = new SyslogConnection(settings, { clock, datagrams })
  const { url, syslog_format: format } = settings
  const write = (format === 'auto' ? url.startsWith('unix:') : format === 'local') ? localMessage : syslogMessage
  const context = { host, facility: settings.facility, labels: settings.labels }
  return {
    batch: (records) => ({
      lines: records.length,
      body: '',
      messages: records.map((record) => write(record, context)),
    }),
    send: async (batch, abort) => {
      const { done = 0, ...outcome } = await connection.send(batch.messages, abort)
      // datagrams that were sent are not sent again
      batch.messages = batch.messages.slice(done)
      return outcome
    },
    close: () => connection.close(),
  }
}
