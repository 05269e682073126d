// The interface as an OpenAPI 3.1 document, made from the rows.

import { toJsonSchema } from '@valibot/to-json-schema'
import type { GenericSchema } from 'valibot'
import { ERRORS, type ErrorCode } from '../operations/errors.ts'
import * as configurationShapes from '../operations/shapes/configuration.ts'
import * as daemonShapes from '../operations/shapes/daemon.ts'
import * as eventShapes from '../operations/shapes/events.ts'
import * as graphShapes from '../operations/shapes/graph.ts'
import { LogLineShape } from '../operations/shapes/log-line.ts'
import * as peerShapes from '../operations/shapes/peers.ts'
import { UsageShape } from '../operations/shapes/usage.ts'
import { VariableShape } from '../operations/shapes/variable.ts'
import { Program } from '../operations/shapes/program.ts'
import * as processShapes from '../operations/shapes/process.ts'
import { errorCode, type Shape } from '../operations/shapes/words.ts'
import type { ParameterSchema } from './query.ts'
import type { Row } from './row.ts'

type Json = Readonly<Record<string, unknown>>

/** The document for these rows. */
export function openapi(rows: Readonly<Record<string, Row>>): object {
  const paths: Record<string, Record<string, Json>> = {}
  for (const [key, row] of Object.entries(rows)) {
    const [method = '', path = ''] = key.split(' ')
    paths[path] = { ...paths[path], [method.toLowerCase()]: operationOf(key, row) }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'kahi',
      version: '1',
      description: 'Control of a kahi daemon, on each of its servers and on its default socket.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
    paths,
    components: {
      securitySchemes: { basic: { type: 'http', scheme: 'basic' }, token: { type: 'http', scheme: 'bearer' } },
      schemas: Object.fromEntries([...NAMED].map(([title, shape]) => [title, schemaOf(shape, title)])),
    },
  }
}

/** All errors of a row: those of its operation, and those of the checks before it. */
export function errorsOf({ access, operation, runsCommands, hasParts }: Row): readonly ErrorCode[] {
  const codes: readonly ErrorCode[] = [
    ...operation.errors,
    ...(hasParts === true ? (['BAD_RANGE'] as const) : []),
    'BAD_REQUEST',
    ...(access === 'open' ? [] : (['UNAUTHORIZED', 'TOO_MANY_ATTEMPTS'] as const)),
    'FORBIDDEN',
    ...(runsCommands === true ? (['PASSWORD_NEEDED'] as const) : []),
    'TOO_LARGE',
    'SERVER_ERROR',
    'BUSY',
  ]
  return [...new Set(codes)]
}

const LAST_EVENT: Json = {
  name: 'Last-Event-ID',
  in: 'header',
  required: false,
  description: 'The id of the last event that the client got: it gets what came after it, and `gap` for what is lost',
  schema: { type: 'string' },
}

const RANGE: Json = {
  name: 'Range',
  in: 'header',
  required: false,
  description: 'One range of bytes, `bytes=0-499`, `bytes=500-` or `bytes=-500`, which has priority over the query',
  schema: { type: 'string' },
}

function operationOf(key: string, row: Row): Json {
  const { access, operation, query, body } = row
  const parameters = [
    ...pathParameters(key),
    ...(query === undefined ? [] : queryParameters(query)),
    ...(row.answer === 'stream' ? [LAST_EVENT] : []),
    ...(row.hasParts === true ? [RANGE] : []),
  ]
  return {
    operationId: nameOf(key),
    summary: operation.summary,
    security: access === 'open' ? [] : [{ basic: [] }, { token: [] }, {}],
    'x-access': access,
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined ? {} : { requestBody: bodyOf(body) }),
    responses: responsesOf(row),
  }
}

/** `POST /api/v1/processes/{name}/start` → `postProcessesNameStart`. */
function nameOf(key: string): string {
  const words = key.replace('/api/v1', '').match(/[a-z]+/gi) ?? []
  return words
    .map((word, index) => (index === 0 ? word.toLowerCase() : word[0]?.toUpperCase() + word.slice(1)))
    .join('')
}

const PATH_PARTS: Readonly<Record<string, Json>> = {
  name: { description: 'A process as `name` or `group:name`, or a program', schema: { type: 'string' } },
  group: { description: 'A group', schema: { type: 'string' } },
  stream: { description: 'Which output', schema: { type: 'string', enum: ['stdout', 'stderr'] } },
}

function pathParameters(key: string): readonly Json[] {
  return [...key.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => ({
    name,
    in: 'path',
    required: true,
    ...PATH_PARTS[name],
  }))
}

interface Described {
  readonly entries?: Readonly<Record<string, Described>>
  readonly wrapped?: Described
  readonly pipe?: readonly (Described & { readonly metadata?: Json; readonly description?: string })[]
}

function queryParameters(query: Shape): readonly Json[] {
  const { entries = {} } = query as Described
  return Object.entries(entries).map(([name, entry]) => {
    const actions = entry.wrapped?.pipe ?? []
    const description = actions.find((action) => action.description !== undefined)?.description
    const schema = actions.find((action) => action.metadata !== undefined)?.metadata?.schema as ParameterSchema
    return { name, in: 'query', required: false, description, schema }
  })
}

function bodyOf(body: Shape): Json {
  const isOptional = body.type === 'optional'
  return { required: !isOptional, content: { 'application/json': { schema: schemaOf(body) } } }
}

function responsesOf(row: Row): Json {
  const responses: Record<string, Json> = { 200: { description: 'Done', content: contentOf(row.answer) } }
  if (row.unavailable !== undefined) responses[503] = { description: 'Not now', content: contentOf(row.unavailable) }
  if (row.hasParts === true)
    responses[206] = { description: 'The part that Range asks for', content: contentOf(row.answer) }
  for (const code of errorsOf(row)) {
    const { status, text } = ERRORS[code]
    const before = responses[status]
    const line = `\`${code}\`: ${text}`
    const description = before === undefined ? line : `${String(before.description)}; ${line}`
    responses[status] = { description, content: before?.content ?? contentOf(daemonShapes.ErrorBody) }
  }
  return responses
}

function contentOf(answer: Row['answer']): Json {
  if (answer === 'text') return { 'text/plain': { schema: { type: 'string' } } }
  if (answer === 'metrics')
    return {
      'text/plain': { schema: { type: 'string' } },
      'application/openmetrics-text': { schema: { type: 'string' } },
    }
  if (answer === 'stream')
    return { 'text/event-stream': { schema: { type: 'string' } }, 'text/plain': { schema: { type: 'string' } } }
  return { 'application/json': { schema: schemaOf(answer) } }
}

interface Titled extends Described {
  readonly type?: string
  readonly title?: string
}

function titleOf(shape: unknown): string | undefined {
  const { pipe = [] } = shape as Titled
  return (pipe as readonly Titled[]).find(({ type }) => type === 'title')?.title
}

/** Shapes with a title: the document contains them once. */
const NAMED: ReadonlyMap<string, GenericSchema> = new Map(
  [
    ...Object.values(configurationShapes),
    ...Object.values(daemonShapes),
    ...Object.values(graphShapes),
    ...Object.values(peerShapes),
    ...Object.values(processShapes),
    Program,
    LogLineShape,
    UsageShape,
    VariableShape,
    eventShapes.EventList,
    eventShapes.EventObject,
    ...eventShapes.eventShapes,
    errorCode,
  ]
    .flatMap((shape) => {
      const title = titleOf(shape)
      return title === undefined ? [] : [[title, shape] as const]
    })
    .toSorted(([left], [right]) => (left < right ? -1 : 1)),
)

/** JSON Schema of a shape. Other named shapes in it become references. */
function schemaOf(shape: Shape, defined?: string): Json {
  const definitions = Object.fromEntries([...NAMED].filter(([title]) => title !== defined))
  const {
    $schema: _dialect,
    $defs: _definitions,
    ...schema
  } = toJsonSchema(shape, {
    target: 'draft-2020-12',
    typeMode: 'input',
    ignoreActions: ['readonly', 'metadata'],
    definitions,
    overrideRef: ({ referenceId }) => `#/components/schemas/${referenceId}`,
  })
  return { ...schema }
}
