// Commands that give a process its own pid or directory, as variables, or with -E as words. Source: execline 2.9.3,
// getpid.c, getcwd.c.

import type { Step } from './shapes.ts'
import type { Chain, Handler } from './chain.ts'
import { unsetVariable } from './variables.ts'

/** In a subshell `$$` is the pid of the main shell. */
const getpid: Handler = (chain: Chain, step: Step) => {
  if (chain.isChild) chain.refuse(step, 'in a child is nothing that a shell knows')
  return tell(chain, step, '$$')
}

const getcwd: Handler = (chain: Chain, step: Step) => tell(chain, step, '$(pwd -P)')

function tell(chain: Chain, step: Step, value: string): undefined {
  const isImported = /E[^e]*$/.test(chain.options(step, 'Ee'))
  const variable = chain.variable(step.words[0], step)
  chain.keep(variable, step.command.place)
  const name = isImported ? chain.references.nameCopy(variable) : variable
  chain.lines.push(`${name}=${value}${value.includes('(') ? ' || exit 111' : ''}`)
  if (!isImported) {
    chain.lines.push(`export ${name}`)
    chain.variables.set(variable, 'set')
    return undefined
  }
  const sign = chain.references.add({ name, isLive: false, mayBeGone: false, isNumber: value === '$$' })
  chain.substitute(new Map([[variable, [sign]]]))
  unsetVariable(chain, variable, step)
  return undefined
}

/** By name. */
export const own: Readonly<Record<string, Handler>> = { getpid, getcwd }
