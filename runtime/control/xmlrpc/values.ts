// The values of XML-RPC, and their XML in the layout of Python's xmlrpc.client, which some scripts match.

import type { Fault } from './faults.ts'

/** A value of a call or an answer. */
export type Value = string | number | boolean | null | readonly Value[] | { readonly [name: string]: Value }

/** The answer of a successful call. Source: CPython 3.11, xmlrpc.client.dumps. */
export function writeResponse(value: Value): string {
  return `<?xml version='1.0'?>\n<methodResponse>\n<params>\n<param>\n${writeValue(value)}</param>\n</params>\n</methodResponse>\n`
}

/** The answer of a failed call. */
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
  const writer = new Writer()
  writer.add(value)
  return writer.text
}

/**
 * Lists of all processes are long and repeat the same field names: each name is encoded once, and text is only
 * appended.
 */
class Writer {
  text = ''
  readonly #names = new Map<string, string>()

  add(value: Value): void {
    if (typeof value === 'string') this.#addText(value)
    else if (typeof value === 'boolean') this.text += `<value><boolean>${value ? 1 : 0}</boolean></value>\n`
    else if (typeof value === 'number') this.#addNumber(value)
    else if (value === null) this.text += '<value><nil/></value>\n'
    else if (isList(value)) this.#addList(value)
    else this.#addStruct(value)
  }

  /** In pieces, so that a long text does not exist in several copies at once. */
  #addText(value: string): void {
    this.text += '<value><string>'
    for (let start = 0; start < value.length; start += PIECE) this.text += escape(value.slice(start, start + PIECE))
    this.text += '</string></value>\n'
  }

  #addNumber(value: number): void {
    if (Number.isInteger(value)) this.text += '<value><int>' + value + '</int></value>\n'
    else this.text += `<value><double>${value}</double></value>\n`
  }

  #addList(values: readonly Value[]): void {
    this.text += '<value><array><data>\n'
    for (const value of values) this.add(value)
    this.text += '</data></array></value>\n'
  }

  #addStruct(struct: { readonly [name: string]: Value }): void {
    this.text += '<value><struct>\n'
    for (const name of Object.keys(struct)) {
      this.text += this.#beginMember(name)
      this.add(struct[name] ?? null)
      this.text += '</member>\n'
    }
    this.text += '</struct></value>\n'
  }

  #beginMember(name: string): string {
    const known = this.#names.get(name)
    if (known !== undefined) return known
    const written = `<member>\n<name>${escape(name)}</name>\n`
    this.#names.set(name, written)
    return written
  }
}

const PIECE = 64 * 1024

function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value)
}

/**
 * Characters that XML must not contain, such as those of coloured logs, become U+FFFD: otherwise clients refuse the
 * whole answer.
 */
function escape(text: string): string {
  if (!SPECIAL.test(text)) return text
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll(FORBIDDEN, '\ufffd')
}

const FORBIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g

/** The characters that need escaping; most texts contain none. */
const SPECIAL = /[&<>\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/
