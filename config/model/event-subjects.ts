// The names of events for the key `events` of a webhook: the type of an event, and for some types what happened, as in
// `process-state.fatal`. docs/reference/events.md explains the types.

/** Type of an event → the details that may follow it after a dot; types without details have none. */
export const EVENT_SUBJECTS: Readonly<Record<string, readonly string[]>> = {
  'process-state': [
    'stopped',
    'starting',
    'running',
    'backoff',
    'stopping',
    'exited',
    'exited-unexpectedly',
    'fatal',
    'unknown',
  ],
  'process-started': [],
  'process-exited': [],
  readiness: ['ready', 'not-ready'],
  health: ['healthy', 'unhealthy'],
  'file-changed': [],
  'limit-exceeded': ['memory', 'cpu'],
  'status-text': [],
  waiting: [],
  'oneshot-began': [],
  'oneshot-ended': ['done', 'failed'],
  'configuration-applied': [],
  'group-added': [],
  'group-removed': [],
  'supervisor-state': ['running', 'stopping'],
  'daemon-end': [],
  log: ['critical', 'error', 'warn', 'info', 'debug', 'trace', 'blather'],
  audit: [],
  delivery: ['failing', 'recovered'],
}

/** The event that a test of a webhook sends; no key names it. */
export const TEST_SUBJECT = 'webhook-test'

/** All names, each type before its details. */
export const SUBJECT_NAMES: readonly string[] = Object.entries(EVENT_SUBJECTS).flatMap(([type, details]) => [
  type,
  ...details.map((detail) => `${type}.${detail}`),
])
