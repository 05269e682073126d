// Parses TOML into a tree of values and the places of its keys. A name that is used twice is reported with both places,
// and its first use counts, so that other errors of the file are found too.

import { parse, TomlError } from 'smol-toml'
import type { Diagnostic, Place } from '../model/diagnostic.ts'
import type { Value } from '../model/value.ts'
import { lastOf, lineStarts, MOST_PARTS, Positions } from './positions.ts'
import { type Path, Scanner, type Statement } from './scanner.ts'

/** A TOML table. */
export type Tree = { readonly [key: string]: Value }

/** A parsed text. */
export interface Parsed {
  readonly tree: Tree
  readonly positions: Positions
}

/** Each double name needs the text to be parsed again. */
const MOST_DOUBLES = 20

/** Parses a text; undefined when it is no TOML. Errors are added to `found`. */
export function parseToml(text: string, file: string, found: Diagnostic[]): Parsed | undefined {
  let rest = text.replace(/^\uFEFF/, ' ')
  for (let doubles = 0; ; doubles += 1) {
    const tree = attempt(rest)
    if (!(tree instanceof TomlError)) return check({ tree, positions: new Positions(rest, file) }, found)
    const double = doubles < MOST_DOUBLES && /redefine/.test(tree.message) ? findDouble(rest, tree) : undefined
    if (double === undefined) {
      const [first = ''] = tree.message.split('\n')
      const message = `Cannot read as TOML: ${explain(first.replace(/^Invalid TOML document: /, ''))}`
      found.push({ severity: 'error', message, place: { file, line: tree.line, column: tree.column } })
      return undefined
    }
    found.push(describe(double, rest, file))
    rest = blank(rest, double)
  }
}

function attempt(text: string): Tree | TomlError {
  try {
    return withoutMinusZero(parse(text, { integersAsBigInt: false, maxDepth: MOST_PARTS }) as Tree)
  } catch (error) {
    if (error instanceof TomlError) return error
    throw error
  }
}

/**
 * Replaces -0 by 0: JavaScript treats them as two numbers in some comparisons. Tables and lists are changed in place;
 * no recursion.
 */
function withoutMinusZero(tree: Tree): Tree {
  const left: object[] = [tree]
  for (let value = left.pop(); value !== undefined; value = left.pop())
    for (const [key, inner] of Object.entries(value) as [string, unknown][]) {
      if (Object.is(inner, -0)) Reflect.set(value, key, 0)
      else if (typeof inner === 'object' && inner !== null && !(inner instanceof Date)) left.push(inner)
    }
  return tree
}

function check(parsed: Parsed, found: Diagnostic[]): Parsed | undefined {
  const long = parsed.positions.tooLong
  if (long === undefined) return parsed
  const message = `The key has ${long.parts} parts, more than ${MOST_PARTS}`
  found.push({ severity: 'error', message, place: long.place })
  return undefined
}

const PLAINER: Readonly<Record<string, string>> = {
  'invalid value': 'invalid value: text must be in quotes',
  'control characters are not allowed in strings':
    'the text has no closing quote in this line, or contains a control character',
}

/** Replaces messages of smol-toml that are hard to understand. */
function explain(message: string): string {
  return PLAINER[message] ?? message
}

interface Double extends Statement {
  /** The end of the rest: of a table, the end of its last pair. */
  readonly last: number
}

/** The header or pair in which smol-toml has found a name for the second time. */
function findDouble(text: string, { line, column }: TomlError): Double | undefined {
  const offset = (lineStarts(text)[line - 1] ?? 0) + column - 1
  let double: Double | undefined
  for (const statement of new Scanner(text).statements()) {
    if (double === undefined && statement.end > offset) double = { ...statement, last: statement.end }
    else if (double?.kind === 'table' && statement.kind === 'pair') double = { ...double, last: statement.end }
    else if (double !== undefined) break
  }
  return double !== undefined && double.start <= offset ? double : undefined
}

function describe({ kind, start, path }: Double, text: string, file: string): Diagnostic {
  const scanner = new Scanner(text.slice(0, start))
  for (const _ of scanner.statements());
  const positions = new Positions(text, file)
  const place: Place = positions.placeAt(start)
  const first = lastOf(scanner.root, path).offset
  const name = path.filter((part) => typeof part === 'string').join('.')
  const message = kind === 'table' ? `[${name}] is defined twice` : `"${nameOf(path)}" is defined twice`
  const hint = first < 0 ? undefined : `the other one is at ${file}:${positions.placeAt(first).line}`
  return { severity: 'error', message, place, hint }
}

function nameOf(path: Path): string {
  return String(path.at(-1) ?? '')
}

/** The text without the header or pair; all other characters keep their offsets. */
function blank(text: string, { start, last }: Double): string {
  return text.slice(0, start) + text.slice(start, last).replaceAll(/[^\r\n]/g, ' ') + text.slice(last)
}
