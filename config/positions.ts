// Where each key and table of a TOML text stands: smol-toml gives values without places. The scanner
// walks the text once, skipping values; it runs only on texts that smol-toml has accepted.

import type { Place } from './diagnostic.ts'

/** Finds the place of a key by its path; array-of-tables elements count as numbers: `['server', 'http', 0, 'listen']`. */
export class Positions {
  readonly #offsets = new Map<string, number>()
  readonly #lines: readonly number[]
  readonly #file: string

  /** Scans a valid TOML text. */
  constructor(text: string, file: string) {
    this.#file = file
    this.#lines = lineStarts(text)
    new Scanner(text, (path, offset) => {
      if (!this.#offsets.has(idOf(path))) this.#offsets.set(idOf(path), offset)
    }).run()
  }

  /** The place of a key or table; of its nearest parent when the text has none of its own. */
  find(path: readonly (string | number)[]): Place {
    for (let length = path.length; length > 0; length -= 1) {
      const offset = this.#offsets.get(idOf(path.slice(0, length)))
      if (offset !== undefined) return this.#placeAt(offset)
    }
    return { file: this.#file, line: 1, column: 1 }
  }

  #placeAt(offset: number): Place {
    let line = this.#lines.findLastIndex((start) => start <= offset)
    if (line < 0) line = 0
    return { file: this.#file, line: line + 1, column: offset - (this.#lines[line] ?? 0) + 1 }
  }
}

type Path = readonly (string | number)[]

function idOf(path: Path): string {
  return JSON.stringify(path)
}

function lineStarts(text: string): number[] {
  const starts = [0]
  for (let index = text.indexOf('\n'); index >= 0; index = text.indexOf('\n', index + 1)) starts.push(index + 1)
  return starts
}

class Scanner {
  readonly #text: string
  readonly #found: (path: Path, offset: number) => void
  readonly #arrays = new Map<string, number>()
  #position = 0
  #table: Path = []

  constructor(text: string, found: (path: Path, offset: number) => void) {
    this.#text = text
    this.#found = found
  }

  run(): void {
    while (this.#position < this.#text.length) {
      const character = this.#text.charAt(this.#position)
      if (/\s/.test(character) || character === '\uFEFF') this.#position += 1
      else if (character === '#') this.#skipLine()
      else if (character === '[') this.#readHeader()
      else this.#readPair(this.#table)
    }
  }

  #readHeader(): void {
    const start = this.#position
    const isArray = this.#text.startsWith('[[', start)
    this.#position += isArray ? 2 : 1
    const keys = this.#readKey()
    const path: (string | number)[] = []
    keys.forEach((key, index) => {
      path.push(key)
      const id = idOf(path)
      const last = index === keys.length - 1
      if (last && isArray) this.#arrays.set(id, (this.#arrays.get(id) ?? -1) + 1)
      const element = this.#arrays.get(id)
      if (element !== undefined) path.push(element)
    })
    this.#table = path
    this.#found(path, start)
    this.#position += isArray ? 2 : 1
  }

  #readPair(base: Path): void {
    const start = this.#position
    const path = [...base]
    for (const key of this.#readKey()) {
      path.push(key)
      this.#found(path, start)
    }
    this.#position += 1
    this.#skipBlanks()
    this.#skipValue(path)
  }

  /** A dotted key; ends before the `=` or `]` behind it. */
  #readKey(): string[] {
    const keys: string[] = []
    for (;;) {
      this.#skipBlanks()
      keys.push(this.#readKeyPart())
      this.#skipBlanks()
      if (this.#text.charAt(this.#position) !== '.') return keys
      this.#position += 1
    }
  }

  #readKeyPart(): string {
    const start = this.#position
    const quote = this.#text.charAt(start)
    if (quote === '"' || quote === "'") {
      this.#skipString()
      const raw = this.#text.slice(start + 1, this.#position - 1)
      return quote === '"' ? unescapeKey(raw) : raw
    }
    while (/[A-Za-z0-9_-]/.test(this.#text.charAt(this.#position))) this.#position += 1
    if (this.#position === start) this.#position += 1
    return this.#text.slice(start, this.#position)
  }

  #skipValue(path: Path): void {
    const character = this.#text.charAt(this.#position)
    if (character === '"' || character === "'") this.#skipString()
    else if (character === '[') this.#skipList(path)
    else if (character === '{') this.#readInlineTable(path)
    else
      while (this.#position < this.#text.length && !/[,\]}#\n]/.test(this.#text.charAt(this.#position)))
        this.#position += 1
  }

  #skipList(path: Path): void {
    this.#position += 1
    for (let index = 0; ;) {
      this.#skipSpace()
      const character = this.#text.charAt(this.#position)
      if (character === ']' || character === '') break
      if (character === ',') {
        this.#position += 1
        index += 1
      } else {
        this.#found([...path, index], this.#position)
        this.#skipValue([...path, index])
      }
    }
    this.#position += 1
  }

  #readInlineTable(path: Path): void {
    this.#position += 1
    for (;;) {
      this.#skipSpace()
      const character = this.#text.charAt(this.#position)
      if (character === '}' || character === '') break
      if (character === ',') this.#position += 1
      else this.#readPair(path)
    }
    this.#position += 1
  }

  #skipString(): void {
    const quote = this.#text.charAt(this.#position)
    const mark = this.#text.startsWith(quote.repeat(3), this.#position) ? quote.repeat(3) : quote
    this.#position += mark.length
    while (this.#position < this.#text.length && !this.#text.startsWith(mark, this.#position)) {
      this.#position += quote === '"' && this.#text.charAt(this.#position) === '\\' ? 2 : 1
    }
    this.#position += mark.length
    while (mark.length === 3 && this.#text.charAt(this.#position) === quote) this.#position += 1
  }

  #skipSpace(): void {
    for (;;) {
      while (/\s/.test(this.#text.charAt(this.#position))) this.#position += 1
      if (this.#text.charAt(this.#position) !== '#') return
      this.#skipLine()
    }
  }

  #skipBlanks(): void {
    while (/[ \t]/.test(this.#text.charAt(this.#position))) this.#position += 1
  }

  #skipLine(): void {
    const newline = this.#text.indexOf('\n', this.#position)
    this.#position = newline < 0 ? this.#text.length : newline
  }
}

function unescapeKey(raw: string): string {
  const short: Readonly<Record<string, string>> = { b: '\b', t: '\t', n: '\n', f: '\f', r: '\r', e: '\x1b' }
  return raw.replaceAll(
    /\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|x([0-9A-Fa-f]{2})|([\s\S]))/g,
    (_, u4, u8, x2, other) => {
      const code = u4 ?? u8 ?? x2
      return code === undefined ? (short[other] ?? other) : String.fromCodePoint(Number.parseInt(code, 16))
    },
  )
}
