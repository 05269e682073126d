// The protocols that every server serves. Each is loaded when the first request for it arrives.

import type { Protocol } from './http/protocol.ts'
import type { Controlled } from './operations/supervised.ts'

/** All protocols. */
export function protocolsFor(controlled: Controlled): readonly Protocol[] {
  const xmlrpc: Protocol['load'] = async () => (await import('./xmlrpc/handler.ts')).xmlrpcHandler(controlled)
  const rest: Protocol['load'] = async () => (await import('./rest/handler.ts')).restHandler(controlled)
  const web: Protocol['load'] = async () => (await import('./web/page.ts')).webHandler(controlled)
  return [
    { prefix: '/RPC2', load: xmlrpc },
    { prefix: '/logtail', load: xmlrpc },
    { prefix: '/mainlogtail', load: xmlrpc },
    { prefix: '/api/', load: rest },
    { prefix: '/healthz', load: rest },
    { prefix: '/readyz', load: rest },
    { prefix: '/metrics', load: rest },
    { prefix: '/', load: web },
  ]
}
