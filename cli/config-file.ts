// Finds the configuration when none is named.

import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** The paths of kahi.toml that are tried, in this order, after $KAHI_CONFIG. */
export const SEARCHED = ['./kahi.toml', '/etc/kahi/kahi.toml', '/etc/kahi.toml'] as const

/** The file named by $KAHI_CONFIG, else the first existing one; undefined when there is none. */
export function findConfigFile(environment: Readonly<Record<string, string | undefined>>): string | undefined {
  const named = environment.KAHI_CONFIG ?? ''
  return named === '' ? SEARCHED.find((file) => existsSync(file)) : named
}

/**
 * Where supervisord, called by that path, looks for its configuration. Source: supervisor 4.2.5,
 * Options.default_configfile.
 */
export function searchedBySupervisord(calledAs: string): readonly string[] {
  const parent = dirname(dirname(calledAs))
  return [
    join(parent, 'etc/supervisord.conf'),
    join(parent, 'supervisord.conf'),
    'supervisord.conf',
    'etc/supervisord.conf',
    '/etc/supervisord.conf',
    '/etc/supervisor/supervisord.conf',
  ]
}
