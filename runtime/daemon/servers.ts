// The configured servers, or the default socket when none is configured. The code for HTTP is loaded only when there is
// a server.

import type { Server } from '../../config/settings/server.ts'
import { auditLine } from '../control/http/audit.ts'
import { StartError } from '../control/operations/errors.ts'
import type { DaemonContext, OpenPart, Part } from './part.ts'

/** Opens the servers and sets `servers` in the context. */
export const servers: Part = {
  name: 'servers',
  open: async (context) => {
    const { config } = context
    const isDefault = config.servers.length === 0
    const wanted = isDefault ? defaultServer(context) : config.servers
    if (wanted.length === 0) return {}
    try {
      const opened = await open(wanted, context)
      context.servers = wanted
      return opened
    } catch (error) {
      if (!isDefault || !(error instanceof StartError) || error.exitCode === 2) throw error
      context.log.log('warn', `${error.message}; kahi ctl cannot reach this daemon: configure [server.unix]`)
      return {}
    }
  },
}

async function open(
  wanted: readonly Server[],
  { controlled, clock, log, options: { shimPath } }: DaemonContext,
): Promise<OpenPart> {
  const [{ openServers }, { protocolsFor }] = await Promise.all([
    import('../control/http/server.ts'),
    import('../control/protocols.ts'),
  ])
  return openServers(wanted, {
    protocols: protocolsFor(controlled),
    reportBug: (error: unknown) => controlled.reportBug(error),
    after: (ms: number, callback: () => void) => clock.after(ms, callback),
    nowMs: () => clock.nowMs(),
    warn: (message: string) => log.log('warn', message),
    log: (message: string) => log.log('info', message),
    audit: (audit) => {
      log.log('info', auditLine(audit))
      controlled.emit({ type: 'audit', ...audit })
    },
    helper: shimPath,
  })
}

/** The default socket. Only the user of the daemon can use it. */
function defaultServer({ options: { defaultSocket, prepareDefaultSocket }, log }: DaemonContext): readonly Server[] {
  if (defaultSocket === undefined) return []
  const trouble = prepareDefaultSocket?.()
  if (trouble !== undefined) {
    log.log('warn', `${trouble}; kahi ctl cannot reach this daemon`)
    return []
  }
  const chown = { uid: -1, gid: -1 }
  return [{ kind: 'unix', file: defaultSocket, chmod: 0o700, chown, credentials: undefined }]
}
