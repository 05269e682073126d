// Takes commands and words out of an instruction RUN so that the rest means what it meant: with the sign that joins a
// command, a whole pipeline at once, and the whole instruction when nothing is left that does something.

import { posix } from 'node:path'
import type { Edit } from './edits.ts'
import type { Build, Command, Step, Word } from './instructions.ts'
import { installingOf, programWords } from './programs.ts'
import type { Span, Token } from './words.ts'

/** What is taken out of an instruction: commands, or words of a command. */
export interface Removed {
  readonly command: Command
  readonly words?: readonly Word[] | undefined
}

/** Commands that do nothing when no other command is left. */
const IDLE = /^(?:set|cd|export|local|echo|exit|true|:|test|\[|uname|sync|pwd|umask)$/
/** What prepares or cleans up the installation of packages. */
const CARE =
  /^(?:apt-get|apt) (?:-\S+ )*(?:update|clean|autoclean|autoremove)\b|^rm -\w+ \/var\/(?:lib\/apt\/lists|cache\/(?:apk|apt|yum|dnf))\S*(?: \/var\/\S+| \/tmp\/\S*| \/var\/tmp\/\S*)*$|^apk (?:--\S+ )*(?:update|cache clean)$|^(?:yum|dnf|microdnf) (?:-\S+ )*(?:clean|makecache)\b/
const CLEANING = /^rm |^apt(?:-get)? clean/

/** The edits that take parts out of an instruction RUN. `isLast` says that no later instruction needs the package lists. */
export function removeFrom(build: Build, step: Step, removed: readonly Removed[], isLast: boolean): readonly Edit[] {
  const whole = new Set(removed.filter(({ words }) => words === undefined).map(({ command }) => command))
  const units = unitsOf(step.commands)
  const gone = new Set(
    units.filter(
      (unit) => unit.some((one) => whole.has(one)) && unit.every((one) => whole.has(one) || isPlain(one, whole)),
    ),
  )
  const left = units.filter((unit) => !gone.has(unit)).flat()
  const mayClean = isLast || cleans(left)
  const isCareless = mayClean && !left.some((one) => installingOf(one) !== undefined && !whole.has(one))
  const care = isCareless
    ? units.filter((unit) => unit.length === 1 && unit.every((one) => one.depth === 0 && isCare(one)))
    : []
  const words = removed.flatMap(({ command, words: some }) => (whole.has(command) ? [] : (some ?? [])))
  if (words.length === 0 && left.every((one) => isIdle(one, whole) || (mayClean && isCare(one))))
    return [removeStep(build, step)]
  return [
    ...[...gone, ...care].map((unit) => removeUnit(step, unit)),
    ...left.filter((one) => whole.has(one)).map(({ start, end }) => ({ start, end, text: ':' })),
    ...words.map((word) => removeWord(step, word)),
  ]
}

/** The edit that removes an instruction with its lines. */
export function removeStep({ text }: Build, step: Span): Edit {
  const start = text.lastIndexOf('\n', step.start - 1) + 1
  const end = text.indexOf('\n', step.end)
  return { start, end: end < 0 ? text.length : end + 1, text: '' }
}

/** Commands that are joined by `|` or `||`, in order. */
function unitsOf(commands: readonly Command[]): readonly (readonly Command[])[] {
  const units: Command[][] = []
  for (const command of commands) {
    const unit = units.at(-1)
    const isJoined = command.joint !== undefined && /^\|/.test(command.joint.raw) && unit?.[0]?.depth === command.depth
    if (isJoined) unit?.push(command)
    else units.push([command])
  }
  return units
}

/** A command that only reads what a removed one writes, or stands in for it. */
function isPlain(command: Command, whole: ReadonlySet<Command>): boolean {
  const [program] = programWords(command.words)
  const name = posix.basename(program?.text ?? '')
  return (
    isIdle(command, whole) ||
    /^(?:tar|bsdtar|gunzip|unxz|xz|(?:sha\d+|md5)sum|grep|sh|bash|gpg|base64|cut|awk)$/.test(name)
  )
}

function isIdle(command: Command, whole: ReadonlySet<Command>): boolean {
  if (whole.has(command) || command.isHead) return true
  const [program] = programWords(command.words)
  return program === undefined || IDLE.test(program.text)
}

function isCare({ words }: Command): boolean {
  return CARE.test(words.map(({ text }) => text).join(' '))
}

function cleans(commands: readonly Command[]): boolean {
  const isNeeded = ({ words }: Command): boolean => /^(?:apt|apt-get)$/.test(words[0]?.text ?? '')
  return (
    !commands.some(isNeeded) || commands.some(({ words }) => CLEANING.test(words.map(({ text }) => text).join(' ')))
  )
}

/** Inside `if` and the like a command cannot just vanish: `:` does nothing. */
function removeUnit(step: Step, unit: readonly Command[]): Edit {
  const [first, last] = [unit[0], unit.at(-1)]
  if (first === undefined || last === undefined) return { start: step.end, end: step.end, text: '' }
  const isJoined = (sign: Token | undefined): boolean => sign === undefined || /^(?:&&|;|\n)$/.test(sign.raw)
  const ends = { start: first.start, end: last.end }
  if (first.depth > 0 || !isJoined(first.joint) || !isJoined(last.next)) return { ...ends, text: ':' }
  let at = last.next === undefined ? step.tokens.length : indexOf(step.tokens, last.next.start) + 1
  while (step.tokens[at]?.raw === '\n') at += 1
  const following = step.tokens[at]
  if (following !== undefined) return { ...ends, end: following.start, text: '' }
  const before = first.joint === undefined ? undefined : step.tokens[indexOf(step.tokens, first.joint.start) - 1]
  if (before === undefined) return { ...ends, text: ':' }
  return {
    start: before.end,
    end: last.next !== undefined && last.next.raw === ';' ? last.next.end : last.end,
    text: '',
  }
}

/** Removes a word with the blanks, and with the end of the line, before it. */
function removeWord({ tokens }: Step, word: Word): Edit {
  const before = tokens[indexOf(tokens, word.start) - 1]
  return { start: before?.end ?? word.start, end: word.end, text: '' }
}

/** The index of the token that begins at an offset; tokens are in order. */
function indexOf(tokens: readonly Token[], start: number): number {
  let [low, high] = [0, tokens.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((tokens[middle]?.start ?? Infinity) < start) low = middle + 1
    else high = middle
  }
  return low
}
