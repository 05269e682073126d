// Splits the text of an instruction into words and signs, with their places in the file. The text is that of a shell, or
// of an instruction whose words are separated by blanks. A continued line is one line; comment lines and empty lines in it
// are left out. Each character is looked at once. Source: BuildKit 0.16, dockerfile/parser; POSIX.1-2017, 2.3 and 2.10.

/** A word, or a sign of the shell. */
export interface Token {
  readonly kind: 'word' | 'sign' | 'redirect'
  /** Offsets in the file. */
  readonly start: number
  readonly end: number
  /** As it is written, without continuations. */
  readonly raw: string
}

/** A part of a file. */
export interface Span {
  readonly start: number
  readonly end: number
}

/** How text is split. */
export interface Lexis {
  /** The character that continues a line at its end. */
  readonly escape: string
  /** Ends of lines separate commands, and `#` begins a comment: in a heredoc, and in a script. */
  readonly isScript?: boolean
  /** Only blanks separate words: `&&` is a word. */
  readonly isPlain?: boolean
}

const SIGNS = /^(?:&&|\|\||;;&?|;&|\|&|[;&|()\n])/
const REDIRECT = /^\d*(?:<<-|<<<|&>>|<<|>>|>\||<&|>&|&>|<>|<|>)/

/** The words and signs of a part of a text. */
export function tokenize(text: string, span: Span, lexis: Lexis): readonly Token[] {
  const tokens: Token[] = []
  let at = span.start
  while (at < span.end) {
    const next = skipBlanks(text, at, span.end, lexis)
    if (next >= span.end) break
    const sign = lexis.isPlain === true ? undefined : signAt(text, next, span.end)
    if (sign !== undefined) {
      tokens.push({ ...sign, start: next, end: next + sign.raw.length })
      at = next + sign.raw.length
      continue
    }
    const end = endOfWord(text, next, span.end, lexis)
    tokens.push({ kind: 'word', start: next, end, raw: join(text.slice(next, end), lexis) })
    at = end
  }
  return tokens
}

/** The text of a part of a file with its continued lines joined, without comment lines. */
export function join(raw: string, { escape, isScript = false }: Lexis): string {
  if (!raw.includes('\n')) return raw
  const lines = raw.split('\n')
  return lines
    .map((line, index) => {
      const isLast = index === lines.length - 1
      if (!isScript && index > 0 && /^[ \t]*#/.test(line)) return ''
      const text = line.replace(/\r$/, '').replace(/[ \t]+$/, isLast ? '$&' : '')
      if (isLast || !text.endsWith(escape)) return isLast || isScript ? `${text}${isLast ? '' : '\n'}` : text
      return text.slice(0, -1)
    })
    .join('')
}

/** The length of a continuation at the offset: the escape character, blanks, the end of the line; 0 when there is none. */
function continuationAt(text: string, at: number, escape: string): number {
  if (text[at] !== escape) return 0
  let end = at + 1
  while (text[end] === ' ' || text[end] === '\t') end += 1
  if (text[end] === '\r') end += 1
  return text[end] === '\n' ? end + 1 - at : 0
}

function skipBlanks(text: string, from: number, end: number, { escape, isScript = false }: Lexis): number {
  let at = from
  let isLineStart = from === 0 || text[from - 1] === '\n'
  while (at < end) {
    const char = text[at] ?? ''
    const continued = continuationAt(text, at, escape)
    if (continued > 0) {
      at += continued
      isLineStart = true
    } else if (char === '#' && (isScript || isLineStart)) {
      while (at < end && text[at] !== '\n') at += 1
    } else if (char === '\n' && isScript) return at
    else if (/\s/.test(char)) {
      isLineStart = char === '\n' || (isLineStart && char !== '\r')
      at += 1
    } else return at
  }
  return at
}

function signAt(text: string, at: number, end: number): Pick<Token, 'kind' | 'raw'> | undefined {
  const ahead = text.slice(at, Math.min(end, at + 12))
  const redirect = REDIRECT.exec(ahead)?.[0]
  if (redirect !== undefined) return { kind: 'redirect', raw: redirect }
  const sign = SIGNS.exec(ahead)?.[0]
  return sign === undefined ? undefined : { kind: 'sign', raw: sign }
}

function endOfWord(text: string, from: number, end: number, lexis: Lexis): number {
  let at = from
  while (at < end) {
    const char = text[at] ?? ''
    const continued = continuationAt(text, at, lexis.escape)
    if (continued > 0) at += continued
    else if (/\s/.test(char)) return at
    else if (lexis.isPlain !== true && /[;&|()<>]/.test(char)) return at
    else at = endOfPiece(text, at, end)
  }
  return Math.min(at, end)
}

/** The end of a quoted part, a substitution, or one character. */
function endOfPiece(text: string, at: number, end: number): number {
  const char = text[at]
  if (char === '\\') return Math.min(at + 2, end)
  if (char === "'") return after(text, "'", at + 1, end)
  if (char === '"') return endOfQuotes(text, at + 1, end)
  if (char === '`') return after(text, '`', at + 1, end)
  if (char === '$' && (text[at + 1] === '(' || text[at + 1] === '{')) return endOfNested(text, at + 1, end)
  return at + 1
}

function after(text: string, wanted: string, from: number, end: number): number {
  const found = text.indexOf(wanted, from)
  return found < 0 || found >= end ? end : found + 1
}

function endOfQuotes(text: string, from: number, end: number): number {
  let at = from
  while (at < end && text[at] !== '"') {
    if (text[at] === '\\') at += 2
    else at = text[at] === '$' && /[({]/.test(text[at + 1] ?? '') ? endOfNested(text, at + 1, end) : at + 1
  }
  return Math.min(at + 1, end)
}

/** The end of `(…)` or `{…}`; quotes in it are passed. */
function endOfNested(text: string, from: number, end: number): number {
  const [open, close] = text[from] === '(' ? ['(', ')'] : ['{', '}']
  let depth = 0
  for (let at = from; at < end; at += 1) {
    const char = text[at]
    if (char === '\\') at += 1
    else if (char === "'") at = after(text, "'", at + 1, end) - 1
    else if (char === open) depth += 1
    else if (char === close) {
      depth -= 1
      if (depth === 0) return at + 1
    }
  }
  return end
}
