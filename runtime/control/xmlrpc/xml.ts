// The part of XML that XML-RPC needs: elements, text, the five entities, character references, CDATA. Comments and
// instructions are skipped. There are no document types, so there are no custom entities, and the depth of elements is
// limited: other input is refused before it costs much.

const DEPTH_LIMIT = 64

/** An element with its content. */
export interface Element {
  readonly name: string
  readonly children: readonly Element[]
  /** All text directly in it. */
  readonly text: string
}

/** The text is no XML, or XML that is not accepted here. */
export class XmlError extends Error {}

interface Open {
  readonly name: string
  readonly children: Element[]
  text: string
}

/** Matches one piece: a comment, an instruction, CDATA, a tag, or text up to the next `<`. */
const PIECE =
  /<!--[^]*?-->|<\?[^]*?\?>|<!\[CDATA\[([^]*?)\]\]>|<(\/?)([A-Za-z_][\w.:-]*)((?:\s+[\w.:-]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>|([^<]+)/y

/** The root element of a document. Throws XmlError. */
export function parseXml(source: string): Element {
  const text = source.startsWith('\ufeff') ? source.slice(1) : source
  const open: Open[] = [{ name: '', children: [], text: '' }]
  PIECE.lastIndex = 0
  while (PIECE.lastIndex < text.length) {
    const piece = PIECE.exec(text)
    if (piece === null) throw new XmlError('malformed')
    take(open, piece)
  }
  const [document] = open
  if (open.length !== 1 || document?.text.trim() !== '') throw new XmlError('malformed')
  const [root] = document.children
  if (root === undefined || document.children.length !== 1) throw new XmlError('no single root')
  return root
}

function take(open: Open[], [, cdata, slash, name, , empty, text]: RegExpExecArray): void {
  const top = open.at(-1)
  if (top === undefined) throw new XmlError('malformed')
  if (cdata !== undefined) top.text += cdata
  else if (text !== undefined) top.text += decode(text)
  else if (name === undefined) return
  else if (slash === '/') close(open, name)
  else if (empty === '/') top.children.push({ name, children: [], text: '' })
  else if (open.length > DEPTH_LIMIT) throw new XmlError('nested too deeply')
  else open.push({ name, children: [], text: '' })
}

function close(open: Open[], name: string): void {
  const closed = open.pop()
  const parent = open.at(-1)
  if (closed?.name !== name || parent === undefined) throw new XmlError('mismatched tag')
  parent.children.push(closed)
}

const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" }

function decode(text: string): string {
  if (!text.includes('&')) return text
  return text.replaceAll(/&(?:#x([0-9a-fA-F]{1,6})|#(\d{1,7})|(\w{1,8}))?;?/g, (whole, hex, decimal, name) => {
    const code = hex === undefined ? Number(decimal ?? Number.NaN) : Number.parseInt(String(hex), 16)
    const found = name === undefined ? character(code) : ENTITIES[String(name)]
    if (found === undefined || !whole.endsWith(';')) throw new XmlError('unknown entity')
    return found
  })
}

function character(code: number): string | undefined {
  return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : undefined
}
