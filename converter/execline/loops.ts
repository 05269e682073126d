// Commands that run the rest of their chain repeatedly, each time as a child. Source: execline 2.9.3, loopwhilex.c,
// forx.c.

import { append } from '../../config/model/append.ts'
import type { Step } from './shapes.ts'
import { type Chain, type Handler, wrap } from './chain.ts'
import { indent, quoteWord } from './shell.ts'

/** The listed exit codes, and whether they continue or end the loop. */
function codesOf(
  chain: Chain,
  step: Step,
): { readonly codes: readonly string[]; readonly isBreak: boolean } | undefined {
  const [ok, stop] = [step.values.get('o'), step.values.get('x')]
  if (ok === undefined && stop === undefined) return undefined
  const list = ok ?? stop ?? ''
  if ((ok !== undefined && stop !== undefined) || !/^\d+(?:,\d+)*$/.test(list)) chain.refuse(step, 'with these codes')
  return { codes: list.split(','), isBreak: ok === undefined }
}

const loopwhilex: Handler = (chain: Chain, step: Step) => {
  const isNegated = chain.options(step, 'nox').includes('n')
  const found = codesOf(chain, step)
  const codes = found?.codes ?? ['0']
  const goesOn = (found?.isBreak ?? false) === isNegated
  if (chain.rest.length === 0) chain.refuse(step, 'without a command')
  const body = chain.child(chain.rest)
  if (codes.join() !== '0') {
    const cases = goesOn ? [`${codes.join(' | ')}) ;;`, '*) exit $? ;;'] : [`${codes.join(' | ')}) exit $? ;;`]
    chain.lines.push('while :; do', ...indent([...body.lines, 'case $? in', ...cases, 'esac']), 'done')
  } else if (goesOn) chain.lines.push('while :; do', ...indent(wrap('', body, ' || exit')), 'done')
  else append(chain.lines, [...wrap('until ', body, '; do'), '  :', 'done', 'exit 0'])
  return 'ends'
}

const forx: Handler = (chain: Chain, step: Step) => {
  const isImported = chain.options(step, 'Eeox').includes('E')
  const variable = chain.variable(step.words[0], step)
  const found = codesOf(chain, step)
  const [block] = step.blocks
  if (block === undefined) chain.refuse(step, 'without values')
  const values = block.items.map((item) => {
    if ('items' in item) return chain.refuse(step, 'with a block among the values')
    chain.checkList(item)
    return quoteWord(item.text, chain.references)
  })
  if (values.length === 0 || chain.rest.length === 0) {
    chain.lines.push('exit 0')
    return 'ends'
  }
  chain.keep(variable, step.command.place)
  const name = isImported ? chain.references.nameCopy(variable) : variable
  if (isImported) {
    const sign = chain.references.add({ name, isLive: false, mayBeGone: false, isNumber: false })
    chain.substitute(new Map([[variable, [sign]]]))
  }
  chain.variables.set(variable, isImported ? 'unset' : 'set')
  const body = chain.child(chain.rest)
  const ends =
    found === undefined
      ? []
      : found.isBreak
        ? ['case $? in', `${found.codes.join(' | ')}) exit $? ;;`, 'esac']
        : ['case $? in', `${found.codes.join(' | ')}) ;;`, '*) exit $? ;;', 'esac']
  const head = isImported ? `for ${name} in` : `export ${variable}; for ${name} in`
  chain.lines.push(
    ...(isImported ? [`unset ${variable}`] : []),
    `${head} ${values.join(' ')}; do`,
    ...indent([...body.lines, ...ends]),
    'done',
    'exit 0',
  )
  return 'ends'
}

/** By name. */
export const loops: Readonly<Record<string, Handler>> = { loopwhilex, forx }
