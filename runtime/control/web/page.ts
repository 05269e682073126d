// The pages for browsers, for scripts that call their actions, and for health checks that only ask whether there is a
// page (`curl -f http://localhost:9001`): the list of processes, the end of a log, and `ok.html`. Every path that
// belongs to no protocol is answered here too. Source: supervisor 4.2.5, web.supervisor_ui_handler; medusa
// default_handler: 404, and 400 for methods other than GET and HEAD.

import type { Caller } from '../http/access.ts'
import { admit, auditOf, errorHeaders, refuseRole } from '../http/admit.ts'
import { readBytes, roomFor } from '../http/body.ts'
import type { Exchange, Handler } from '../http/protocol.ts'
import { refuse, sendAnswer } from '../http/send.ts'
import { refuseOtherSites, wasMeant } from '../http/site.ts'
import { ControlError, ERRORS } from '../operations/errors.ts'
import type { Controlled } from '../operations/supervised.ts'
import { act } from './actions.ts'
import { type Form, readForm } from './form.ts'
import { sendPage } from './html.ts'
import { button, statusView, tailView } from './views.ts'

type View = (controlled: Controlled, exchange: Exchange, form: Form, caller: Caller | undefined) => Promise<void>

const VIEWS: Readonly<Record<string, View>> = {
  '': showStatus,
  'index.html': showStatus,
  'tail.html': async (controlled, exchange, form) => {
    const { title, content } = await tailView(controlled, form, roomFor(exchange))
    sendPage(exchange, title, content)
  },
  'ok.html': async (_controlled, exchange) =>
    sendAnswer(exchange, { status: 200, contentType: 'text/plain', body: 'OK', keepsConnection: true }),
}

/** Answers with the pages. */
export function webHandler(controlled: Controlled): Handler {
  return async (exchange) => {
    try {
      await respond(controlled, exchange)
    } catch (error) {
      const known = error instanceof ControlError ? error : new ControlError('SERVER_ERROR')
      if (known !== error) controlled.reportBug(error)
      refuse(exchange, ERRORS[known.code].status, errorHeaders(known))
    }
  }
}

async function respond(controlled: Controlled, exchange: Exchange): Promise<void> {
  const caller = await admit(exchange)
  refuseRole(caller, 'read')
  const { method = 'GET' } = exchange.request
  const view = VIEWS[exchange.wanted.path.replace(/^\/+/, '')]
  if (method !== 'GET' && method !== 'HEAD' && (method !== 'POST' || view === undefined)) refuse(exchange, 400)
  else if (await isPageFile(controlled, exchange)) return
  else if (view === undefined) refuse(exchange, 404)
  else {
    const form = await readForm(exchange)
    if (form.get('action') !== undefined) refuseRole(caller, 'control')
    await view(controlled, exchange, form, caller)
  }
}

/**
 * Sends the page of `kahi daemon`, or one of its files. Requests with parameters are for the pages of supervisord, and
 * `kahi supervisord` has only these.
 */
async function isPageFile({ calledAs }: Controlled, exchange: Exchange): Promise<boolean> {
  const { wanted, request } = exchange
  if (calledAs !== 'kahi' || wanted.query !== '' || (request.method !== 'GET' && request.method !== 'HEAD'))
    return false
  const name = wanted.path.replace(/^\/+/, '')
  if (name !== '' && VIEWS[name] !== undefined && name !== 'index.html') return false
  await readBytes(exchange, 0)
  const { sendPageFile } = await import('./page-files.ts')
  return sendPageFile(exchange, name === '' ? 'index.html' : name)
}

async function showStatus(
  controlled: Controlled,
  exchange: Exchange,
  form: Form,
  caller: Caller | undefined,
): Promise<void> {
  const action = form.get('action')
  if (action === undefined || exchange.request.method === 'HEAD') {
    sendPage(exchange, 'Supervisor Status', await statusView(controlled, form.get('message')))
    return
  }
  refuseOtherSites(exchange.request)
  const name = form.get('processname')
  if (exchange.request.method === 'GET' && !wasMeant(exchange.request)) {
    sendPage(exchange, 'Supervisor Status', `<p>${button(action, 'Confirm', name)}</p>`)
    return
  }
  const tell = controlled.calledAs === 'kahi' ? auditOf(exchange, caller, `${action} ${name ?? ''}`.trim()) : undefined
  const message = await act(controlled, action, name)
  tell?.(message)
  refuse(exchange, 301, { Location: `./?message=${encodeURIComponent(message)}` })
}
