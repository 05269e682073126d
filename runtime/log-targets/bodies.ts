// The bodies of requests. Sources: Grafana Loki, "HTTP API", POST /loki/api/v1/push; OpenTelemetry protocol 1.5, OTLP/HTTP in
// JSON: ExportLogsServiceRequest; OpenTelemetry semantic conventions for service.*, host.* and log.iostream.

import type { LogRecord, Severity } from './records.ts'

/** What bodies are made with. */
export interface BodyContext {
  readonly host: string
  readonly version: string
  readonly labels: Readonly<Record<string, string>>
}

/** Names of severities in OpenTelemetry. Source: logs data model, "Severity fields". */
const NUMBERS: Readonly<Record<Severity, number>> = { trace: 1, debug: 5, info: 9, warn: 13, error: 17, fatal: 21 }

/** The body for Loki: a stream for each program, stream and severity. */
export function lokiBody(records: readonly LogRecord[], { host, labels }: BodyContext): string {
  const streams = gather(
    records,
    ({ group, program, stream, severity }) => JSON.stringify([group, program, stream, severity]),
    ({ group, program, stream, severity: level }) => ({ program, group, stream, level, host, ...labels }),
  )
  return JSON.stringify({
    streams: streams.map(([stream, own]) => ({ stream, values: own.map(({ atNs, text }) => [String(atNs), text]) })),
  })
}

/** The body for OTLP: a resource for each program. */
export function otlpBody(records: readonly LogRecord[], { host, version, labels }: BodyContext): string {
  const resources = gather(
    records,
    ({ group, program }) => JSON.stringify([group, program]),
    ({ group, program }) => ({ 'service.name': program, 'host.name': host, 'kahi.group': group, ...labels }),
  )
  return JSON.stringify({
    resourceLogs: resources.map(([resource, own]) => ({
      resource: { attributes: attributes(resource) },
      scopeLogs: [{ scope: { name: 'kahi', version }, logRecords: own.map(otlpRecord) }],
    })),
  })
}

/** How many records the server did not take, as its answer says. Source: ExportLogsPartialSuccess. */
export function rejectedByOtlp(answer: string): number {
  try {
    const { partialSuccess } = JSON.parse(answer) as { partialSuccess?: { rejectedLogRecords?: unknown } }
    const count = Number(partialSuccess?.rejectedLogRecords ?? 0)
    return Number.isSafeInteger(count) && count > 0 ? count : 0
  } catch {
    return 0
  }
}

function otlpRecord({ atNs, stream, severity, text }: LogRecord): object {
  return {
    timeUnixNano: String(atNs),
    observedTimeUnixNano: String(atNs),
    severityNumber: NUMBERS[severity],
    severityText: severity.toUpperCase(),
    body: { stringValue: text },
    attributes: attributes({ 'log.iostream': stream }),
  }
}

function attributes(values: Readonly<Record<string, string>>): readonly object[] {
  return Object.entries(values).map(([key, stringValue]) => ({ key, value: { stringValue } }))
}

/** The records by key, in the order in which the keys come; each with what all of its records share. */
function gather<Shared>(
  records: readonly LogRecord[],
  key: (record: LogRecord) => string,
  shared: (record: LogRecord) => Shared,
): readonly (readonly [Shared, readonly LogRecord[]])[] {
  const found = new Map<string, [Shared, LogRecord[]]>()
  for (const record of records) {
    const id = key(record)
    const known = found.get(id)
    if (known === undefined) found.set(id, [shared(record), [record]])
    else known[1].push(record)
  }
  return [...found.values()]
}
