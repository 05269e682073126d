// Messages of syslog. Sources: RFC 5424 (the message), RFC 6587 3.4.1 and RFC 5425 4.3 (octet counting in streams); for the
// local form RFC 3164 4.1 and syslog() of the C library.

import { FACILITIES, type LogTargetValues } from '../../config/keys/log-target.ts'
import { timeStamp } from '../log/syslog.ts'
import type { LogRecord, Severity } from './records.ts'

const SEVERITIES: Readonly<Record<Severity, number>> = { trace: 7, debug: 7, info: 6, warn: 4, error: 3, fatal: 2 }
/** The number for documentation and examples: kahi has no enterprise number of its own. Source: RFC 5612. */
const SD_ID = 'kahi@32473'
/** Receivers cut longer messages, and a datagram has an end. */
const LONGEST_BYTES = 8 * 1024 - 512

/** What messages are made with. */
export interface MessageContext {
  readonly host: string
  readonly facility: LogTargetValues['facility']
  readonly labels: Readonly<Record<string, string>>
}

/** One message, without a frame. */
export function syslogMessage(record: LogRecord, { host, facility, labels }: MessageContext): string {
  const { group, program, stream, atNs, severity, text } = record
  const priority = priorityOf(facility, severity)
  const time = new Date(Number(atNs / 1_000_000n)).toISOString()
  const data = Object.entries({ group, program, stream, ...labels })
    .map(
      ([name, value]) => ` ${name.slice(0, 32)}="${value.replaceAll(/["\\\]]/g, '\\$&').replaceAll('\0', '\ufffd')}"`,
    )
    .join('')
  const header = [`<${priority}>1`, time, word(host, 255), word(program, 48), '-', stream, `[${SD_ID}${data}]`]
  return `${header.join(' ')} ${cut(text.replaceAll('\0', '\ufffd'))}`
}

/**
 * One message as programs send it to the socket of this machine: without a host, structured data and a time zone. rsyslog
 * 8.2302 reads its socket (imuxsock) in this form only, unless it is configured otherwise: of an RFC 5424 message it takes the
 * version for the name of the program.
 */
export function localMessage(record: LogRecord, { facility }: Pick<MessageContext, 'facility'>): string {
  const { program, atNs, severity, text } = record
  const time = timeStamp(new Date(Number(atNs / 1_000_000n)))
  return `<${priorityOf(facility, severity)}>${time} ${word(program, 48)}: ${cut(text.replaceAll('\0', '\ufffd'))}`
}

function priorityOf(facility: MessageContext['facility'], severity: Severity): number {
  return FACILITIES.indexOf(facility) * 8 + SEVERITIES[severity]
}

/** The message with its length in front, for a stream. */
export function counted(message: string): string {
  return `${Buffer.byteLength(message)} ${message}`
}

/** A header field has printable ASCII characters only. */
function word(text: string, longest: number): string {
  return text.replaceAll(/[^\x21-\x7e]/g, '_').slice(0, longest) || '-'
}

function cut(text: string): string {
  if (text.length * 3 <= LONGEST_BYTES) return text
  const bytes = Buffer.from(text)
  if (bytes.length <= LONGEST_BYTES) return text
  let end = LONGEST_BYTES
  while (((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1
  return bytes.subarray(0, end).toString()
}
