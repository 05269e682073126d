// The levels and the format of the daemon's own log.

/**
 * Log levels of the daemon, from the fewest lines to the most. Source: supervisor 4.2.5, loggers.LevelsByDescription.
 */
export const LOG_LEVELS = ['critical', 'error', 'warn', 'info', 'debug', 'trace', 'blather'] as const

/** One of LOG_LEVELS. */
export type LogLevel = (typeof LOG_LEVELS)[number]

/** Format of the daemon's own log: `auto` is text on a terminal and in files, JSON elsewhere. */
export type LogFormat = 'auto' | 'text' | 'json'
