// Recognizes scripts whose effect does not depend on their directory, user and environment.

import { nameOf, readChains, type Step } from './shapes.ts'
import { lexExecline, nestBlocks } from './lexer.ts'

const COMMANDS = ['foreground', 'if', 'ifelse', 'ifte', 'ifthenelse', 'define', 's6-echo', 'exit', 'true', 'false']

/** Whether the script only prints, compares and ends. */
export function isIndifferent(text: string): boolean {
  const lexed = lexExecline(text, '')
  return 'words' in lexed && readChains(nestBlocks(lexed.words)).flat().every(isHarmless)
}

function isHarmless(step: Step): boolean {
  const [first, second] = step.words
  const name = nameOf(step.command)
  if (COMMANDS.includes(name)) return true
  if (name === 'sh') return first?.text === '-c' && /^exit \$(?:1|\{1\})$/.test(second?.text ?? '')
  return ['test', 's6-test', 'eltest'].includes(name) && step.words.every(({ text }) => !/^-[a-mo-yA-Z]$/.test(text))
}
