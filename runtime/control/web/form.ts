// The parameters of a page: those of the query, and of a form that was sent. Source: supervisor 4.2.5,
// web.supervisor_ui_handler.continue_request: of a name that is given twice the first one in the query counts, and the
// last one in the form; those of the form count more.

import { readBytes } from '../http/body.ts'
import type { Exchange } from '../http/protocol.ts'

const BODY_LIMIT_BYTES = 64 * 1024

/** Name → value. Parameters without a value are left out. */
export type Form = ReadonlyMap<string, string>

/** Reads query and body. Throws TOO_LARGE and BUSY. */
export async function readForm(exchange: Exchange): Promise<Form> {
  const body = (await readBytes(exchange, BODY_LIMIT_BYTES)).toString('utf8')
  const query = [...new URLSearchParams(exchange.wanted.query)].reverse()
  return new Map([...query, ...new URLSearchParams(body)].filter(([, value]) => value !== ''))
}
