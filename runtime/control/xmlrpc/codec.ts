// Reads calls and answers from XML, as tolerantly as supervisord: a value without a type, or with an unknown type, is
// text. Source: supervisor 4.2.5, supervisor_xmlrpc_handler.loads.

import type { Value } from './values.ts'
import { type Element, parseXml, XmlError } from './xml.ts'

/** A method with its parameters. */
export interface MethodCall {
  readonly method: string
  readonly parameters: readonly Value[]
}

/** Reads a call. Throws XmlError. */
export function readCall(text: string): MethodCall {
  const root = parseXml(text)
  const method = child(root, 'methodName')?.text ?? ''
  if (method === '') throw new XmlError('no method name')
  return { method, parameters: parametersIn(root) }
}

/** Reads an answer: the value, or the struct of the fault under `fault`. Throws XmlError. */
export function readResponse(text: string): { readonly value: Value } | { readonly fault: Value } {
  const root = parseXml(text)
  const fault = child(root, 'fault')
  if (fault !== undefined) return { fault: readInner(fault) }
  const [value] = parametersIn(root)
  if (value === undefined) throw new XmlError('no value')
  return { value }
}

function parametersIn(root: Element): readonly Value[] {
  return (child(root, 'params')?.children ?? []).map(readInner)
}

function readInner(element: Element): Value {
  const value = child(element, 'value')
  if (value === undefined) throw new XmlError(`no value in ${element.name}`)
  return readValue(value)
}

function readValue(value: Element): Value {
  const [typed] = value.children
  return typed === undefined ? value.text : readTyped(typed)
}

function readTyped(element: Element): Value {
  switch (element.name) {
    case 'int':
    case 'i4':
      return readNumber(element.text, /^\s*[+-]?\d{1,15}\s*$/)
    case 'double':
      return readNumber(element.text, /^\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?\s*$/)
    case 'boolean':
      return element.text === '1'
    case 'base64':
      return Buffer.from(element.text, 'base64').toString('utf8')
    case 'array':
      return (child(element, 'data')?.children ?? []).map(readValue)
    case 'struct':
      return readStruct(element)
    case 'nil':
      return null
    default:
      return element.text
  }
}

function readStruct(element: Element): Value {
  const entries = element.children.map((member) => [child(member, 'name')?.text ?? '', readInner(member)] as const)
  return Object.fromEntries(entries)
}

function readNumber(text: string, shape: RegExp): number {
  if (!shape.test(text)) throw new XmlError('not a number')
  return Number(text)
}

function child(element: Element, name: string): Element | undefined {
  return element.children.find((one) => one.name === name)
}
