// Reads INI texts for tests.

import { Ini } from '../../converter/supervisord/read-ini.ts'

/** Reads these texts as if they were included one after the other. */
export function read(...texts: string[]): Ini {
  const ini = new Ini()
  for (const [index, text] of texts.entries()) ini.read(text, index === 0 ? 's.conf' : `s${index}.conf`)
  return ini
}

/** Sections with their keys and values, without places. */
export function plain(ini: Ini): Record<string, Record<string, string>> {
  return Object.fromEntries(
    ini.sections.map(({ name, entries }) => [
      name,
      Object.fromEntries([...entries.values()].map(({ key, value }) => [key, value])),
    ]),
  )
}
