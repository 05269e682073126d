// Where supervisord looks for its configuration.

import { dirname, join } from 'node:path'

/**
 * The paths that supervisord, called by that path, tries in order. Source: supervisor 4.2.5,
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
