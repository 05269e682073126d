// Checks answers of the REST interface against the OpenAPI document that the same interface serves.

import { Ajv2020 } from 'ajv/dist/2020.js'
import { expect } from 'vitest'
import { openapi } from '../../runtime/control/rest/openapi.ts'
import { rows } from '../../runtime/control/rest/rows.ts'

interface Operation {
  readonly responses: Readonly<Record<string, { readonly content: Readonly<Record<string, { schema: object }>> }>>
}

/** The document. */
export const document = openapi(rows) as {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
}

const ajv = new Ajv2020({ strict: false, allErrors: true })
ajv.addSchema(document, 'kahi')

/** An answer. */
export interface Came {
  readonly status: number
  readonly type: string
  readonly body: string
}

/** Fails the test unless the document allows this answer for the path. Accepts every answer of paths that it does not contain. */
export function expectDocumented(method: string, url: string, { status, type, body }: Came): void {
  const path = patternOf(url.split('?')[0] ?? '')
  const operation = path === undefined ? undefined : document.paths[path]?.[method.toLowerCase()]
  if (path === undefined || operation === undefined) return
  const content = operation.responses[status]?.content
  expect(content, `${method} ${path} answers ${status}, which is not documented: ${body}`).toBeDefined()
  const kind = type.split(';')[0] ?? ''
  expect(Object.keys(content ?? {})).toContain(kind)
  if (kind !== 'application/json') return
  const pointer = ['paths', path, method.toLowerCase(), 'responses', String(status), 'content', kind, 'schema']
  const validate = ajv.compile({ $ref: `kahi#/${pointer.map(escape).join('/')}` })
  const isFit = validate(JSON.parse(body))
  expect(isFit ? [] : validate.errors, `${method} ${path}: ${body}`).toEqual([])
}

function escape(word: string): string {
  return encodeURIComponent(word.replaceAll('~', '~0').replaceAll('/', '~1'))
}

/** The path of the document that matches a path; a fixed word is preferred to a parameter in braces. */
function patternOf(pathname: string): string | undefined {
  const given = pathname.split('/')
  return Object.keys(document.paths).find((pattern) => {
    const words = pattern.split('/')
    return words.length === given.length && words.every((word, index) => word.startsWith('{') || word === given[index])
  })
}
