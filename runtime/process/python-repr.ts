// Writes texts as Python's repr() does. supervisord's messages quote names and commands that way, and scripts match
// those messages.

/** `x` → `'x'`; a text with a single quote and no double quote gets double quotes. Source: CPython 3.11, repr(str). */
export function pythonRepr(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'"
  let result = ''
  for (const char of text) result += escaped(char, quote)
  return quote + result + quote
}

const NAMED: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\\': '\\\\' }

function escaped(char: string, quote: string): string {
  if (char === quote) return `\\${char}`
  const code = char.codePointAt(0) ?? 0
  const control = code < 0x20 || (code >= 0x7f && code < 0xa1)
  return NAMED[char] ?? (control ? `\\x${code.toString(16).padStart(2, '0')}` : char)
}

/** As `b'…'`. Source: CPython 3.11, repr(bytes). */
export function pythonBytesRepr(bytes: Buffer): string {
  const quote = bytes.includes("'") && !bytes.includes('"') ? '"' : "'"
  let result = ''
  for (const byte of bytes) {
    const char = String.fromCharCode(byte)
    result += byte < 0x7f ? escaped(char, quote) : `\\x${byte.toString(16)}`
  }
  return `b${quote}${result}${quote}`
}
