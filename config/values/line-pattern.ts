// Checks the regular expressions of a configuration. The engine that runs them needs linear time (docs/decisions/0020);
// the daemon loads it when a service needs it. An expression that is accepted here has the same meaning in JavaScript
// and in that engine.

import { quote, ValueError } from './values.ts'

/** The largest number of parts of an expression, with all its repetitions written out. */
const MOST_PARTS = 1000

/**
 * Matches one piece: a character class, an escape, the beginning of a group with the text after `(?`, the end of a
 * group, a count, a repetition sign, or a character. In a class only the escapes are checked.
 */
const PIECE =
  /\[(?:\\[^]|[^\]\\])*\]|\\(?:x[\dA-Fa-f]{2}|u[\dA-Fa-f]{4}|[^])|\((?:\?(?:<\w+>|<?[^]))?|\)|\{(\d+)(?:,(\d*))?\}|[*+?|^$]|[^]/gu

/** Escapes that both engines know, and escaped ASCII characters that are neither letters nor digits. */
const ESCAPE = /^\\(?:[dDwWsSbBtnrfv]|x..|u....|(?![A-Za-z0-9])[ -~])$/s

/** Gives `text`, if its syntax is known. Throws a ValueError that names the unknown part. */
export function linePattern(text: string): string {
  try {
    new RegExp(text)
  } catch (error) {
    const reason = error instanceof SyntaxError ? error.message.replace(/^.*\/: /s, '') : ''
    throw new ValueError(`${quote(text)} is not a regular expression${reason === '' ? '' : `: ${reason}`}`)
  }
  const pieces = [...text.matchAll(PIECE)]
  for (const [piece] of pieces) checkPiece(piece)
  if (partsOf(pieces) > MOST_PARTS)
    throw new ValueError(
      `the regular expression has more than ${MOST_PARTS} parts when its repetitions are written out`,
    )
  return text
}

function checkPiece(piece: string): void {
  if (/^\(\?<?[=!]/.test(piece))
    throw new ValueError(`regular expressions here cannot look ahead or behind (${quote(piece)})`)
  if (piece.startsWith('(?') && piece !== '(?:' && !/^\(\?<\w+>$/.test(piece))
    throw new ValueError(`regular expressions here do not know the group ${quote(piece)}`)
  if (/^\\[1-9k]/.test(piece))
    throw new ValueError(`regular expressions here cannot refer back to a group (${quote(piece.slice(0, 2))})`)
  if (piece.startsWith('\\')) checkEscape(piece)
  else if (/^\[./s.test(piece)) checkClass(piece)
}

function checkEscape(piece: string): void {
  if (!ESCAPE.test(piece)) throw new ValueError(`regular expressions here do not know the escape ${quote(piece)}`)
}

function checkClass(piece: string): void {
  for (const [escape] of piece.matchAll(/\\(?:x[\dA-Fa-f]{2}|u[\dA-Fa-f]{4}|[^])/gu)) {
    checkEscape(escape)
    if (/^\\b/i.test(escape)) throw new ValueError(`${quote(escape)} cannot be used between [ and ]`)
  }
  if (/-\\[dws]/i.test(piece)) throw new ValueError(`in ${quote(piece)} a range ends with a class; write "-" last`)
  if (piece.includes('[:')) throw new ValueError(`in ${quote(piece)} write "\\[:", or name the characters`)
}

/** The number of parts. Source: re2js 2.10, whose limits for counts and sizes are higher than this one. */
function partsOf(pieces: readonly RegExpExecArray[]): number {
  const open: number[] = []
  let [total, last] = [0, 0]
  for (const [piece, least, most] of pieces) {
    if (piece.startsWith('(')) {
      open.push(total)
      last = 0
      total = 0
    } else if (piece === ')') {
      last = total + 1
      total = (open.pop() ?? 0) + last
    } else if (least !== undefined) {
      total += last * (Math.max(Number(least), Number(most ?? 0), 1) - 1)
    } else if (!/^[*+?|]$/.test(piece)) {
      last = 1
      total += 1
    }
  }
  return total
}
