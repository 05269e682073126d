// Scans a TOML text for the places of its keys and tables. It checks nothing: smol-toml decides what is valid, and of
// an invalid text only the part before the error is used. The text is scanned once, from the beginning to the end.

/** The path of a key; elements of arrays count as numbers: `['server', 'http', 0, 'listen']`. */
export type Path = readonly (string | number)[]

/** A header or a pair at the top level of the text. */
export interface Statement {
  readonly kind: 'table' | 'pair'
  /** Offset of the first character. */
  readonly start: number
  /** Offset after the last character. */
  readonly end: number
  readonly path: Path
}

/** A node in the tree of keys. There is a node for each key, table and array element. */
export class Node {
  /** Offset of the key or table in the text; for a table without a header of its own, the offset of its first key. */
  offset: number
  hasHeader = false
  readonly children = new Map<string | number, Node>()
  /** Number of the newest `[[table]]` of this name; -1 when it is no array of tables. */
  element = -1

  constructor(offset: number) {
    this.offset = offset
  }

  /** The child with that name; it is created when it does not exist. */
  child(name: string | number, offset: number): Node {
    const known = this.children.get(name)
    if (known !== undefined) return known
    const node = new Node(offset)
    this.children.set(name, node)
    return node
  }
}

/** Scans the text: `root` gets a node for each key, `statements` gives the headers and pairs in order. */
export class Scanner {
  readonly root = new Node(-1)
  readonly #text: string
  #position = 0
  #table: Node = this.root
  #tablePath: Path = []

  constructor(text: string) {
    this.#text = text
  }

  /** The headers and pairs of the text, in order. */
  *statements(): Generator<Statement> {
    while (this.#position < this.#text.length) {
      const character = this.#text.charAt(this.#position)
      if (/\s/.test(character) || character === '\uFEFF') this.#position += 1
      else if (character === '#') this.#skipLine()
      else if (character === '[') yield this.#readHeader()
      else {
        const start = this.#position
        const keys = this.#readPair(this.#table)
        yield { kind: 'pair', start, end: this.#position, path: [...this.#tablePath, ...keys] }
      }
    }
  }

  #readHeader(): Statement {
    const start = this.#position
    const isArray = this.#text.startsWith('[[', start)
    this.#position += isArray ? 2 : 1
    const keys = this.#readKey()
    const path: (string | number)[] = []
    let node = this.root
    keys.forEach((key, index) => {
      node = node.child(key, start)
      path.push(key)
      if (isArray && index === keys.length - 1) node.element += 1
      if (node.element < 0) return
      path.push(node.element)
      node = node.child(node.element, start)
    })
    if (!node.hasHeader) node.offset = start
    node.hasHeader = true
    this.#table = node
    this.#tablePath = path
    this.#position += isArray ? 2 : 1
    return { kind: 'table', start, end: this.#position, path }
  }

  /** Gives the parts of the key. */
  #readPair(table: Node): readonly string[] {
    const start = this.#position
    const keys = this.#readKey()
    const node = keys.reduce((inner, key) => inner.child(key, start), table)
    this.#position += 1
    this.#skipBlanks()
    this.#skipValue(node)
    return keys
  }

  /** A dotted key; it ends before the `=` or `]` after it. */
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

  #skipValue(node: Node): void {
    const character = this.#text.charAt(this.#position)
    if (character === '"' || character === "'") this.#skipString()
    else if (character === '[') this.#skipList(node)
    else if (character === '{') this.#readInlineTable(node)
    else
      while (this.#position < this.#text.length && !/[,\]}#\n]/.test(this.#text.charAt(this.#position)))
        this.#position += 1
  }

  #skipList(node: Node): void {
    this.#position += 1
    for (let index = 0; ;) {
      this.#skipSpace()
      const character = this.#text.charAt(this.#position)
      if (character === ']' || character === '') break
      if (character === ',') {
        this.#position += 1
        index += 1
      } else this.#skipValue(node.child(index, this.#position))
    }
    this.#position += 1
  }

  #readInlineTable(node: Node): void {
    this.#position += 1
    for (;;) {
      this.#skipSpace()
      const character = this.#text.charAt(this.#position)
      if (character === '}' || character === '') break
      if (character === ',') this.#position += 1
      else this.#readPair(node)
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
    (_, u4?: string, u8?: string, x2?: string, other: string = '') => {
      const code = u4 ?? u8 ?? x2
      return code === undefined ? (short[other] ?? other) : String.fromCodePoint(Number.parseInt(code, 16))
    },
  )
}
