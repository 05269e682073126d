// Checks whether Nomad would accept a job in JSON. Nomad has no schema for it, so this file lists the documented fields that kahi may
// write and the rules that the server checks. Source: Nomad 1.9, JSON job specification; nomad/structs, Validate of Job, TaskGroup,
// Task and policies.

import { misfits, type Schema } from './schema.ts'

const text: Schema = { type: 'string' }
const flag: Schema = { type: 'boolean' }
const count: Schema = { type: 'integer' }
const texts: Schema = { type: 'array', items: text }
/** Nanoseconds. */
const duration = count

function fields(properties: Readonly<Record<string, Schema>>, ...required: readonly string[]): Schema {
  return { type: 'object', properties, required, additionalProperties: false }
}

function listOf(items: Schema): Schema {
  return { type: 'array', items }
}

const map: Schema = { type: 'object' }
const restart = fields({
  Attempts: count,
  Interval: duration,
  Delay: duration,
  Mode: { enum: ['fail', 'delay'] },
})
const check = fields(
  {
    Type: { enum: ['tcp', 'http', 'grpc', 'script'] },
    Path: text,
    Protocol: { enum: ['http', 'https'] },
    Method: text,
    Header: map,
    Interval: duration,
    Timeout: duration,
    CheckRestart: fields({ Limit: count, Grace: duration }, 'Limit'),
  },
  'Type',
  'Interval',
  'Timeout',
)
const service = fields(
  { Name: text, PortLabel: text, Provider: { enum: ['nomad', 'consul'] }, Checks: listOf(check) },
  'Name',
  'Provider',
)
/** Source: Nomad 1.9, docker driver, task configuration. */
const docker = fields(
  {
    image: text,
    entrypoint: texts,
    args: texts,
    work_dir: text,
    ports: texts,
    cap_drop: texts,
    cap_add: texts,
    security_opt: texts,
    ulimit: listOf(map),
    pids_limit: count,
    oom_score_adj: count,
  },
  'image',
)
const task = fields(
  {
    Name: text,
    Driver: { enum: ['docker'] },
    Lifecycle: fields({ Hook: { enum: ['prestart', 'poststart', 'poststop'] }, Sidecar: flag }, 'Hook'),
    User: text,
    Config: docker,
    Env: map,
    Templates: listOf(fields({ EmbeddedTmpl: text, DestPath: text, Envvars: flag }, 'DestPath')),
    KillSignal: text,
    KillTimeout: duration,
    Resources: fields({ MemoryMB: count, CPU: count }),
    LogConfig: fields({ MaxFiles: count, MaxFileSizeMB: count, Disabled: flag }),
    RestartPolicy: restart,
    Meta: map,
  },
  'Name',
  'Driver',
  'Config',
)
const group = fields(
  {
    Name: text,
    Count: count,
    RestartPolicy: restart,
    ReschedulePolicy: fields({ Attempts: count, Unlimited: flag }),
    EphemeralDisk: fields({ SizeMB: count }, 'SizeMB'),
    Networks: listOf(
      fields({ Mode: { enum: ['bridge', 'host', 'none'] }, DynamicPorts: listOf(fields({ Label: text, To: count })) }),
    ),
    Services: listOf(service),
    Tasks: listOf(task),
  },
  'Name',
  'Tasks',
)
const periodic = fields(
  { Enabled: flag, SpecType: { enum: ['cron'] }, Specs: texts, ProhibitOverlap: flag, TimeZone: text },
  'Enabled',
  'SpecType',
  'Specs',
)
const job = fields(
  {
    ID: text,
    Name: text,
    Type: { enum: ['service', 'batch'] },
    Datacenters: texts,
    Periodic: periodic,
    TaskGroups: listOf(group),
  },
  'ID',
  'Type',
  'TaskGroups',
)
const whole = fields({ Job: job }, 'Job')

interface Restart {
  readonly Attempts: number
  readonly Interval: number
  readonly Delay: number
  readonly Mode: string
}
interface Task {
  readonly Name: string
  readonly Lifecycle?: object
  readonly LogConfig?: { readonly MaxFiles?: number; readonly MaxFileSizeMB?: number }
  readonly RestartPolicy?: Restart
  readonly Config: { readonly ports?: readonly string[] }
}
interface Group {
  readonly Name: string
  readonly RestartPolicy?: Restart
  readonly EphemeralDisk?: { readonly SizeMB: number }
  readonly Networks?: readonly { readonly DynamicPorts?: readonly { readonly Label: string }[] }[]
  readonly Services?: readonly { readonly Name: string; readonly PortLabel?: string }[]
  readonly Tasks: readonly Task[]
}
interface Job {
  readonly Type: string
  readonly Periodic?: object
  readonly TaskGroups: readonly Group[]
}

/** The shortest time in which attempts are counted, and the disk of a group without a value. */
const LEAST_INTERVAL = 5_000_000_000
const USUAL_DISK_MB = 300

/** The reasons why Nomad would refuse a job; empty when it would accept it. */
export function refusalsOf(value: unknown): readonly string[] {
  const found = misfits(value, whole)
  if (found.length > 0) return found
  const { Type: type, Periodic: times, TaskGroups: groups } = (value as { Job: Job }).Job
  return [
    ...(groups.length === 0 ? ['it has no group'] : []),
    ...(times !== undefined && type !== 'batch' ? [`a ${type} job is not periodic`] : []),
    ...doubled('groups', groups),
    ...groups.flatMap(refusalsOfGroup),
  ]
}

function refusalsOfGroup(one: Group): readonly string[] {
  const labels = (one.Networks ?? []).flatMap(({ DynamicPorts: ports = [] }) => ports.map(({ Label: label }) => label))
  const used = [
    ...(one.Services ?? []).flatMap(({ PortLabel: label }) => label ?? []),
    ...one.Tasks.flatMap(({ Config: { ports = [] } }) => ports),
  ]
  const disk = one.EphemeralDisk?.SizeMB ?? USUAL_DISK_MB
  const policies = [one, ...one.Tasks].flatMap(({ RestartPolicy: policy }) => policy ?? [])
  return [
    ...doubled('tasks', one.Tasks),
    ...(one.Tasks.some(({ Lifecycle: cycle }) => cycle === undefined) ? [] : [`${one.Name} has no main task`]),
    ...labels.filter((label) => !/^[a-zA-Z0-9_]+$/.test(label)).map((label) => `${label} is no label of a port`),
    ...used.filter((label) => !labels.includes(label)).map((label) => `there is no port ${label}`),
    ...(one.Services ?? [])
      .filter(({ Name: name }) => !/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(name))
      .map(nameOf),
    ...policies.flatMap(refusalsOfPolicy),
    ...one.Tasks.flatMap(({ Name: name, LogConfig: { MaxFiles: files = 10, MaxFileSizeMB: size = 10 } = {} }) =>
      files * size < disk ? [] : [`the logs of ${name} (${files * size} MB) need more than the disk (${disk} MB)`],
    ),
  ]
}

function refusalsOfPolicy({ Attempts: attempts, Interval: interval, Delay: delay, Mode: mode }: Restart) {
  return [
    ...(attempts === 0 && mode !== 'fail' ? ['no attempts, but delay'] : []),
    ...(interval < LEAST_INTERVAL ? [`the interval ${interval} is too short`] : []),
    ...(attempts * delay > interval ? [`${attempts} attempts do not fit into ${interval}`] : []),
  ]
}

function nameOf({ Name: name }: { readonly Name: string }): string {
  return `${name} is no name`
}

function doubled(what: string, all: readonly { readonly Name: string }[]): readonly string[] {
  const names = all.map(nameOf)
  return new Set(names).size === names.length ? [] : [`two ${what} have one name`]
}
