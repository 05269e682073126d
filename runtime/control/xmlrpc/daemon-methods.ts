// Methods for the daemon and its configuration. Source: supervisor 4.2.5, rpcinterface.SupervisorNamespaceRPCInterface.

import { reread } from '../operations/configuration.ts'
import { addGroup, removeGroup } from '../operations/groups.ts'
import { restartDaemon, shutdown } from '../operations/daemon.ts'
import type { Controlled } from '../operations/supervised.ts'
import { showConfiguration } from './configuration-info.ts'
import type { Caller, Method } from './method.ts'
import { about } from './targets.ts'
import type { Value } from './values.ts'

/** The version of supervisord whose interface this is. */
export const SUPERVISOR_VERSION = '4.2.5'
const API_VERSION = '3.0'
const DONE = ['boolean', 'Always true'] as const

/** The order has no meaning. */
export const daemonMethods: readonly Method[] = [
  telling('supervisor.getAPIVersion', 'string', 'Version of this interface', () => API_VERSION),
  telling('supervisor.getVersion', 'string', 'Version of this interface', () => API_VERSION),
  telling('supervisor.getSupervisorVersion', 'string', 'Version of supervisord', () => SUPERVISOR_VERSION),
  telling('supervisor.getIdentification', 'string', 'Name of this daemon', ({ configuration }) => {
    return configuration.last.supervisor.identifier
  }),
  telling('supervisor.getState', 'struct', 'State of the daemon: statecode, statename', () => {
    return { statecode: 1, statename: 'RUNNING' }
  }),
  telling('supervisor.getPID', 'int', 'Process id of the daemon', ({ pid }) => pid),
  telling('supervisor.getAllConfigInfo', 'array', 'All processes as configured, sorted by name', (controlled, caller) =>
    showConfiguration(controlled, caller.isStranger),
  ),
  telling('supervisor.shutdown', 'boolean', 'Stops everything and ends the daemon', async (controlled) => {
    await shutdown.run(controlled, {})
    return true
  }),
  telling('supervisor.restart', 'boolean', 'Stops everything and starts again', (controlled) =>
    restartDaemon.run(controlled, {}),
  ),
  telling('supervisor.reloadConfig', 'array', 'Reads the configuration again; changes nothing', async (controlled) => {
    const { added, changed, removed } = await reread.run(controlled, {})
    return [[added, changed.map(({ name }) => name), removed]]
  }),
  {
    name: 'supervisor.addProcessGroup',
    help: 'Adds a group of the configuration as last read',
    parameters: [{ name: 'name', type: 'string', help: 'The group' }],
    returns: DONE,
    call: (controlled, given) => about(given.text(0), () => addGroup.run(controlled, { group: given.text(0) })),
  },
  {
    name: 'supervisor.removeProcessGroup',
    help: 'Removes a group whose processes are stopped',
    parameters: [{ name: 'name', type: 'string', help: 'The group' }],
    returns: DONE,
    call: (controlled, given) => about(given.text(0), () => removeGroup.run(controlled, { group: given.text(0) })),
  },
  {
    name: 'supervisor.sendRemoteCommEvent',
    help: 'Sends a message to the event listeners',
    parameters: [
      { name: 'type', type: 'string', help: 'The type of the message' },
      { name: 'data', type: 'string', help: 'The content of the message' },
    ],
    returns: DONE,
    call: (controlled, given) => {
      controlled.emit({ type: 'remote-communication', kind: given.text(0), data: given.text(1) })
      return true
    },
  },
]

/** A method without parameters. */
function telling(
  name: string,
  type: Method['returns'][0],
  meaning: string,
  tell: (controlled: Controlled, caller: Caller) => Promise<Value> | Value,
): Method {
  const call: Method['call'] = (controlled, _given, caller) => about(undefined, () => tell(controlled, caller))
  return { name, help: meaning, parameters: [], returns: [type, meaning], call }
}
