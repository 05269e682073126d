// Keys of [log_targets.NAME]: servers that get the output of programs, line by line.

import { address, labels, patterns } from '../values/patterns.ts'
import { bytesBetween } from '../values/sizes.ts'
import { choice, timeLimit } from '../values/values.ts'
import { key, type Settings } from './key.ts'
import { requestKeys } from './webhook.ts'

const own = { scope: 'daemon', supervisord: '', live: true } as const

/** Protocols of log targets. */
export const LOG_TARGET_KINDS = ['loki', 'otlp', 'syslog'] as const

/** Facilities of syslog, by number. Source: RFC 5424, 6.2.1. */
export const FACILITIES = [
  ...['kern', 'user', 'mail', 'daemon', 'auth', 'syslog', 'lpr', 'news', 'uucp', 'cron', 'authpriv', 'ftp'],
  ...['ntp', 'audit', 'alert', 'clock'],
  ...Array.from({ length: 8 }, (_, index) => `local${index}`),
] as const

/** Forms of messages of syslog. */
export const SYSLOG_FORMATS = ['auto', 'rfc5424', 'local'] as const

/** Keys of a log target. */
export const logTargetKeys = {
  kind: key(
    choice(LOG_TARGET_KINDS),
    'loki',
    'Protocol: the push interface of Loki, OpenTelemetry logs (OTLP/HTTP in JSON), or syslog (RFC 5424).',
    { ...own, required: true },
  ),
  url: key(
    address(['https', 'http', 'udp', 'tcp', 'tls'], ['unix', 'unix-stream']),
    '',
    'Where lines are sent. Loki and OTLP: http or https; without a path `/loki/api/v1/push` or `/v1/logs`. Syslog: udp (port 514), tcp (601), tls (6514), `unix:///dev/log` for a datagram socket, `unix-stream:///PATH`.',
    { ...own, required: true },
  ),
  programs: key(
    patterns,
    ['*'],
    'Programs, groups (`group:*`) and oneshots whose output is sent; `*` is any text.',
    own,
  ),
  streams: key(patterns, ['stdout', 'stderr'], 'Which of their streams: `["stdout"]`, `["stderr"]` or both.', own),
  labels: key(
    labels,
    {},
    'Labels of all lines, besides program, group, stream, level and host: labels of Loki, resource attributes of OTLP, structured data of syslog.',
    own,
  ),
  facility: key(choice(FACILITIES), 'daemon', 'Facility of syslog.', own),
  syslog_format: key(
    choice(SYSLOG_FORMATS),
    'auto',
    'Form of messages of syslog: `rfc5424`, or `local`, which is what programs send to /dev/log and has no labels. `auto`: `local` for `unix:`, `rfc5424` for all others.',
    own,
  ),
  ...requestKeys,
  batch_wait: key(timeLimit, 1, 'How long lines wait for others to be sent together.', own),
  buffer: key(
    bytesBetween(64 * 1024, 1024 ** 3),
    4 * 1024 * 1024,
    'Memory for lines that wait. When it is full, new lines are dropped and counted; programs never wait.',
    own,
  ),
}

/** The values of a log target's keys. */
export type LogTargetValues = Settings<typeof logTargetKeys>
