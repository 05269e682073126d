// Commands that change the process or start others beside it.
// Source: execline 2.9.3; s6-overlay 3.2, with-contenv.

import { append } from '../../config/model/append.ts'
import { nameOf, readStep, type Step } from './shapes.ts'
import type { Item } from './lexer.ts'
import { type Chain, type Handler, wrap } from './chain.ts'
import { quoteWord } from './shell.ts'
import { isStatic } from './words.ts'

/** Programs that end by themselves when the reader of their output has ended. */
const FINITE =
  's6-echo echo printf cat s6-cat grep egrep fgrep sed awk head cut tr sort uniq wc env printenv ls id date hostname basename dirname base64 true false'.split(
    ' ',
  )

const foreground: Handler = (chain: Chain, step: Step) => {
  const [block] = step.blocks
  if (block === undefined) chain.refuse(step, 'without a block')
  if (block.items.length > 0) append(chain.lines, chain.child(block).lines)
  return undefined
}

/** A shell redirects the standard input of a background command, unless it is set explicitly. */
const background: Handler = (chain: Chain, step: Step) => {
  const isOrphan = chain.options(step, 'd') !== ''
  const [block] = step.blocks
  if (block === undefined || block.items.length === 0) chain.refuse(step, 'without a command')
  const child = chain.child(block)
  const [open, close] = child.kind === 'pipeline' ? ['(', ')'] : ['', '']
  const lines = wrap(`{ ${open}`, child, `${close} <&9 9<&- & } 9<&0`)
  append(chain.lines, isOrphan ? ['(', ...lines.map((line) => `  ${line}`), ')'] : lines)
  return undefined
}

const pipeline: Handler = (chain: Chain, step: Step) => {
  chain.options(step, 'r')
  const [block] = step.blocks
  if (block === undefined || chain.rest.length === 0) chain.refuse(step, 'without both sides')
  if (!chain.isWithin) chain.refuse(step, 'would leave a shell in the place of the program')
  if (!isFinite(block.items))
    chain.refuse(step, 'continues as soon as its right side ends; a shell waits for the left side too')
  const right = chain.child(chain.rest).lines
  append(chain.lines, [...wrap('', chain.child(block), ` | ${right[0] ?? ''}`), ...right.slice(1), 'exit'])
  return 'ends'
}

function isFinite(items: readonly Item[]): boolean {
  const read = readStep(items)
  if (read === undefined) return false
  if (nameOf(read.step.command) === 'pipeline')
    return read.step.blocks.every((block) => isFinite(block.items)) && isFinite(read.after)
  return FINITE.includes(nameOf(read.step.command))
}

const heredoc: Handler = (chain: Chain, step: Step) => {
  chain.options(step, '')
  if (chain.fixed(step.words[0], step) !== '0') chain.refuse(step, 'to another descriptor than 0')
  const text = chain.only(step.words[1], step.command.place)
  if (!chain.isWithin) chain.refuse(step, 'would leave a shell in the place of the program')
  const right = chain.child(chain.rest).lines
  chain.lines.push(`printf %s ${quoteWord(text, chain.references)} | ${right[0] ?? ''}`, ...right.slice(1), 'exit')
  return 'ends'
}

/** A shell creates a missing file for `<>`; redirfd -u does not. */
const SIGNS: Readonly<Record<string, string>> = { r: '<', w: '>', a: '>>', u: '<>' }

const redirfd: Handler = (chain: Chain, step: Step) => {
  const mode = chain.options(step, 'rwau').at(-1) ?? ''
  const fd = descriptor(chain, step, 0)
  const file = chain.only(step.words[1], step.command.place)
  const sign = SIGNS[mode] ?? chain.refuse(step, 'without -r, -w, -a or -u')
  if (mode === 'u') chain.lines.push(`[ -e ${quoteWord(file, chain.references)} ] || exit 111`)
  const usual = fd === { r: '0', u: '0', w: '1', a: '1' }[mode]
  chain.lines.push(`command exec ${usual ? '' : fd}${sign}${quoteWord(file, chain.references)} || exit 111`)
  return undefined
}

/** Shells are only required to support descriptors of one digit. */
function descriptor(chain: Chain, step: Step, index: number): string {
  const fd = chain.fixed(step.words[index], step)
  return /^\d$/.test(fd) ? fd : chain.refuse(step, `with the descriptor ${JSON.stringify(fd)}`)
}

const fdmove: Handler = (chain: Chain, step: Step) => {
  const isCopy = chain.options(step, 'c') !== ''
  const [to, from] = [descriptor(chain, step, 0), descriptor(chain, step, 1)]
  if (to === from) chain.refuse(step, 'of a descriptor to itself')
  const target = to === '1' ? '' : to
  const close = isCopy ? '' : ` ${from}>&-`
  chain.lines.push(`command exec ${target}>&${from}${close} || exit 111`)
  return undefined
}

const fdclose: Handler = (chain: Chain, step: Step) => {
  chain.lines.push(`exec ${descriptor(chain, step, 0)}>&-`)
  return undefined
}

const cd: Handler = (chain: Chain, step: Step) => {
  const path = chain.only(step.words[0], step.command.place)
  const word = quoteWord(path, chain.references)
  if (isStatic(path) && /^\//.test(path)) {
    const isWinding = /(?:^|\/)\.\.(?:\/|$)/.test(path)
    chain.lines.push(`cd ${isWinding ? '-P ' : ''}${word} || exit 111`)
  } else if (isStatic(path))
    chain.lines.push(
      `cd -P ${quoteWord(/^\.\.?(?:\/|$)/.test(path) ? path : `./${path}`, chain.references)} || exit 111`,
    )
  else if (path.startsWith('/')) chain.lines.push(`cd -P ${word} || exit 111`)
  else chain.lines.push(`[ -n ${word} ] && CDPATH= cd -P -- ${word} || exit 111`)
  return undefined
}

const umask: Handler = (chain: Chain, step: Step) => {
  const mask = chain.fixed(step.words[0], step)
  if (!/^[0-7]{1,4}$/.test(mask)) chain.refuse(step, `with ${JSON.stringify(mask)}`)
  chain.lines.push(`umask ${mask}`)
  return undefined
}

/** Each program is started with `exec` anyway. */
const exec: Handler = (chain: Chain, step: Step) => {
  chain.options(step, '')
  return undefined
}

const exit: Handler = (chain: Chain, step: Step) => {
  const [code] = step.words
  const text = code === undefined ? '0' : chain.only(code)
  const references = chain.references.in(text)
  const isNumber = isStatic(text) ? /^\d+$/.test(text) : references.every((one) => one.isNumber)
  if (!isNumber) chain.refuse(step, 'with what may be no number')
  const known = isStatic(text) ? String(Number(text) % 256) : quoteWord(text, chain.references)
  chain.lines.push(`exit ${known}`)
  return 'ends'
}

const wait: Handler = (chain: Chain, step: Step) => {
  chain.options(step, 'Ia')
  const [block] = step.blocks
  if (block === undefined || block.items.length > 0) chain.refuse(step, 'for certain processes')
  chain.lines.push('wait')
  return undefined
}

/** The environment of the container is that of the daemon, which all its services inherit. */
const withContenv: Handler = (chain: Chain, step: Step) => {
  const { contenv } = chain.surroundings
  if (contenv !== undefined) chain.refuse(step, `is needed: ${contenv}`)
  if (chain.isChanged || chain.variables.size > 0)
    chain.refuse(step, 'takes back what was changed in the environment before it')
  return undefined
}

/** By name. */
export const processes: Readonly<Record<string, Handler>> = {
  foreground,
  background,
  pipeline,
  heredoc,
  redirfd,
  fdmove,
  fdclose,
  cd,
  'execline-cd': cd,
  umask,
  'execline-umask': umask,
  exec,
  exit,
  wait,
  'with-contenv': withContenv,
}
