// Commands that put values into words and into the environment. A value that execline inserts into words becomes
// `$NAME` in the shell, or a copy of it when the variable is changed before the value is used. Source: execline 2.9.3,
// exlsn_importas.c, exlsn_define.c, backtick.c, el_transform.c.

import { append } from '../../config/model/append.ts'
import { nameOf, type Read, readStep, type Step } from './shapes.ts'
import type { Block } from './lexer.ts'
import { Chain, type Handler } from './chain.ts'
import { printedLine } from './programs.ts'
import { around, indent, isPlainFallback, quoteFallback, quoteValue } from './shell.ts'
import { isStatic, type Reference, textsOf } from './words.ts'

/** Source: execline 2.9.3, ELTRANSFORMINFO_ZERO. */
const DELIMITERS = ' \n\r\t'

/** Prevents that words of a split value are used as file name patterns. */
const NO_PATTERNS = 'set -f'

/** A name and its values. */
type Definition = readonly [string, readonly string[]]

const define: Handler = (chain: Chain, step: Step) => {
  chain.substitute(new Map([readDefine(chain, step)]))
  return undefined
}

function readDefine(chain: Chain, step: Step): Definition {
  chain.options(step, 'NnsCcd')
  const key = chain.fixed(step.words[0], step)
  const value = chain.only(step.words[1], step.command.place)
  const isChanged = /[nsC]/.test(step.options)
  if (isChanged && !isStatic(value)) chain.refuse(step, 'splits or trims a value that is known only when it runs')
  return [key, isChanged ? transform(chain, step, value) : [value]]
}

/** Source: execline 2.9.3, el_transform. */
function transform(chain: Chain, step: Step, text: string): readonly string[] {
  const delimiters = step.values.get('d') ?? DELIMITERS
  if (delimiters === '') chain.refuse(step, 'reads netstrings')
  const isOn = (on: string, off: string): boolean =>
    step.options.lastIndexOf(on) > step.options.lastIndexOf(off) && step.options.includes(on)
  const isDelimiter = (character: string): boolean => delimiters.includes(character)
  const characters = [...text]
  const crunched = isOn('C', 'c')
    ? characters.filter((one, index) => !(isDelimiter(one) && isDelimiter(characters[index - 1] ?? 'x')))
    : characters
  const last = crunched.at(-1)
  const isChomped = isOn('n', 'N') && last !== undefined && isDelimiter(last)
  const left = isChomped ? crunched.slice(0, -1) : crunched
  if (!step.options.includes('s')) return [left.join('')]
  const words: string[] = ['']
  for (const one of left) {
    if (isDelimiter(one)) words.push('')
    else words[words.length - 1] += one
  }
  const rest = words.pop() ?? ''
  const isDropped = rest === '' || (isOn('n', 'N') && !isChomped)
  return isDropped ? words : [...words, rest]
}

const importas: Handler = (chain: Chain, step: Step) => {
  const { definition, unset } = readImportas(chain, step)
  chain.substitute(new Map([definition]))
  if (unset !== undefined) unsetVariable(chain, unset, step)
  return undefined
}

function readImportas(
  chain: Chain,
  step: Step,
): { readonly definition: Definition; readonly unset: string | undefined } {
  const { isSplit } = checkSplit(chain, step)
  const key = chain.fixed(step.words[0], step)
  const variable = chain.variable(step.words[step.options.includes('S') ? 0 : 1], step)
  const isNeeded = step.options.includes('i')
  const unset = step.options.includes('u') ? variable : undefined
  const known = chain.variables.get(variable)
  if (isNeeded && known === 'unset') chain.refuse(step, `-i of ${variable}, which is not set any more`)
  if (isNeeded && known === undefined) {
    chain.lines.push(`[ "\${${variable}+set}" ] || { echo "importas: fatal: ${variable} not set" >&2; exit 100; }`)
    chain.variables.set(variable, 'set')
  }
  const fallback = chain.fallback(step)
  if (known === 'unset') {
    const words = fallback === undefined ? [] : isSplit ? transform(chain, step, fallback) : [fallback]
    return { definition: [key, words], unset: undefined }
  }
  const isSet = isNeeded || known === 'set'
  const mayBeGone = !isSet && fallback === undefined && !isSplit
  const plain = { name: variable, isLive: true, mayBeGone, isNumber: false, isSplit }
  if (isSet || fallback === undefined) return { definition: [key, [chain.references.add(plain)]], unset }
  return { definition: [key, [defaulted(chain, key, plain, fallback)]], unset }
}

/**
 * -s makes a word of each part between blanks, as a shell does without quotes; with -C several blanks count as one, as
 * in the shell.
 */
function checkSplit(chain: Chain, step: Step): { readonly isSplit: boolean } {
  chain.options(step, 'SiuDNncCsd')
  const isSplit = step.options.includes('s')
  if (step.options.includes('n')) chain.refuse(step, 'trims a value that is known only when it runs')
  if (!isSplit && step.options.includes('C')) chain.refuse(step, 'changes a value that is known only when it runs')
  if (isSplit && (!/C[^c]*$/.test(step.options) || step.values.has('d')))
    chain.refuse(step, 'splits a value in another way than a shell does')
  if (isSplit && !chain.lines.includes(NO_PATTERNS)) chain.lines.push(NO_PATTERNS)
  return { isSplit }
}

/** A default that is used once is written where it is used. */
function defaulted(chain: Chain, key: string, variable: Reference, fallback: string): string {
  const uses = textsOf(chain.rest).join(' ').split(key).length - 1
  if (uses <= 1 && isPlainFallback(fallback, chain.references)) return chain.references.add({ ...variable, fallback })
  const name = chain.references.nameCopy(variable.name)
  chain.lines.push(`${name}=\${${variable.name}-${quoteFallback(fallback, chain.references)}}`)
  return chain.references.add({ ...variable, name, isLive: false })
}

/** Removes a variable from the environment; values that the rest uses are copied before. */
export function unsetVariable(chain: Chain, variable: string, { command }: Pick<Step, 'command'>): void {
  if (chain.variables.get(variable) === 'unset') return
  const before = chain.lines.length
  chain.keep(variable, command.place)
  chain.lines.push([...chain.lines.splice(before), `unset ${variable}`].join('; '))
  chain.variables.set(variable, 'unset')
}

/** All values are those before the command. */
const multisubstitute: Handler = (chain: Chain, step: Step) => {
  const [block] = step.blocks
  if (block === undefined || block.items.length === 0) chain.refuse(step, 'without a value')
  const values = new Map<string, readonly string[]>()
  const unset: string[] = []
  for (let read = readStep(block.items); read !== undefined; read = readStep(read.after)) {
    const found = readDirective(chain, read, step)
    for (const [key, value] of found.definitions) {
      if (values.has(key)) chain.refuse(step, `gives ${key} two values`)
      values.set(key, value)
    }
    if (found.unset !== undefined) unset.push(found.unset)
  }
  chain.substitute(values)
  for (const variable of unset) unsetVariable(chain, variable, step)
  return undefined
}

function readDirective(
  chain: Chain,
  { step }: Read,
  parent: Step,
): { readonly definitions: readonly Definition[]; readonly unset?: string | undefined } {
  const name = nameOf(step.command)
  if (name === 'define') return { definitions: [readDefine(chain, step)] }
  if (name === 'elgetpositionals') return { definitions: [...readPositionals(chain, step)] }
  if (name !== 'importas') return chain.refuse(parent, `with ${name}`)
  const { definition, unset } = readImportas(chain, step)
  return { definitions: [definition], unset }
}

const elgetpositionals: Handler = (chain: Chain, step: Step) => {
  chain.substitute(readPositionals(chain, step))
  return undefined
}

function readPositionals(chain: Chain, step: Step): ReadonlyMap<string, readonly string[]> {
  const least = Number(step.values.get('P') ?? 0)
  const found = chain.surroundings.positionals?.(least)
  if (found === undefined || Number.isNaN(least)) return chain.refuse(step, 'where there are no arguments')
  return found
}

const exporting: Handler = (chain: Chain, step: Step) => {
  const variable = chain.variable(step.words[0], step)
  const value = chain.only(step.words[1], step.command.place)
  chain.keep(variable, step.command.place)
  chain.lines.push(`export ${variable}=${quoteValue(value, chain.references)}`)
  chain.variables.set(variable, 'set')
  return undefined
}

/** Source: s6-portable-utils 2.3, s6-env. */
const withVariables: Handler = (chain: Chain, step: Step) => {
  chain.options(step, '')
  if (chain.rest.length === 0) chain.refuse(step, 'without a program')
  const found = step.words.map((word): readonly [string, string] => {
    const [name = ''] = word.text.split('=', 1)
    return [chain.variable({ ...word, text: name }, step), chain.only(word).slice(name.length + 1)]
  })
  for (const [name] of found) chain.keep(name, step.command.place)
  const words = found.map(([name, value]) => `${name}=${quoteValue(value, chain.references)}`)
  if (words.length > 0) chain.lines.push(`export ${words.join(' ')}`)
  for (const [name] of found) chain.variables.set(name, 'set')
  return undefined
}

const unexport: Handler = (chain: Chain, step: Step) => {
  unsetVariable(chain, chain.variable(step.words[0], step), step)
  return undefined
}

/**
 * Commands whose output has one line at most: a shell removes all line ends from output, execline only the last one.
 */
const ONE_LINE = ['s6-echo', 'hostname', 'nproc', 'whoami', 'uname', 'dirname', 'basename', 'wc']

const backtick: Handler = (chain: Chain, step: Step) => {
  const options = chain.options(step, 'iINnxDEe')
  const variable = chain.variable(step.words[0], step)
  const [block] = step.blocks
  if (block === undefined || block.items.length === 0) chain.refuse(step, 'without a command')
  const line = options.includes('N') ? undefined : foreseen(chain, block, chain.fallback(step))
  const lines = line === undefined ? capture(chain, step, block, variable) : undefined
  chain.keep(variable, step.command.place)
  if (lines === undefined) chain.lines.push(`export ${variable}=${quoteValue(line ?? '', chain.references)}`)
  else append(chain.lines, lines)
  const mayFail = lines !== undefined && options.includes('x') && !step.values.has('D')
  if (mayFail) {
    chain.variables.delete(variable)
    chain.isChanged = true
  } else chain.variables.set(variable, 'set')
  if (!options.includes('E')) return undefined
  if (mayFail) chain.refuse(step, 'with -E and -x')
  const sign = chain.references.add({ name: variable, isLive: true, mayBeGone: false, isNumber: false })
  chain.substitute(new Map([[variable, [sign]]]))
  unsetVariable(chain, variable, step)
  return undefined
}

/** The output of the block, when it is known without running it: a line, or a variable. */
function foreseen(chain: Chain, block: Block, fallback: string | undefined): string | undefined {
  const within = new Chain(chain.surroundings, block.items, chain)
  for (;;) {
    const read = readStep(within.rest)
    if (read === undefined) return undefined
    const name = nameOf(read.step.command)
    const handler = { importas, define, multisubstitute }[name]
    if (handler === undefined) return foreseenProgram(within, read.step, fallback)
    if (read.step.options.includes('u') || read.step.options.includes('i')) return undefined
    within.rest = read.after
    handler(within, read.step)
    if (within.lines.length > 0) return undefined
  }
}

function foreseenProgram(within: Chain, step: Step, fallback: string | undefined): string | undefined {
  const [word, ...more] = step.words
  if (nameOf(step.command) !== 'printenv') return printedLine(within, step)
  if (word === undefined || more.length > 0 || step.all.length > 1 || fallback === undefined) return undefined
  if (!/^[A-Za-z]\w*$/.test(word.text) || !isPlainFallback(fallback, within.references)) return undefined
  const name = word.text
  return within.references.add({ name, isLive: true, fallback, mayBeGone: false, isNumber: false })
}

function isOneLineProgram({ items: [first] }: Block): boolean {
  return first !== undefined && !('items' in first) && ONE_LINE.includes(nameOf(first))
}

/** Takes the output of the block, without its last line end, or with -N unchanged. */
function capture(chain: Chain, step: Step, block: Block, variable: string): readonly string[] {
  const child = chain.child(block)
  const isOneLine = child.kind === 'program' && isOneLineProgram(block) && !step.options.includes('N')
  const [isAny, isDefault] = [step.options.includes('I'), step.values.has('D') || step.options.includes('x')]
  const tail = isOneLine ? '' : isAny ? '; echo .' : ' && echo .'
  const taken =
    child.lines.length === 1
      ? [`${variable}=$(${child.kind === 'group' ? ' ' : ''}${child.lines[0] ?? ''}${tail})`]
      : [`${variable}=$(`, ...indent(around('', child.lines, tail)), ')']
  const trim = isOneLine
    ? []
    : [`${variable}=\${${variable}%.}`, ...(step.options.includes('N') ? [] : [`${variable}=\${${variable}%'\n'}`])]
  const last = taken.length - 1
  if (!isDefault) {
    const failing = isAny ? '' : ' || exit'
    return [...taken.map((line, index) => (index === last ? line + failing : line)), ...trim, `export ${variable}`]
  }
  const value = chain.fallback(step)
  const otherwise = value === undefined ? `unset ${variable}` : `${variable}=${quoteValue(value, chain.references)}`
  const then = indent([...trim, `export ${variable}`])
  const ifTaken = taken.map((line, index) => (index === 0 ? 'if ' : '') + line + (index === last ? '; then' : ''))
  const elsewhere = value === undefined ? [otherwise] : [otherwise, `export ${variable}`]
  return [...ifTaken, ...then, 'else', ...indent(elsewhere), 'fi']
}

/** By name. */
export const variables: Readonly<Record<string, Handler>> = {
  define,
  importas,
  multisubstitute,
  elgetpositionals,
  export: exporting,
  's6-env': withVariables,
  unexport,
  backtick,
}
