// The program at the end of a chain: skarnet's small tools are replaced by shell builtins or POSIX tools; all other
// programs are run as they are.

import { isCommand, nameOf, readStep, type Step } from './shapes.ts'
import type { Item, Word } from './lexer.ts'
import type { Chain, Manner, Programs } from './chain.ts'
import { quoteWord } from './shell.ts'
import { isStatic } from './words.ts'

/** Shell builtins, which replace the programs of these names. */
const SHELL_COMMANDS =
  ': . [ alias bg break cd chdir command continue echo eval exec exit export false fc fg getopts hash help history jobs kill let local printf pwd read readonly return set shift source test time times trap true type typeset ulimit umask unalias unset wait declare builtin caller compgen complete dirs disown enable logout mapfile popd pushd readarray shopt suspend'.split(
    ' ',
  )
/** Test operators that the shell has too. */
const OPERATORS = '! -n -z = != -eq -ne -gt -ge -lt -le -f -h -L -e -d -p -r -s -w -x -b -c -S -u -g -k'.split(' ')
const TESTS = ['test', 's6-test', 'eltest']
/** Commands before a program that are programs themselves and are kept. */
const KEPT_PREFIXES = [
  's6-setuidgid',
  's6-applyuidgid',
  's6-envuidgid',
  's6-envdir',
  's6-softlimit',
  's6-setlock',
  's6-notifyoncheck',
]

/** Other programs that run the command line after them. */
const WRAPPERS =
  'chpst chroot chrt env gosu ionice nice nohup nsenter setpriv setsid s6-setsid stdbuf strace su-exec taskset timeout unshare'.split(
    ' ',
  )

/** Whether the chain is a single program that the shell does not replace. */
export function isProgram(items: readonly Item[]): boolean {
  const read = readStep(items)
  if (read === undefined || read.step.isKnown) return false
  return !['s6-echo', 's6-cat', 's6-sleep', 's6-true', 's6-false', ...TESTS].includes(nameOf(read.step.command))
}

function write(chain: Chain, step: Step, after: readonly Item[], manner: Manner): readonly string[] {
  const builtin = writeBuiltin(chain, step)
  if (builtin !== undefined && manner === 'run') return [builtin]
  if (builtin !== undefined) return [builtin, 'exit']
  const words = wordsOf(chain, step, after)
  const line = words.map((word, index) => quoteWord(word.text, chain.references, index === 0)).join(' ')
  if (manner === 'exec') return [`exec ${line}`]
  const isTaken = SHELL_COMMANDS.includes(words[0]?.text ?? '') && !isSame(step)
  return [isTaken ? `env ${line}` : line]
}

function writeAlone(line: string): { readonly lines: readonly string[]; readonly isSafe: boolean } | undefined {
  if (/^(?:echo|printf|test|true|false|:)(?: |$)/.test(line)) return { lines: [line], isSafe: true }
  const [, program] = /^exec (\S+)/.exec(line) ?? []
  if (program === undefined || SHELL_COMMANDS.includes(program)) return undefined
  return { lines: [line.slice('exec '.length)], isSafe: false }
}

function isBuiltin(step: Step): boolean {
  const name = nameOf(step.command)
  const names = ['s6-echo', ...TESTS, '[', 'true', 'false', 's6-true', 's6-false', 'exit']
  return names.includes(name) && (isBare(step) || name.startsWith('s6-'))
}

/** Whether the shell builtin does the same as the program. */
function isSame({ command }: Step): boolean {
  return ['true', 'false', 'printf', 'pwd', 'kill'].includes(command.text)
}

function isBare({ command: { text } }: Step): boolean {
  return !text.includes('/') || text.startsWith('/command/')
}

/** All words of the program, including those of a command before it that is a program too. */
function wordsOf(chain: Chain, step: Step, after: readonly Item[]): readonly Word[] {
  const items: readonly Item[] = [step.command, ...step.all]
  const block = items.find((item) => 'items' in item)
  if (step.isKnown && !KEPT_PREFIXES.includes(nameOf(step.command))) chain.refuse(step, 'has no counterpart in a shell')
  const next = step.isKnown ? readStep(after) : undefined
  if (block !== undefined || (next?.step.isKnown === true && !KEPT_PREFIXES.includes(nameOf(next.step.command))))
    chain.refuse(step, 'runs more of execline, and there is no counterpart in a shell')
  chain.only(step.command)
  checkWrapped(chain, step)
  const words = items.filter((item): item is Word => !('items' in item))
  for (const word of words) chain.checkList(word)
  const renamed: Readonly<Record<string, string>> = { 's6-cat': 'cat', 's6-sleep': 'sleep' }
  const name = renamed[nameOf(step.command)]
  if (name === undefined) return words
  return [{ ...step.command, text: name }, ...(name === 'cat' ? [] : sleepWords(chain, step))]
}

/** What such a program runs must not be an execline command: without execline that program does not exist. */
function checkWrapped(chain: Chain, step: Step): void {
  if (!WRAPPERS.includes(step.command.text.replace(/^.*\//, ''))) return
  const words = step.words.filter(({ text }) => !/^-|^\d|=/.test(text))
  const found = words.slice(0, 3).find((word) => isCommand(word) && !KEPT_PREFIXES.includes(nameOf(word)))
  if (found !== undefined) chain.refuse(step, `runs ${found.text} of execline, and there is no counterpart in a shell`)
}

function sleepWords(chain: Chain, step: Step): readonly Word[] {
  const [time, ...more] = step.words
  if (time === undefined || more.length > 0 || !/^\d+$/.test(time.text)) chain.refuse(step, 'with options')
  return [time]
}

function writeBuiltin(chain: Chain, step: Step): string | undefined {
  const name = nameOf(step.command)
  if (name === 's6-echo') return writeEcho(chain, step)
  if (name === 's6-true' || name === 's6-false') return name.slice('s6-'.length)
  if (!isBare(step)) return undefined
  if (TESTS.includes(name) || name === '[') return writeTest(chain, step, name)
  return name === 'true' || name === 'false' ? name : undefined
}

/** Source: s6-portable-utils 2.3, s6-echo. */
function writeEcho(chain: Chain, step: Step): string {
  const words = step.words[0]?.text === '--' ? step.words.slice(1) : step.words
  if (step.all.length > step.words.length) chain.refuse(step, 'with a block')
  const isOption = /^-./.test(step.words[0]?.text ?? '') && step.words[0]?.text !== '--'
  const [option, ...behind] = words
  const hasNoEnd = isOption && option?.text === '-n'
  if (isOption && !hasNoEnd) chain.refuse(step, 'with options')
  const line = (hasNoEnd ? behind : words).map((word) => chain.only(word)).join(' ')
  return echo(chain, line, !hasNoEnd)
}

/** The text that s6-echo or echo prints in a block, when the block does nothing else than to print a line. */
export function printedLine(chain: Chain, step: Step): string | undefined {
  const name = nameOf(step.command)
  const isPlain = name === 's6-echo' || (name === 'echo' && step.words.every(({ text }) => isHarmless(text)))
  if (!isPlain || step.all.length > step.words.length || /^-/.test(step.words[0]?.text ?? '')) return undefined
  return step.words.map((word) => chain.only(word)).join(' ')
}

function isHarmless(text: string): boolean {
  return isStatic(text) && !text.includes('\\')
}

/** Shells differ in how `echo` handles backslashes and `-n`. */
function echo({ references }: Chain, line: string, hasEnd: boolean): string {
  const word = quoteWord(line, references)
  const isSafe = !/^-|\\/.test(line) && references.in(line).every(({ isNumber }) => isNumber)
  if (!hasEnd) return `printf %s ${word}`
  if (line === '') return 'echo'
  return isSafe ? `echo ${word}` : `printf '%s\\n' ${word}`
}

function writeTest(chain: Chain, step: Step, name: string): string | undefined {
  if (step.all.length > step.words.length) chain.refuse(step, 'with a block')
  const words = name === '[' ? step.words.slice(0, -1) : step.words
  for (const word of words) chain.checkList(word)
  if (name !== 'test' && name !== '[' && words.length > 2) for (const word of words) chain.only(word)
  const isKnown = words.length <= 4 && words.every((word) => isOperand(word, words))
  const isSimple = isKnown && (name === 'test' || name === '[' || hasForm(words.map(({ text }) => text)))
  if (!isSimple && TESTS.indexOf(name) > 0) chain.refuse(step, 'with what the test of a shell does not have')
  if (!isSimple) return undefined
  return ['test', ...words.map(({ text }) => quoteWord(text, chain.references))].join(' ')
}

/** A test that eltest and a shell read alike. Where an operand looks like an operator, eltest fails. */
function hasForm([first = '', ...rest]: readonly string[]): boolean {
  const isOperator = (text: string): boolean => OPERATORS.includes(text)
  if (first === '!') return rest.length > 0 && rest[0] !== '!' && hasForm(rest)
  const [second = '', third] = rest
  if (rest.length < 2) return (rest.length === 1) === isOperator(first) && !isOperator(second)
  return rest.length === 2 && isOperator(second) && ![first, third ?? ''].some(isOperator)
}

/** A known operator, or a word that is no operator. */
function isOperand({ text }: Word, words: readonly Word[]): boolean {
  if (!isStatic(text)) return words.length <= 3
  return OPERATORS.includes(text) || !/^(?:-[A-Za-z]+|[()<>!=\\].*)$/.test(text)
}

/** Programs as a shell runs them. */
export const programs: Programs = { write, writeAlone, isBuiltin }
