// What handlers get and give: a request that has been read and checked, and an answer that is still to be sent.

import { ControlError } from '../errors.ts'
import type { Controlled } from '../supervised.ts'

/** A request, read and decoded. */
export interface Call {
  readonly controlled: Controlled
  /** The parts of the path in braces, percent-decoded. */
  readonly path: Readonly<Record<string, string>>
  readonly query: URLSearchParams
  /** The body as JSON; undefined when there is none. */
  readonly body: unknown
  /** The body as it came. */
  readonly text: string
  /** The Accept header, `` when there is none. */
  readonly accept: string
}

/** An answer. A stream calls `write` until the function that `begin` gave is called. */
export type Reply =
  | { readonly kind: 'json'; readonly status: number; readonly body: unknown }
  | { readonly kind: 'text'; readonly body: Buffer }
  | {
      readonly kind: 'stream'
      readonly contentType: string
      begin(write: (chunk: Buffer | string) => void): () => void
    }

/** A JSON answer. */
export function json(body: unknown, status = 200): Reply {
  return { kind: 'json', status, body }
}

/** A part of the path; routes name them, so a missing one is our bug. */
export function pathPart(call: Call, name: string): string {
  const value = call.path[name]
  if (value === undefined) throw new Error(`route without {${name}}`)
  return value
}

/** A flag of the query: `true`, `false`, or absent for the default. */
export function queryFlag(call: Call, name: string, fallback: boolean): boolean {
  const value = call.query.get(name)
  if (value === null) return fallback
  if (value === 'true' || value === 'false') return value === 'true'
  throw new ControlError('BAD_REQUEST', `${name} must be true or false`)
}

/** A whole number of the query from 0 to `limit`. */
export function queryNumber(call: Call, name: string, fallback: number, limit: number): number {
  const value = call.query.get(name)
  if (value === null) return fallback
  const number = /^\d{1,12}$/.test(value) ? Number(value) : Number.NaN
  if (number <= limit) return number
  throw new ControlError('BAD_REQUEST', `${name} must be a number from 0 to ${limit}`)
}

/** A text in the body's object; numbers count as text. */
export function bodyText(call: Call, name: string): string {
  const value = bodyValue(call, name)
  if (typeof value === 'string' && value !== '') return value
  if (typeof value === 'number') return String(value)
  throw new ControlError('BAD_REQUEST', `the body must be a JSON object with "${name}"`)
}

/** A list of texts in the body's object. */
export function bodyTexts(call: Call, name: string): readonly string[] {
  const value = bodyValue(call, name)
  if (Array.isArray(value) && value.every((one): one is string => typeof one === 'string')) return value
  throw new ControlError('BAD_REQUEST', `the body must be a JSON object with a list of texts "${name}"`)
}

/** A flag in the body's object, which may be left out. */
export function bodyFlag(call: Call, name: string, fallback: boolean): boolean {
  const value = bodyValue(call, name) ?? fallback
  if (typeof value === 'boolean') return value
  throw new ControlError('BAD_REQUEST', `"${name}" must be true or false`)
}

/** A number of at most a million and not below 0 in the body's object, which may be left out. */
export function bodyNumber(call: Call, name: string, fallback: number): number {
  const value = bodyValue(call, name) ?? fallback
  if (typeof value === 'number' && value >= 0 && value <= 1e6) return value
  throw new ControlError('BAD_REQUEST', `"${name}" must be a number from 0 to 1000000`)
}

function bodyValue(call: Call, name: string): unknown {
  return isRecord(call.body) ? call.body[name] : undefined
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
