// Translates events of the runtime into those of event listeners. Source: supervisor 4.2.5, events.py.

import type { EventName } from '../../config/model/event-names.ts'
import type { ProcessOutputEvent, ProcessStateEvent, RuntimeEvent } from '../events/event.ts'
import { pythonBytesRepr } from '../process/python-repr.ts'

/** An event as listeners know it. */
export interface Message {
  readonly name: EventName
  /** The payload; computed only when a pool wants the event. */
  payload(): string
}

/** The event as listeners know it; undefined when supervisord has no such event. */
export function messageOf(event: RuntimeEvent): Message | undefined {
  switch (event.type) {
    case 'process-state':
      return stateMessage(event)
    case 'process-log':
      return {
        name: `PROCESS_LOG_${channelOf(event)}`,
        payload: () => outputPayload(event, ` channel:${event.stream}`),
      }
    case 'process-communication':
      return { name: `PROCESS_COMMUNICATION_${channelOf(event)}`, payload: () => outputPayload(event, '') }
    case 'remote-communication':
      return { name: 'REMOTE_COMMUNICATION', payload: () => `type:${event.kind}\n${event.data}` }
    case 'supervisor-state':
      return {
        name: event.state === 'running' ? 'SUPERVISOR_STATE_CHANGE_RUNNING' : 'SUPERVISOR_STATE_CHANGE_STOPPING',
        payload: () => '',
      }
    case 'group-added':
      return { name: 'PROCESS_GROUP_ADDED', payload: () => `groupname:${event.group}\n` }
    case 'group-removed':
      return { name: 'PROCESS_GROUP_REMOVED', payload: () => `groupname:${event.group}\n` }
    default: // supervisord has no such event
      return undefined
  }
}

/** Whether a pool with the event name `wanted` gets `name`: a name includes all names below it. */
export function isBelow(name: EventName, wanted: EventName): boolean {
  return wanted === 'EVENT' || name === wanted || name.startsWith(`${wanted}_`)
}

const STATE_NAMES = {
  stopped: 'PROCESS_STATE_STOPPED',
  starting: 'PROCESS_STATE_STARTING',
  running: 'PROCESS_STATE_RUNNING',
  backoff: 'PROCESS_STATE_BACKOFF',
  stopping: 'PROCESS_STATE_STOPPING',
  exited: 'PROCESS_STATE_EXITED',
  fatal: 'PROCESS_STATE_FATAL',
  unknown: 'PROCESS_STATE_UNKNOWN',
  finishing: 'PROCESS_STATE_STOPPING', // shown under that name everywhere; there is no event for it
} as const

function stateMessage(event: ProcessStateEvent): Message {
  const { group, name, from } = event
  const fixed = `processname:${name} groupname:${group} from_state:${from.toUpperCase()}`
  return { name: STATE_NAMES[event.to], payload: () => `${fixed}${stateExtras(event)}` }
}

function stateExtras({ to, pid, tries, expected }: ProcessStateEvent): string {
  switch (to) {
    case 'starting':
    case 'backoff':
      return ` tries:${tries}`
    case 'running':
    case 'stopping':
    case 'stopped':
      return ` pid:${pid}`
    case 'exited':
      return ` expected:${expected ? 1 : 0} pid:${pid}`
    default:
      return ''
  }
}

function channelOf({ stream }: ProcessOutputEvent): 'STDOUT' | 'STDERR' {
  return stream === 'stdout' ? 'STDOUT' : 'STDERR'
}

function outputPayload({ name, group, pid, data }: ProcessOutputEvent, extra: string): string {
  return `processname:${name} groupname:${group} pid:${pid}${extra}\n${textOf(data)}`
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function textOf(data: Buffer): string {
  try {
    return decoder.decode(data)
  } catch {
    return `Undecodable: ${pythonBytesRepr(data)}`
  }
}
