// The REST interface, for docs/reference/rest.md and openapi.json.

import { ERRORS } from '../../runtime/control/operations/errors.ts'
import { EVENT_TYPES, titleOfEvent } from '../../runtime/control/operations/shapes/events.ts'
import { openapi } from '../../runtime/control/rest/openapi.ts'
import { rows } from '../../runtime/control/rest/rows.ts'

/** The shapes that other pages describe. */
const PAGES: Readonly<Record<string, string>> = { ErrorCode: '#error-codes', Event: 'events.md' }

const EVENT_TITLES = EVENT_TYPES.map((type) => ({ type, title: titleOfEvent(type) }))

interface Described {
  readonly description?: string
}

interface Endpoint {
  readonly summary: string
  readonly 'x-access': string
  readonly parameters?: readonly (Described & {
    readonly name: string
    readonly in: string
    readonly schema: { readonly default?: unknown; readonly maximum?: number }
  })[]
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: JsonSchema }>> }
  readonly responses: Readonly<
    Record<string, { readonly content: Readonly<Record<string, { readonly schema: JsonSchema }>> }>
  >
}

interface JsonSchema extends Described {
  readonly $ref?: string
  readonly type?: string | readonly string[]
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly items?: JsonSchema
  readonly anyOf?: readonly JsonSchema[]
  readonly default?: unknown
  readonly properties?: Readonly<Record<string, JsonSchema>>
}

interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Endpoint>>>>
  readonly components: { readonly schemas: Readonly<Record<string, JsonSchema>> }
}

/** The REST interface as an OpenAPI document. */
export function restDocument(): OpenApi {
  return openapi(rows) as OpenApi
}

/** The types of events with their fields, as Markdown. */
export function eventsMarkdown(): string {
  const { schemas } = restDocument().components
  return EVENT_TITLES.flatMap(({ type, title }) => {
    const { description = '', properties: { number: _, time: __, type: ___, ...own } = {} } = schemas[title] ?? {}
    return [`### \`${type}\``, '', `${description}.`, '', ...fields(own), '']
  })
    .join('\n')
    .trimEnd()
}

/** The endpoints, shapes and error codes of the REST interface, as Markdown. */
export function restMarkdown(): string {
  const { paths, components } = restDocument()
  const endpoints = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, endpoint]) => endpointLines(`${method.toUpperCase()} ${path}`, endpoint)),
  )
  const shapes = Object.entries(components.schemas).flatMap(([name, schema]) =>
    EVENT_TITLES.some(({ title }) => title === name) ? [] : shapeLines(name, schema),
  )
  const codes = Object.entries(ERRORS).map(([code, { status, text }]) => `| \`${code}\` | ${status} | ${text} |`)
  return [
    '## Endpoints',
    '',
    ...endpoints,
    '## Shapes',
    '',
    ...shapes,
    '## Error codes',
    '',
    '| code | status | text |',
    '|---|---|---|',
    ...codes,
  ].join('\n')
}

function endpointLines(
  title: string,
  { summary, 'x-access': access, parameters = [], requestBody, responses }: Endpoint,
): readonly string[] {
  const query = parameters.filter((one) => one.in === 'query')
  const answer = Object.values(responses['200']?.content ?? {})[0]?.schema
  const body = requestBody?.content['application/json']?.schema
  const codes = Object.values(responses).flatMap((one) =>
    [...String((one as Described).description).matchAll(/`(\w+)`/g)].map(([, code]) => code),
  )
  return [
    `### \`${title}\``,
    '',
    `${summary}. Access: ${access}.`,
    '',
    ...(query.length === 0
      ? []
      : [
          '| query | default | |',
          '|---|---|---|',
          ...query.map(
            ({ name, schema, description = '' }) =>
              `| \`${name}\` | ${schema.default === undefined ? '' : `\`${String(schema.default)}\``} | ${description} |`,
          ),
          '',
        ]),
    ...(body?.properties === undefined ? [] : ['Body:', '', ...fields(body.properties), '']),
    ...(body !== undefined && body.properties === undefined
      ? [`Body: ${typeText(body)}. ${body.description ?? ''}`, '']
      : []),
    `Answer: ${answer === undefined ? '' : typeText(answer)}. Errors: ${codes.map((code) => `\`${code}\``).join(', ')}.`,
    '',
  ]
}

/** A shape with its fields, or with its variants. */
function shapeLines(name: string, { properties, anyOf, description }: JsonSchema): readonly string[] {
  if (properties === undefined && anyOf === undefined) return []
  const about = description === undefined ? [] : [`${description}.`, '']
  const content =
    properties === undefined ? [`Either ${(anyOf ?? []).map(typeText).join(' or ')}.`] : fields(properties)
  return [`### ${name}`, '', ...about, ...content, '']
}

function fields(properties: Readonly<Record<string, JsonSchema>>): readonly string[] {
  const rows = Object.entries(properties).map(([name, schema]) => {
    const { description = '', default: fallback } = schema
    return `| \`${name}\` | ${typeText(schema)} | ${description}${fallback === undefined ? '' : `; default \`${String(fallback)}\``} |`
  })
  return ['| field | type | |', '|---|---|---|', ...rows]
}

function typeText(schema: JsonSchema): string {
  if (schema.$ref !== undefined) {
    const name = schema.$ref.split('/').at(-1) ?? ''
    return `[${name}](${PAGES[name] ?? `#${name.toLowerCase()}`})`
  }
  if (schema.anyOf !== undefined) return schema.anyOf.map(typeText).join(' or ')
  if (schema.const !== undefined) return `\`${String(schema.const)}\``
  if (schema.enum !== undefined) return schema.enum.map((value) => `\`${String(value)}\``).join(', ')
  if (schema.items !== undefined) return `list of ${typeText(schema.items)}`
  if (schema.properties !== undefined)
    return `object of ${Object.keys(schema.properties)
      .map((name) => `\`${name}\``)
      .join(', ')}`
  return schema.type === undefined ? 'any value' : String(schema.type)
}
