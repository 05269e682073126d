// Detects the format of a path. Formats are asked in order, those whose ending the name of the file has before the
// others, and the Source of the first one that accepts the path is used by all code.

import type { Machine } from '../config/model/machine.ts'
import { ConfigError, type Diagnostic } from '../config/model/diagnostic.ts'
import { readText } from '../config/values/read-text.ts'
import { isDirectory, look } from './folders.ts'
import { type Asked, type Conversion, isNamedAs, type Reading, type Source } from './format.ts'
import { contentsOf, formats } from './formats.ts'
import { explainErrors, findTemplate } from './template.ts'

/**
 * Gives the source at a path. Input that can be read only once, such as a pipe, is read here. Throws ConfigError when
 * no format accepts it.
 */
export function identify(path: string, asked: Asked = {}): Source {
  const text = asked.text ?? (look(path) === 'other' ? readText(path) : undefined)
  const given = { ...asked, text }
  const known = formats.filter(({ name }) => asked.format === undefined || name === asked.format)
  const named = isDirectory(path) ? [] : known.filter((format) => isNamedAs(format, path))
  for (const format of new Set([...named, ...known])) {
    const source = format.detect(path, given)
    if (source !== undefined) return { ...source, convert: (...how) => explaining(source, text, ...how) }
  }
  throw new ConfigError([nothingAt(path, asked.format)])
}

/** The format of a source. */
export function formatOf({ format: wanted }: Pick<Source, 'format'>): (typeof formats)[number] {
  const format = formats.find(({ name }) => name === wanted)
  if (format === undefined) throw new Error(`there is no format ${wanted}`)
  return format
}

/** For a template, one error that says so replaces the errors of reading it. */
function explaining(source: Source, text: string | undefined, machine: Machine, reading?: Reading): Conversion {
  const conversion = readExplaining(source, text, machine, reading)
  const template = findTemplate(conversion.document.tables)
  if (template !== undefined) throw new ConfigError([template])
  return conversion
}

function readExplaining(source: Source, text: string | undefined, machine: Machine, reading?: Reading): Conversion {
  try {
    return source.convert(machine, reading)
  } catch (error) {
    const template = error instanceof ConfigError ? explainErrors(error.diagnostics, text) : undefined
    throw template === undefined ? error : new ConfigError([template])
  }
}

/** Every file is accepted, as a supervisord.conf if nothing else fits; so this is about directories. */
function nothingAt(path: string, name: string | undefined): Diagnostic {
  const asked = formats.filter((one) => name === undefined || one.name === name)
  if (name !== undefined && !isDirectory(path)) {
    const message = `${path} is not ${asked.map(({ title }) => title).join('')}: it is no directory`
    return { severity: 'error', message }
  }
  const message = `There is no configuration in ${path} that kahi reads`
  return { severity: 'error', message, hint: `looked for ${contentsOf(asked)}` }
}
