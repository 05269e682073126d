// What XML-RPC can carry, and values as XML in the layout of Python's xmlrpc.client, which some scripts match.

import type { Fault } from './faults.ts'

/** A value of a call or an answer. */
export type Value = string | number | boolean | null | readonly Value[] | { readonly [name: string]: Value }

/** The answer of a call that went well. Source: CPython 3.11, xmlrpc.client.dumps. */
export function writeResponse(value: Value): string {
  return `<?xml version='1.0'?>\n<methodResponse>\n<params>\n<param>\n${writeValue(value)}</param>\n</params>\n</methodResponse>\n`
}

/** The answer of a call that failed. */
export function writeFault(fault: Fault): string {
  const struct = writeValue({ faultCode: fault.code, faultString: fault.message })
  return `<?xml version='1.0'?>\n<methodResponse>\n<fault>\n${struct}</fault>\n</methodResponse>\n`
}

/** A call, for clients. */
export function writeCall(method: string, parameters: readonly Value[]): string {
  const params = parameters.map((value) => `<param>\n${writeValue(value)}</param>\n`).join('')
  return `<?xml version='1.0'?>\n<methodCall>\n<methodName>${escape(method)}</methodName>\n<params>\n${params}</params>\n</methodCall>\n`
}

function writeValue(value: Value): string {
  return `<value>${writeBare(value)}</value>\n`
}

function writeBare(value: Value): string {
  if (typeof value === 'string') return `<string>${escape(value)}</string>`
  if (typeof value === 'boolean') return `<boolean>${value ? 1 : 0}</boolean>`
  if (typeof value === 'number') return Number.isInteger(value) ? `<int>${value}</int>` : `<double>${value}</double>`
  if (value === null) return '<nil/>'
  if (isList(value)) return `<array><data>\n${value.map(writeValue).join('')}</data></array>`
  let members = ''
  for (const name of Object.keys(value))
    members += `<member>\n<name>${escape(name)}</name>\n${writeValue(value[name] ?? null)}</member>\n`
  return `<struct>\n${members}</struct>`
}

function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value)
}

/** Characters that no XML may contain, such as those of coloured logs, become U+FFFD: otherwise clients refuse the whole answer. */
function escape(text: string): string {
  if (!SPECIAL.test(text)) return text
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll(FORBIDDEN, '\ufffd')
}

const FORBIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g

/** What is to be escaped at all; most texts hold nothing of it. */
const SPECIAL = /[&<>\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/
