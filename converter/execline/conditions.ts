// Commands with conditions. When a tested program is killed by a signal, execline ends with 128 + the signal, where a
// shell would continue as for `false`. So, unless the test is a shell builtin, these statuses are checked. Source:
// execline 2.9.3, if.c, ifelse.c, ifte.c, ifthenelse.c, case.c.

import { append } from '../../config/model/append.ts'
import type { Step } from './shapes.ts'
import type { Block } from './lexer.ts'
import { type Chain, type Child, type Handler, wrap } from './chain.ts'
import { indent, quoteWord } from './shell.ts'
import { Untranslatable } from './words.ts'

/** Exit codes of a shell for death by the signals 1 to 64. */
const KILLED = '129 | 1[3-8]? | 19[0-2]'

/** The parts of a condition. */
interface Decision {
  readonly condition: Child
  readonly isNegated: boolean
  /** -X: death by a signal counts as a failed test. */
  readonly isTolerant: boolean
  readonly then: readonly string[]
  readonly otherwise: readonly string[]
}

function decide({ condition, isNegated, isTolerant, then, otherwise }: Decision): readonly string[] {
  if (condition.isSafe || isTolerant) {
    const head = wrap(isNegated ? 'if ! ' : 'if ', condition, '; then')
    return [...head, ...then, ...(otherwise.length === 0 ? [] : ['else', ...otherwise]), 'fi']
  }
  const [yes, no] = isNegated ? [otherwise, then] : [then, otherwise]
  return [
    ...condition.lines,
    'case $? in',
    ...(yes.length === 0 ? ['0) ;;'] : ['0)', ...yes, '  ;;']),
    `${KILLED}) exit $? ;;`,
    ...(no.length === 0 ? [] : ['*)', ...no, '  ;;']),
    'esac',
  ]
}

function blockOf(chain: Chain, { blocks, command }: Step, index: number): Block {
  const block = blocks[index]
  if (block === undefined) throw new Untranslatable('a block is missing', command.place)
  if (index === 0) chain.only(command)
  return block
}

const writeIf: Handler = (chain: Chain, step: Step) => {
  const options = chain.options(step, 'nXtx')
  const condition = chain.child(blockOf(chain, step, 0))
  const isFixed = options.includes('n') || options.includes('t') || step.values.has('x')
  if (!isFixed) {
    append(chain.lines, wrap('', condition, ' || exit'))
    return undefined
  }
  const code = exitCode(chain, step)
  const then = [`  exit ${code}`]
  const isTolerant = options.includes('X')
  if (!options.includes('n') && (condition.isSafe || isTolerant))
    append(chain.lines, wrap('', condition, ` || exit ${code}`))
  else append(chain.lines, decide({ condition, isNegated: !options.includes('n'), isTolerant, then, otherwise: [] }))
  return undefined
}

/** -t means -x 0; both together are refused. */
function exitCode(chain: Chain, step: Step): number {
  const value = step.values.get('x')
  if (value === undefined) return step.options.includes('t') ? 0 : 1
  if (step.options.includes('t') || !/^\d+$/.test(value) || Number(value) > 255) chain.refuse(step, `with -x ${value}`)
  return Number(value)
}

const ifelse: Handler = (chain: Chain, step: Step) => {
  const options = chain.options(step, 'nX')
  const condition = chain.child(blockOf(chain, step, 0))
  const then = chain.branch(blockOf(chain, step, 1))
  const flags = { isNegated: options.includes('n'), isTolerant: options.includes('X') }
  append(chain.lines, decide({ condition, ...flags, then, otherwise: [] }))
  return undefined
}

const ifte: Handler = (chain: Chain, step: Step) => {
  const options = chain.options(step, 'nX')
  const [then, otherwise] = [0, 1].map((index) => chain.branch(blockOf(chain, step, index)))
  if (chain.rest.length === 0) chain.refuse(step, 'without a condition')
  const condition = chain.child(chain.rest)
  const flags = { isNegated: options.includes('n'), isTolerant: options.includes('X') }
  append(chain.lines, decide({ condition, ...flags, then: then ?? [], otherwise: otherwise ?? [] }))
  return 'ends'
}

const ifthenelse: Handler = (chain: Chain, step: Step) => {
  const isTolerant = chain.options(step, 'X') !== ''
  const condition = chain.child(blockOf(chain, step, 0))
  const [then = [], otherwise = []] = [1, 2].map((index) => {
    const block = blockOf(chain, step, index)
    return block.items.length === 0 ? [] : indent(chain.child(block).lines)
  })
  const filled = then.length === 0 ? ['  :'] : then
  append(chain.lines, decide({ condition, isNegated: false, isTolerant, then: filled, otherwise }))
  return undefined
}

/** Regular expressions that are plain text, and with -s the patterns that a shell knows too. */
const choose: Handler = (chain: Chain, step: Step) => {
  const options = chain.options(step, 'sSeEn')
  const isShell = /s[^S]*$/.test(options)
  const value = chain.only(step.words[0], step.command.place)
  if (!isShell && value.includes('\n')) chain.refuse(step, 'looks at each line of a text by itself')
  const branches: string[] = []
  const items = blockOf(chain, step, 0).items
  for (let index = 0; index < items.length; index += 2) {
    const [pattern, block] = [items[index], items[index + 1]]
    if (pattern === undefined || 'items' in pattern || block === undefined || !('items' in block))
      chain.refuse(step, 'without a block for each pattern')
    const text = chain.fixed(pattern, step)
    branches.push(`${patternOf(chain, step, text, isShell)})`, ...chain.branch(block), '  ;;')
  }
  chain.lines.push(`case ${quoteWord(value, chain.references)} in`, ...branches, 'esac')
  return undefined
}

function patternOf(chain: Chain, step: Step, text: string, isShell: boolean): string {
  if (isShell && /^[\w*?,:./@%+-]+$/.test(text)) return text
  const alternatives = isShell ? [text] : text.replace(/^\(([^()]*)\)$/, '$1').split('|')
  const isPlain = alternatives.every((one) => /^(?:[\w ,:/@%-]|\\\.|\.\*)*$/.test(one))
  const isOne = alternatives.length === 1 || /^\(.*\)$/.test(text)
  if (isShell || !isPlain || !isOne) chain.refuse(step, `with the expression ${JSON.stringify(text)}`)
  return alternatives
    .map((one) =>
      one
        .split('.*')
        .map((part) => (part === '' ? '' : quoteWord(part.replaceAll('\\.', '.'), chain.references)))
        .join('*'),
    )
    .map((one) => (one === '' ? "''" : one))
    .join(' | ')
}

/** By name. */
export const conditions: Readonly<Record<string, Handler>> = { if: writeIf, ifelse, ifte, ifthenelse, case: choose }
