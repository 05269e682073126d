// Helpers for shapes. Each takes a description, which the OpenAPI document and the reference page show.

import * as v from 'valibot'
import { ERRORS, type ErrorCode } from '../errors.ts'

/** A shape of JSON. */
export type Shape = v.GenericSchema

/** A text. */
export const text = (description: string) => v.pipe(v.string(), v.description(description))

/** true or false. */
export const flag = (description: string) => v.pipe(v.boolean(), v.description(description))

/** A whole number. */
export const whole = (description: string) => v.pipe(v.number(), v.integer(), v.description(description))

/** Any number. */
export const number = (description: string) => v.pipe(v.number(), v.description(description))

/** A list of texts. */
export const texts = (description: string) => v.pipe(v.array(v.string()), v.readonly(), v.description(description))

/** One of a few texts. */
export const oneOf = <const Words extends readonly string[]>(words: Words, description: string) =>
  v.pipe(v.picklist(words), v.description(description))

/** A list of objects. */
export const listOf = <Item extends Shape>(item: Item, description: string) =>
  v.pipe(v.array(item), v.readonly(), v.description(description))

/** The shape, or null. */
export const orNull = <Inner extends Shape>(inner: Inner, description: string) =>
  v.pipe(v.nullable(inner), v.description(description))

/** An object that has a name in the OpenAPI document. */
export const object = <const Entries extends v.ObjectEntries>(title: string, description: string, entries: Entries) =>
  v.pipe(v.strictObject(entries), v.readonly(), v.title(title), v.description(description))

/** One of the error codes. */
export const errorCode = v.pipe(
  v.picklist(Object.keys(ERRORS) as ErrorCode[]),
  v.title('ErrorCode'),
  v.description('What kind of error it is'),
)
