// Which kahi.toml is meant when nobody says.

import { existsSync } from 'node:fs'

/** Where kahi.toml is looked for, in this order, after $KAHI_CONFIG. */
export const SEARCHED = ['./kahi.toml', '/etc/kahi/kahi.toml', '/etc/kahi.toml'] as const

/** The file named by $KAHI_CONFIG, else the first that exists; undefined when there is none. */
export function findConfigFile(environment: Readonly<Record<string, string | undefined>>): string | undefined {
  const named = environment.KAHI_CONFIG ?? ''
  return named === '' ? SEARCHED.find((file) => existsSync(file)) : named
}
