// What a script does before it becomes its command: redirections, directory, variables, and the programs in front of
// the command. The steps are written in sh or in execline.

import { variablesIn } from '../plan/variables.ts'
import { commentLines, type Imported, execlineLine, execlineWord, importLines, shLine, shWord } from './words.ts'

/** One step, in the order in which it is done. */
export type Step =
  | { readonly kind: 'redirect'; readonly fd: 1 | 2; readonly to: string }
  /** Descriptor 2 becomes a copy of 1, or 1 a copy of 2. */
  | { readonly kind: 'join'; readonly from: 1 | 2; readonly to: 1 | 2 }
  | { readonly kind: 'directory'; readonly path: string }
  | { readonly kind: 'umask'; readonly mask: string }
  | { readonly kind: 'score'; readonly value: number }
  | { readonly kind: 'login'; readonly user: string }
  | { readonly kind: 'variable'; readonly name: string; readonly value: string }
  /** The primary group of a user becomes the variable GROUP_VARIABLE of the script. */
  | { readonly kind: 'group'; readonly user: string }
  /** A program that becomes the rest of the command line. */
  | { readonly kind: 'wrap'; readonly words: readonly string[] }

/** The variable of a script that holds the number of a group; no environment has it. */
const GROUP_VARIABLE = 'gid'

/** A word of the command line that stands for that number. */
export const GROUP_WORD = `\uE000${GROUP_VARIABLE}\uE001`

/** A script. */
export interface Script {
  readonly comments: readonly string[]
  readonly steps: readonly Step[]
  readonly argv: readonly string[]
}

/** The script in sh. `interpreter` is what follows `#!`. */
export function writeSh({ comments, steps, argv }: Script, interpreter: string): string {
  const wraps = steps.flatMap((step) => (step.kind === 'wrap' ? [step.words] : []))
  const before = steps.flatMap((step) => (step.kind === 'wrap' ? [] : [shStep(step)]))
  return [
    `#!${interpreter}`,
    ...commentLines(comments),
    ...(before.length === 0 ? [] : ['set -e']),
    ...before,
    `exec ${joined([...wraps, argv].map(shLine))}`,
    '',
  ].join('\n')
}

/** The longest command line that stays on one line. */
const WIDTH = 100

/** Programs in front of a command have lines of their own when all together are long. */
function joined(parts: readonly string[]): string {
  const line = parts.join(' ')
  return line.length > WIDTH ? parts.join(' \\\n  ') : line
}

function shStep(step: Exclude<Step, { kind: 'wrap' }>): string {
  switch (step.kind) {
    case 'redirect':
      return `exec ${step.fd === 1 ? '' : '2'}>${step.to === '/dev/null' ? '' : '>'}${shWord(step.to)}`
    case 'join':
      return `exec ${step.from === 1 ? '' : '2'}>&${step.to}`
    case 'directory':
      return `cd ${shWord(step.path)}`
    case 'umask':
      return `umask ${step.mask}`
    case 'score':
      return `echo ${step.value} >/proc/self/oom_score_adj`
    case 'login':
      return `export HOME="$(homeof ${shWord(step.user)})" USER=${shWord(step.user)} LOGNAME=${shWord(step.user)}`
    case 'variable':
      return `export ${step.name}=${shWord(step.value)}`
    case 'group':
      return `${GROUP_VARIABLE}=$(id -g ${shWord(step.user)})`
  }
}

/** The script in execline, without its first line. */
export function writeExecline({ comments, steps, argv }: Script): string {
  const texts = [...argv, ...steps.flatMap(textsOf)]
  const variables = variablesIn(texts).filter(({ variable }) => variable !== GROUP_VARIABLE)
  const hasGroup = steps.some(({ kind }) => kind === 'group')
  const imported = new Set([...variables.map(({ variable }) => variable), ...(hasGroup ? [GROUP_VARIABLE] : [])])
  return [
    ...commentLines(comments),
    ...importLines(variables),
    ...steps.map((step) => execlineStep(step, imported)),
    execlineLine(argv, imported),
    '',
  ].join('\n')
}

function textsOf(step: Step): readonly string[] {
  if (step.kind === 'wrap') return step.words
  if (step.kind === 'variable') return [step.value]
  if (step.kind === 'group' || step.kind === 'login') return [step.user]
  return step.kind === 'redirect' ? [step.to] : step.kind === 'directory' ? [step.path] : []
}

function execlineStep(step: Step, imported: Imported): string {
  const word = (text: string): string => execlineWord(text, imported)
  switch (step.kind) {
    case 'redirect':
      return `redirfd ${step.to === '/dev/null' ? '-w' : '-a'} ${step.fd} ${word(step.to)}`
    case 'join':
      return `fdmove -c ${step.from} ${step.to}`
    case 'directory':
      return `execline-cd ${word(step.path)}`
    case 'umask':
      return `execline-umask ${step.mask}`
    case 'score':
      return `foreground { redirfd -w 1 /proc/self/oom_score_adj echo ${step.value} }`
    case 'login':
      return `backtick HOME { homeof ${word(step.user)} } export USER ${word(step.user)} export LOGNAME ${word(step.user)}`
    case 'variable':
      return `export ${step.name} ${word(step.value)}`
    case 'group':
      return `backtick -E ${GROUP_VARIABLE} { id -g ${word(step.user)} }`
    case 'wrap':
      return execlineLine(step.words, imported)
  }
}
