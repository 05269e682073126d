// Reads requests of OTLP/HTTP in JSON as strictly as a conforming reader of protocol buffers: an unknown field and a value of the
// wrong type are errors. Source of the messages: opentelemetry-proto 1.5, logs/v1, common/v1,
// resource/v1 and collector/logs/v1.

import { create, createFileRegistry, type DescMessage, fromJson, type JsonValue, toJson } from '@bufbuild/protobuf'
import {
  FieldDescriptorProto_Label as Label,
  FieldDescriptorProto_Type as Type,
  FileDescriptorProtoSchema,
} from '@bufbuild/protobuf/wkt'

/** Fields of a message: name → number and type; `[]` after it: a list. */
type Fields = Readonly<Record<string, readonly [number, string]>>

const SCALARS: Readonly<Record<string, Type>> = {
  string: Type.STRING,
  bool: Type.BOOL,
  int64: Type.INT64,
  double: Type.DOUBLE,
  bytes: Type.BYTES,
  uint32: Type.UINT32,
  fixed32: Type.FIXED32,
  fixed64: Type.FIXED64,
}

const MESSAGES: Readonly<Record<string, Fields>> = {
  ArrayValue: { values: [1, 'AnyValue[]'] },
  KeyValueList: { values: [1, 'KeyValue[]'] },
  KeyValue: { key: [1, 'string'], value: [2, 'AnyValue'] },
  AnyValue: {
    string_value: [1, 'string'],
    bool_value: [2, 'bool'],
    int_value: [3, 'int64'],
    double_value: [4, 'double'],
    array_value: [5, 'ArrayValue'],
    kvlist_value: [6, 'KeyValueList'],
    bytes_value: [7, 'bytes'],
  },
  InstrumentationScope: {
    name: [1, 'string'],
    version: [2, 'string'],
    attributes: [3, 'KeyValue[]'],
    dropped_attributes_count: [4, 'uint32'],
  },
  Resource: { attributes: [1, 'KeyValue[]'], dropped_attributes_count: [2, 'uint32'] },
  ResourceLogs: { resource: [1, 'Resource'], scope_logs: [2, 'ScopeLogs[]'], schema_url: [3, 'string'] },
  ScopeLogs: { scope: [1, 'InstrumentationScope'], log_records: [2, 'LogRecord[]'], schema_url: [3, 'string'] },
  LogRecord: {
    time_unix_nano: [1, 'fixed64'],
    severity_number: [2, 'SeverityNumber'],
    severity_text: [3, 'string'],
    body: [5, 'AnyValue'],
    attributes: [6, 'KeyValue[]'],
    dropped_attributes_count: [7, 'uint32'],
    flags: [8, 'fixed32'],
    trace_id: [9, 'bytes'],
    span_id: [10, 'bytes'],
    observed_time_unix_nano: [11, 'fixed64'],
    event_name: [12, 'string'],
  },
  ExportLogsServiceRequest: { resource_logs: [1, 'ResourceLogs[]'] },
  ExportLogsPartialSuccess: { rejected_log_records: [1, 'int64'], error_message: [2, 'string'] },
  ExportLogsServiceResponse: { partial_success: [1, 'ExportLogsPartialSuccess'] },
}

/** SEVERITY_NUMBER_UNSPECIFIED, then four of each. */
const SEVERITIES = [
  'UNSPECIFIED',
  ...['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'].flatMap((name) => [name, `${name}2`, `${name}3`, `${name}4`]),
]

const registry = createFileRegistry(
  create(FileDescriptorProtoSchema, {
    name: 'logs.proto',
    package: 'otlp',
    syntax: 'proto3',
    messageType: Object.entries(MESSAGES).map(([name, fields]) => ({
      name,
      oneofDecl: name === 'AnyValue' ? [{ name: 'value' }] : [],
      field: Object.entries(fields).map(([field, given]) => fieldOf(name, field, given)),
    })),
    enumType: [
      {
        name: 'SeverityNumber',
        value: SEVERITIES.map((name, number) => ({ name: `SEVERITY_NUMBER_${name}`, number })),
      },
    ],
  }),
  () => undefined,
)

function fieldOf(message: string, name: string, [number, given]: readonly [number, string]) {
  const kind = given.replace('[]', '')
  const type = SCALARS[kind] ?? (kind === 'SeverityNumber' ? Type.ENUM : Type.MESSAGE)
  return {
    name,
    jsonName: name.replaceAll(/_(\w)/g, (_all, letter: string) => letter.toUpperCase()),
    number,
    type,
    label: given.endsWith('[]') ? Label.REPEATED : Label.OPTIONAL,
    ...(SCALARS[kind] === undefined && { typeName: `.otlp.${kind}` }),
    ...(message === 'AnyValue' && { oneofIndex: 0 }),
  }
}

function messageOf(name: string): DescMessage {
  const found = registry.getMessage(`otlp.${name}`)
  if (found === undefined) throw new Error(`no message ${name}`)
  return found
}

/** The request in the body. Throws unless it is an ExportLogsServiceRequest. */
export function readOtlpLogs(body: string): OtlpLogs {
  const message = messageOf('ExportLogsServiceRequest')
  const read = toJson(message, fromJson(message, JSON.parse(body) as JsonValue), { enumAsInteger: true })
  return read as object as OtlpLogs
}

/** The answer of a server that has rejected this number of records. */
export function otlpAnswer(rejected: number): string {
  const message = messageOf('ExportLogsServiceResponse')
  const partialSuccess = rejected === 0 ? undefined : { rejectedLogRecords: String(rejected), errorMessage: 'no room' }
  return JSON.stringify(toJson(message, fromJson(message, partialSuccess === undefined ? {} : { partialSuccess })))
}

/** The fields of a request that tests use. */
export interface OtlpLogs {
  readonly resourceLogs: readonly {
    readonly resource: { readonly attributes: readonly Attribute[] }
    readonly scopeLogs: readonly {
      readonly scope: { readonly name: string }
      readonly logRecords: readonly {
        readonly timeUnixNano: string
        readonly severityNumber: number
        readonly severityText: string
        readonly body: { readonly stringValue: string }
        readonly attributes: readonly Attribute[]
      }[]
    }[]
  }[]
}

interface Attribute {
  readonly key: string
  readonly value: { readonly stringValue: string }
}
