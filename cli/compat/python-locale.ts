// The locale that Python sets for itself and for all programs that it starts: in the C locale LC_CTYPE becomes C.UTF-8.
// Programs of supervisord inherit it, and Ruby, Perl and others rely on it. Source: CPython 3.11, PEP 538,
// _Py_CoerceLegacyLocale.

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const LOCALES = '/usr/lib/locale'

/** Sets LC_CTYPE where Python would. musl has no C locale without UTF-8, so nothing is set there. */
export function coerceLocale(environment: Record<string, string | undefined>): void {
  const { LC_ALL, LC_CTYPE, LANG, PYTHONCOERCECLOCALE } = environment
  if (LC_ALL || PYTHONCOERCECLOCALE === '0' || existsSync('/etc/alpine-release')) return
  if (isLegacy(LC_CTYPE || LANG || 'C')) environment.LC_CTYPE = 'C.UTF-8'
}

/** A locale that is not installed counts as the C locale. */
function isLegacy(locale: string): boolean {
  if (locale === 'C' || locale === 'POSIX') return true
  if (/^C\.utf-?8$/i.test(locale)) return false
  const name = locale.replace(/\.[^@]*/, (charset) => charset.toLowerCase().replaceAll('-', ''))
  if (existsSync(join(LOCALES, name)) || existsSync(join(LOCALES, locale))) return false
  const archive = join(LOCALES, 'locale-archive')
  return !existsSync(archive) || !readFileSync(archive).includes(`${name}\0`)
}
