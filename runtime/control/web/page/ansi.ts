// Colours of terminals: the text of a line with its SGR sequences becomes pieces with classes. Other sequences are left out.
// Source: ECMA-48, 8.3.117.

/** A piece of a line, and the classes that show how it looks. */
export interface Piece {
  readonly text: string
  readonly classes: string
}

const SEQUENCE = /\u001b(?:\[([\d;]*)([@-~])|\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[@-Z\\^_])/g

const STYLES: Readonly<Record<number, string>> = { 1: 'a1', 2: 'a2', 3: 'a3', 4: 'a4' }

/** Cuts a line into pieces. */
export function piecesOf(line: string): readonly Piece[] {
  const pieces: Piece[] = []
  let classes: readonly string[] = []
  let begin = 0
  const add = (end: number): void => {
    if (end > begin) pieces.push({ text: line.slice(begin, end), classes: classes.join(' ') })
  }
  for (const match of line.matchAll(SEQUENCE)) {
    add(match.index)
    begin = match.index + match[0].length
    if (match[2] === 'm') classes = after(classes, (match[1] ?? '').split(';').map(Number))
  }
  add(line.length)
  return pieces
}

function after(before: readonly string[], codes: readonly number[]): readonly string[] {
  let classes = before
  for (let index = 0; index < codes.length; index += 1) {
    const code = codes[index] ?? 0
    const without = (kind: string): readonly string[] => classes.filter((one) => !one.startsWith(kind))
    if (code === 0) classes = []
    else if (code in STYLES) classes = [...classes, STYLES[code] ?? '']
    else if (code >= 30 && code <= 37) classes = [...without('f'), `f${code - 30}`]
    else if (code >= 90 && code <= 97) classes = [...without('f'), `f${code - 90}`]
    else if (code >= 40 && code <= 47) classes = [...without('b'), `b${code - 40}`]
    else if (code >= 100 && code <= 107) classes = [...without('b'), `b${code - 100}`]
    else if (code === 39) classes = without('f')
    else if (code === 49) classes = without('b')
    else if (code === 22) classes = classes.filter((one) => one !== 'a1' && one !== 'a2')
    // other colours have parameters of their own, which are no codes
    else if (code === 38 || code === 48) index += codes[index + 1] === 5 ? 2 : 4
  }
  return classes
}
