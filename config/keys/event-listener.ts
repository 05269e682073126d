// Keys of [event_listeners.X]: those of a program and what the pool is about.
// Source: supervisor 4.2.5, ServerOptions.process_groups_from_parser.

import { key, type Settings } from '../key.ts'
import { eventNames, integer, text } from '../values.ts'
import { programKeys } from './program.ts'

/** What calls a listener's answer good: `OK` accepts an event, anything else gives it back. */
export const DEFAULT_RESULT_HANDLER = 'supervisor.dispatchers:default_handler'

/** What a listener has besides the keys of a program. */
export const listenerKeys = {
  priority: key(
    integer,
    -1,
    'Lower numbers start first and stop last. Without it the listener starts before all programs and stops after them.',
  ),
  events: key(
    eventNames,
    [],
    'Events to hear, such as ["PROCESS_STATE_EXITED", "TICK_60"]; a name stands for all below it.',
    {
      required: true,
    },
  ),
  buffer_size: key(
    integer,
    10,
    'Events that wait while all processes of the listener are busy; then the oldest is dropped.',
  ),
  result_handler: key(
    text,
    DEFAULT_RESULT_HANDLER,
    'Python function that judges answers, for files of supervisord; only its default can be had: OK accepts, all else rejects.',
  ),
}

/** Keys of an event listener, in the order in which they are written. */
export const eventListenerKeys = { ...programKeys, ...listenerKeys }

/** The values of a listener's own keys. */
export type ListenerValues = Settings<typeof listenerKeys>
