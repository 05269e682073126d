// Which process is the first of a container: it is the one that gets the signal of `docker stop`.

import type { Diagnostic } from '../../config/model/diagnostic.ts'
import type { Start } from './entry.ts'
import type { Build, Step } from './instructions.ts'

/**
 * The note that the shell of ENTRYPOINT or CMD is the first process. dash, the shell of Debian and Ubuntu, waits for the command
 * and passes no signal to it. Source: measured with dash 0.5.12, `sh -c`.
 */
export function shellIsFirst({ text }: Build, { entrypoint, cmd }: Start): readonly Diagnostic[] {
  const step = entrypoint ?? cmd
  const last = step?.commands.at(-1)
  if (step === undefined || step.json !== undefined || last === undefined) return []
  if (last.words[0]?.text === 'exec') return []
  const own = text.slice(step.commands[0]?.start, last.end).trim()
  return [noteOf(step, own)]
}

function noteOf({ keyword, place }: Step, command: string): Diagnostic {
  const isSimple = /^[\w./:@%+,=-]+(?: +[\w./:@%+,=-]+)*$/.test(command)
  const words = command.split(/ +/).map((word) => JSON.stringify(word))
  return {
    severity: 'note',
    message: `The shell of ${keyword} may stay the first process, and it passes no signals on: docker stop then waits for its limit and kills all programs`,
    place,
    hint: isSimple ? `write ${keyword} [${words.join(', ')}]` : `begin the last command with exec`,
  }
}
