// Finds the configuration when none is named.

import { existsSync } from 'node:fs'

/** The paths of kahi.toml that are tried, in this order, after $KAHI_CONFIG. */
export const SEARCHED = ['./kahi.toml', '/etc/kahi/kahi.toml', '/etc/kahi.toml'] as const

/** The file named by $KAHI_CONFIG, else the first existing one; undefined when there is none. */
export function findConfigFile(environment: Readonly<Record<string, string | undefined>>): string | undefined {
  const named = environment.KAHI_CONFIG ?? ''
  return named === '' ? SEARCHED.find((file) => existsSync(file)) : named
}
