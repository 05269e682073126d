// `kahi completion`: prints the script of a shell.

import { type Command, textOf } from '../command.ts'
import { COMPLETION_SCRIPTS } from '../completion-scripts.ts'
import { EXIT } from '../exit-codes.ts'
import { printProblem } from '../print.ts'

const shells = Object.keys(COMPLETION_SCRIPTS)

/** Prints the script that completes the commands of kahi. */
export const completionCommand: Command = {
  name: 'completion',
  usage: shells.join('|'),
  summary: 'Print the script with which a shell completes commands, options and names of running programs',
  options: {},
  positionals: [{ name: 'shell', summary: `One of ${shells.join(', ')}`, required: true }],
  examples: [
    ['source <(kahi completion bash)', 'for this shell'],
    ['kahi completion fish > ~/.config/fish/completions/kahi.fish', 'for all shells of this user'],
  ],
  run: async (args) => {
    const shell = textOf(args, 'shell') ?? ''
    if (!Object.hasOwn(COMPLETION_SCRIPTS, shell)) {
      printProblem(`There is no completion for "${shell}"`, `shells are ${shells.join(', ')}`)
      return EXIT.usage
    }
    process.stdout.write(COMPLETION_SCRIPTS[shell as keyof typeof COMPLETION_SCRIPTS])
    return EXIT.ok
  },
}
