// Lists of names and files with a number in them.
// Source: s6-rc 0.7, s6-rc-compile add_namelist, read_timeout, read_uint; section 1.2 of its behaviour as verified by experiment.

import type { Place } from '../../config/model/diagnostic.ts'
import { type Name, NUMBER_FILES, type NumberFile, type ServiceType, type TextFile } from './definition.ts'
import type { Node } from './layers.ts'

type Report = (message: string, place: Place, hint?: string) => void

const LARGEST = 4_294_967_295
const TIMEOUTS: readonly string[] = ['timeout-up', 'timeout-down']

/** One name for each line; blanks at its end are part of it. A name that is listed twice counts once. */
export function readNames(text: string, file: string): readonly Name[] {
  const names = new Map<string, Name>()
  for (const [index, line] of text.split('\n').entries()) {
    const name = line.replace(/^[ \t]+/, '').replace(/\0.*/, '')
    if (name === '' || name.startsWith('#') || names.has(name)) continue
    names.set(name, { name, place: { file, line: index + 1, column: line.indexOf(name) + 1 } })
  }
  return [...names.values()]
}

/** The numbers of a service of that type. */
export function readNumbers(
  type: ServiceType,
  texts: ReadonlyMap<string, TextFile>,
  nodes: ReadonlyMap<string, Node>,
  report: Report,
): ReadonlyMap<NumberFile, number> {
  const numbers = new Map<NumberFile, number>()
  const read = NUMBER_FILES.filter((file) => type === 'longrun' || (type === 'oneshot' && TIMEOUTS.includes(file)))
  for (const file of read) {
    const node = nodes.get(file)
    if (node === undefined || node.kind === 'broken') continue
    const text = texts.get(file)?.text
    const place = { file: node.path, line: 1, column: 1 }
    const number = text === undefined ? undefined : readNumber(text, TIMEOUTS.includes(file))
    if (number !== undefined) numbers.set(file, number)
    else
      report(`Cannot read "${file}" as a whole number: ${JSON.stringify(text ?? 'a directory')}`, place, hintFor(file))
  }
  const fd = numbers.get('notification-fd')
  if (fd !== undefined && fd >= 3 && numbers.get('lock-fd') === fd)
    report('"lock-fd" and "notification-fd" are the same descriptor', {
      file: nodes.get('lock-fd')?.path ?? '',
      line: 1,
      column: 1,
    })
  return numbers
}

/** A timeout may be followed by any number of line ends; of other files only the first line is read. */
function readNumber(text: string, isTimeout: boolean): number | undefined {
  const digits = isTimeout ? text.slice(0, 63).replace(/\n+$/, '') : text.replace(/\n.*/s, '')
  return /^[0-9]+$/.test(digits) && Number(digits) <= LARGEST ? Number(digits) : undefined
}

function hintFor(file: NumberFile): string {
  const what = file.endsWith('-fd')
    ? 'the number of a descriptor'
    : file === 'max-death-tally'
      ? 'a number'
      : 'milliseconds'
  return `write ${what} in digits only, without blanks, signs or units`
}
