// Reads TypeScript just well enough for the structure tests: which characters are code, what a file imports, where
// its functions begin and end. TypeScript 7 has no parser in JavaScript; this needs none of its finer points.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A source file; `path` is relative to the checkout. */
export interface Source {
  readonly path: string
  readonly text: string
  /** As `text`, with blanks in place of comments and of what strings and patterns contain. */
  readonly code: string
}

/** An import, export-from or import(): where it is and what it names. */
export interface Import {
  readonly specifier: string
  readonly line: number
}

/** A function with a body. */
export interface FunctionSpan {
  readonly line: number
  readonly lines: number
}

/** Makes a source of a text. */
export function sourceOf(path: string, text: string): Source {
  return { path, text, code: maskText(text) }
}

/** All TypeScript files below some folders of the checkout. */
export function readSources(root: string, folders: readonly string[], kind: RegExp = /(?<!\.d)\.ts$/): Source[] {
  return folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => kind.test(name))
      .map((name) => sourceOf(join(folder, name), readFileSync(join(root, folder, name), 'utf8'))),
  )
}

/** Line of an offset, from 1. */
export function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length
}

/** All that a file imports. */
export function importsOf({ code, text }: Source): Import[] {
  const found: Import[] = []
  for (const match of code.matchAll(/(?:\bfrom\s*|\bimport\s*\(\s*|\bimport\s+)(['"])/g)) {
    const start = match.index + match[0].length
    const quote = match[1] ?? "'"
    found.push({ specifier: text.slice(start, text.indexOf(quote, start)), line: lineAt(code, start) })
  }
  return found
}

/** All functions, methods and arrow functions that have a body in braces. */
export function functionsOf({ code }: Source): FunctionSpan[] {
  const heads = /\bfunction\b[^(]*\(|^[ \t]+(?:(?:static|async|get|set|override)[ \t]+)*#?\w+(?:<[^>\n]*>)?\(|=>\s*\{/gm
  const found: FunctionSpan[] = []
  for (const match of code.matchAll(heads)) {
    if (/^\s*(?:if|for|while|switch|catch|return|await|super)\b/.test(match[0])) continue
    const end = match.index + match[0].length
    const body = match[0].endsWith('{') ? end - 1 : bodyAfter(code, end - 1)
    if (body === undefined) continue
    const start = match.index + (/^\s*/.exec(match[0])?.[0].length ?? 0)
    const line = lineAt(code, start)
    found.push({ line, lines: lineAt(code, closing(code, body)) - line + 1 })
  }
  return found
}

/** The brace that opens the body of a function whose parameters begin at `open`; undefined for a mere call or type. */
function bodyAfter(code: string, open: number): number | undefined {
  let at = closing(code, open) + 1
  let before = ''
  let isTyped = false
  for (; at < code.length; at += 1) {
    const character = code.charAt(at)
    if (character === '\n' && /[\w\])}>]/.test(before) && !/^\s*[|&{=]/.test(code.slice(at, at + 99))) return undefined
    if (/\s/.test(character)) continue
    if (before === '' && character !== ':' && character !== '{') return undefined
    if (character === '{' && (!isTyped || !/[:|&<,=(]/.test(before))) return at
    if (/[;=]/.test(character) && code.charAt(at + 1) !== '>') return undefined
    isTyped = true
    if (/[{([]/.test(character)) at = closing(code, at)
    before = code.charAt(at)
    if (before === '>' && code.charAt(at - 1) === '=') before = '='
  }
  return undefined
}

/** The bracket that closes the one at `open`. */
function closing(code: string, open: number): number {
  let depth = 0
  for (let at = open; at < code.length; at += 1) {
    if ('{(['.includes(code.charAt(at))) depth += 1
    if ('})]'.includes(code.charAt(at))) depth -= 1
    if (depth === 0) return at
  }
  return code.length
}

/** Blanks comments and the insides of strings, templates and patterns; newlines and code in `${}` stay. */
export function maskText(text: string): string {
  let out = ''
  let at = 0
  const templates: number[] = []
  let depth = 0
  while (at < text.length) {
    const rest = skipLength(text, at, out)
    const character = text.charAt(at)
    if (rest > 0) {
      out += blank(text.slice(at, at + rest))
      at += rest
      continue
    }
    if (character === '{') depth += 1
    const isTemplateEnd = character === '}' && templates.at(-1) === depth
    if (character === '}' && !isTemplateEnd) depth -= 1
    if (isTemplateEnd) templates.pop()
    out += character
    at += 1
    if (character !== '`' && !isTemplateEnd) continue
    const end = templatePart(text, at)
    out += blank(text.slice(at, end))
    at = end
    if (text.startsWith('${', at)) {
      templates.push(depth)
      out += '${'
      at += 2
    } else {
      out += '`'
      at += 1
    }
  }
  return out
}

/** Length of the comment, string or pattern that begins here, 0 when none does. Quotes of strings stay: see blank(). */
function skipLength(text: string, at: number, out: string): number {
  const two = text.slice(at, at + 2)
  if (two === '//') return /^[^\n]*/.exec(text.slice(at))?.[0].length ?? 0
  if (two === '/*') return text.indexOf('*/', at) + 2 - at
  const character = text.charAt(at)
  if (character === "'" || character === '"') return stringLength(text, at, character)
  const isPattern = character === '/' && /(?:^|[(,=:[!&|?{};\n]|\b(?:return|case|typeof))\s*$/.test(out.slice(-20))
  return isPattern ? (/^\/(?:\\.|\[(?:\\.|[^\]\n])*\]|[^/\n\\[])+\/\w*/.exec(text.slice(at))?.[0].length ?? 0) : 0
}

function stringLength(text: string, at: number, quote: string): number {
  let end = at + 1
  while (end < text.length && text.charAt(end) !== quote) end += text.charAt(end) === '\\' ? 2 : 1
  return end + 1 - at
}

function templatePart(text: string, at: number): number {
  let end = at
  while (end < text.length && text.charAt(end) !== '`' && !text.startsWith('${', end)) {
    end += text.charAt(end) === '\\' ? 2 : 1
  }
  return end
}

/** Keeps newlines, and the quotes of a string. */
function blank(text: string): string {
  const blanks = text.replaceAll(/[^\n]/g, ' ')
  return /^['"]/.test(text) ? `${text.charAt(0)}${blanks.slice(2)}${text.charAt(0)}` : blanks
}
