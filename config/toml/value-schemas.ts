// The TOML values of each type, as JSON Schema, for editors. A text may contain expansions (`%(ENV_PORT)s`, `${PORT}`), so a text
// with one always fits; what else a text must look like is said where that is simple. kahi itself reads by config/values/.

import { ROLES } from '../model/access.ts'
import { REACHED } from '../model/dependencies.ts'
import { capabilities } from '../values/capabilities.ts'
import { dependencyLost } from '../values/dependency-lost.ts'
import { dependsOn } from '../values/depends-on.ts'
import { envFiles } from '../values/env-file.ts'
import { health, unhealthyPolicy } from '../values/health.ts'
import { limits } from '../values/limits.ts'
import * as patterns from '../values/patterns.ts'
import { ready } from '../values/ready.ts'
import { restart } from '../values/restart.ts'
import { schedule } from '../values/schedule.ts'
import { tokens } from '../values/tokens.ts'
import * as values from '../values/values.ts'
import { watch } from '../values/watch.ts'

/** A JSON Schema. */
export type Schema = Readonly<Record<string, unknown>>

const EXPANSION = String.raw`%\(|\$\{`
const TEXT: Schema = { type: 'string' }
const BOOLEAN: Schema = { type: 'boolean' }
const TEXTS: Schema = { type: 'array', items: TEXT }
const WORDS: Schema = { type: 'array', items: TEXT, minItems: 1 }
const CODE: Schema = { type: 'integer', minimum: 0, maximum: 255 }

/** A text of a form, or with an expansion. */
function like(pattern: string): Schema {
  return { type: 'string', pattern: `${pattern}|${EXPANSION}` }
}

function anyOf(...schemas: readonly Schema[]): Schema {
  return { anyOf: schemas }
}

/** Words that are taken in any case. */
function words(list: readonly string[]): Schema {
  const inAnyCase = (word: string): string =>
    word.replaceAll(/[a-z]/gi, (letter) => `[${letter.toLowerCase()}${letter.toUpperCase()}]`)
  return anyOf({ enum: list }, like(`^(${list.map(inAnyCase).join('|')})$`))
}

function table(properties: Readonly<Record<string, Schema>>, more: Schema = {}): Schema {
  return { type: 'object', properties, additionalProperties: false, ...more }
}

const WHOLE = String.raw`^\s*[+-]?[0-9](_?[0-9])*\s*$`
const DURATION = String.raw`^\s*([0-9]+(\.[0-9]+)?\s*(ms|[smhd])\s*)+$`
const SIZE = String.raw`^\s*[+-]?[0-9](_?[0-9])*\s*([kKmMgG]?[bB])?$`

const integer = anyOf({ type: 'integer' }, like(WHOLE))
const seconds = anyOf({ type: 'integer' }, like(WHOLE), like(DURATION))
const size = anyOf({ type: 'integer' }, like(SIZE))
const environment = anyOf({ type: 'object', additionalProperties: { type: ['string', 'number', 'boolean'] } }, TEXT)
const command = anyOf(TEXT, WORDS)

/** Seconds in a table, with decimals. */
function secondsFrom(least: number): Schema {
  return anyOf({ type: 'number', minimum: least }, like(String.raw`^\s*[0-9]+(\.[0-9]+)?\s*$`), like(DURATION))
}

/** The keys of `ready` and `health` that choose and describe the check. */
const check: Readonly<Record<string, Schema>> = {
  notify: { const: true },
  tcp: anyOf(TEXT, { type: 'integer', minimum: 1, maximum: 65_535 }),
  ...{ unix: TEXT, http: TEXT, file: TEXT, log: TEXT, method: TEXT, body: TEXT },
  exec: command,
  headers: environment,
  status: {},
  max_age: secondsFrom(0.01),
}

const ONE_KIND = ['notify', 'tcp', 'unix', 'http', 'file', 'log', 'exec']

function oneOf(kinds: readonly string[]): Schema {
  return { oneOf: kinds.map((kind) => ({ required: [kind] })) }
}

const interval = { interval: secondsFrom(0.01), timeout: secondsFrom(0.01) }
const count = anyOf({ type: 'integer', minimum: 1 }, like(WHOLE))
const rule = (least: number): Schema => anyOf({ type: 'number', minimum: least }, TEXT)
const limitNames =
  'as core data fsize memlock msgqueue rss stack cputime locks nice nofile nproc rtprio rttime sigpending memory cpu pids'
const number = { type: ['number', 'string'] }

const envFile = anyOf(TEXT, table({ path: TEXT, optional: BOOLEAN }, { required: ['path'] }))

const SCHEMAS = new Map<unknown, Schema>([
  [values.text, TEXT],
  [values.flag, anyOf(BOOLEAN, words(['yes', 'true', 'on', '1', 'no', 'false', 'off', '0']))],
  [values.integer, integer],
  [values.seconds, seconds],
  [values.timeLimit, secondsFrom(0)],
  [values.bytes, size],
  [values.octal, like(String.raw`^\s*(0[oO])?[0-7](_?[0-7])*\s*$`)],
  [values.signal, anyOf({ type: 'integer' }, TEXT)],
  [values.exitCode, anyOf(CODE, like(WHOLE))],
  [values.exitcodes, anyOf({ type: 'array', items: CODE }, TEXT)],
  [values.names, anyOf(TEXTS, TEXT)],
  [values.eventNames, anyOf(WORDS, TEXT)],
  [values.command, command],
  [values.environment, environment],
  [values.autorestart, anyOf(BOOLEAN, TEXT)],
  [values.logfile, TEXT],
  [capabilities, anyOf(TEXTS, TEXT)],
  [dependsOn, anyOf(TEXTS, TEXT, { type: 'object', additionalProperties: { enum: REACHED } })],
  [
    dependencyLost,
    anyOf(
      words(['none', 'stop', 'restart']),
      table({ action: { enum: ['none', 'stop', 'restart'] }, delay: secondsFrom(0) }, { required: ['action'] }),
    ),
  ],
  [unhealthyPolicy, like('^(none|restart|stop|shutdown|signal:.+)$')],
  [
    ready,
    table(
      {
        fd: anyOf({ type: 'integer', minimum: 1, maximum: 1023 }, TEXT),
        ...check,
        ...interval,
        deadline: secondsFrom(0),
      },
      oneOf(['fd', ...ONE_KIND]),
    ),
  ],
  [
    health,
    table(
      {
        ...check,
        ...interval,
        ...{ jitter: secondsFrom(0), start_period: secondsFrom(0), failures: count, successes: count },
      },
      oneOf(ONE_KIND),
    ),
  ],
  [
    restart,
    anyOf(
      like(String.raw`^\s*s6\s*$`),
      table({
        ...{
          delay: rule(0),
          factor: rule(1),
          max_delay: rule(0),
          window: rule(0),
          reset_after: rule(0),
          jitter: rule(0),
        },
        limit: anyOf({ type: 'integer', minimum: 0 }, TEXT),
        no_restart_codes: { type: 'array', items: CODE },
      }),
    ),
  ],
  [envFiles, anyOf(envFile, { type: 'array', items: envFile })],
  [patterns.headers, environment],
  [patterns.labels, environment],
  [patterns.patterns, anyOf(TEXT, TEXTS)],
  [patterns.subjectPatterns, anyOf(TEXT, TEXTS)],
  [limits, table(Object.fromEntries(limitNames.split(' ').map((name) => [name, number])))],
  [
    schedule,
    anyOf(
      TEXT,
      table({ cron: TEXT, timezone: TEXT, overlap: { enum: ['skip', 'queue', 'restart'] } }, { required: ['cron'] }),
    ),
  ],
  [
    watch,
    anyOf(
      TEXT,
      WORDS,
      table(
        {
          ...{ paths: anyOf(TEXT, WORDS), action: TEXT, exec: command },
          ...{ debounce: secondsFrom(0), poll: secondsFrom(0), ignore_removed: { type: 'boolean' } },
        },
        { required: ['paths'], not: { required: ['action', 'exec'] } },
      ),
    ),
  ],
  [
    tokens,
    {
      type: 'object',
      additionalProperties: table(
        { hash: { type: 'string', pattern: '^[sS][hH][aA]256:[0-9a-fA-F]{64}$' }, role: { enum: ROLES } },
        { required: ['hash', 'role'] },
      ),
    },
  ],
])

/** Types that are made for each key, with its schemes or limits, by the beginning of their names. */
const MADE: readonly (readonly [string, Schema])[] = [
  ['address: ', TEXT],
  ['size from ', size],
]

/** The schema of the values of a type. Throws where a type has none. */
export function schemaOfType(type: values.ValueType<unknown>): Schema {
  if (type.words !== undefined) return words(type.words)
  if (type.between !== undefined)
    return anyOf({ type: 'integer', minimum: type.between[0], maximum: type.between[1] }, like(WHOLE))
  const schema = SCHEMAS.get(type) ?? MADE.find(([name]) => type.name.startsWith(name))?.[1]
  if (schema === undefined) throw new Error(`config/toml/value-schemas.ts has no schema for ${type.name}`)
  return schema
}
