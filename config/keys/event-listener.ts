// Keys of [event_listeners.X]: those of a program, and those of the listener. Source: supervisor 4.2.5,
// ServerOptions.process_groups_from_parser.

import { key, type Settings } from './key.ts'
import { eventNames, integer, text } from '../values/values.ts'
import { programKeys } from './program.ts'

/** Accepts the answer `OK`; any other answer rejects the event. */
export const DEFAULT_RESULT_HANDLER = 'supervisor.dispatchers:default_handler'

/** Keys of a listener besides those of a program. */
export const listenerKeys = {
  priority: key(
    integer,
    -1,
    'Lower numbers start first and stop last. Without it the listener starts before all programs and stops after them.',
  ),
  events: key(
    eventNames,
    [],
    'Events to get, such as ["PROCESS_STATE_EXITED", "TICK_60"]; a name includes all names below it.',
    {
      required: true,
    },
  ),
  buffer_size: key(
    integer,
    10,
    'Number of events that may wait while all processes of the listener are busy; beyond it the oldest is dropped.',
  ),
  result_handler: key(
    text,
    DEFAULT_RESULT_HANDLER,
    'Name of the Python function that judges answers in supervisord. The default accepts the answer OK and rejects all others. With any other name every answer is accepted; with those of supervisor_stdout and supervisor_console the lines of programs are printed on the standard output of the daemon.',
  ),
}

/** Keys of an event listener, in the order in which they are written. */
export const eventListenerKeys = { ...programKeys, ...listenerKeys }

/** The values of a listener's own keys. */
export type ListenerValues = Settings<typeof listenerKeys>
