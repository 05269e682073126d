// The words that the gate refuses, and the lines that may contain them nevertheless.

/** A file of the checkout. */
export interface TextFile {
  readonly path: string
  readonly text: string
}

/** Refused everywhere. CONTRIBUTING.md, "Language", says what to write instead. */
const WORDS =
  /\b(?:somebody|nobody|(?:is|are) told|what comes of it|all is as\b.*|brains?|doors?|stand-?ins?|go(?:es)? on|went on|ever)\b/gi

/** Refused as a part of a name: `isStandIn`, `brainsBefore`, `DOORS`. */
const PARTS = /(?<=[a-z])(?:Brain|Door|StandIn|Nobody)s?(?![a-z])|\b(?:brain|door|standIn)s?(?=[A-Z])|\bSTAND_?INS?\b/g

/** Where a refused word may be, how its line looks, and why. */
const ALLOWED: readonly (readonly [where: RegExp, line: RegExp, why: string])[] = [
  [/./, /['"`=~/: ]nobody(?:['"`:,.)/ ]|-here|-at-all|$)/, 'the Unix user, or a name that does not exist'],
  [/\.(?:c|ts)$/, /\bNOBODY\b|\bnobody(?:->| [=!]?= | =)|\*nobody/, 'the user id of the Unix user'],
  [
    /^test\/compat\/(?:s6\/commands|supervisor\/superlance)\.test\.ts$/,
    /'goes on'|354 go on/,
    'texts of real programs',
  ],
  [/^CHANGELOG\.md$/, /find new texts|is `\[line continues\]`/, 'old texts beside the new ones'],
  [/^CONTRIBUTING\.md$/, /^- No private words and no riddles/, 'the rule itself'],
  [/^CONTRIBUTING\.md$/, /^\| `[^`]+` \| `[^`]+` \|$/, 'a text before and after the rules'],
]

/** `path:line: word` for each refused word that is not allowed there. */
export function findWords({ path, text }: TextFile): readonly string[] {
  return text.split('\n').flatMap((line, index) => {
    const found = [...line.matchAll(WORDS), ...line.matchAll(PARTS)].map(([word]) => word)
    const isAllowed = ALLOWED.some(([where, looks]) => where.test(path) && looks.test(line))
    return isAllowed ? [] : found.map((word) => `${path}:${index + 1}: ${word}`)
  })
}

/** The reasons of allowances that no line needs. */
export function unusedAllowances(files: readonly TextFile[]): readonly string[] {
  const isUsed = ([where, looks]: (typeof ALLOWED)[number]): boolean =>
    files.some(({ path, text }) => where.test(path) && text.split('\n').some((line) => looks.test(line)))
  return ALLOWED.filter((one) => !isUsed(one)).map(([, , why]) => why)
}
