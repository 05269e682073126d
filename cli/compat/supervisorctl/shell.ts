// The shell of supervisorctl: prints the status first, then runs one command after the other, with completion and
// history. Source: supervisor 4.2.5, supervisorctl.Controller.exec_cmdloop and complete.

import { isUnitId, unitId } from '../../../config/model/names.ts'
import { readFileSync, writeFileSync } from 'node:fs'
import { COMMANDS, execute } from './execute.ts'
import type { Keyboard } from './keyboard.ts'
import type { CtlOptions } from './options.ts'
import { type Session, wordsOf } from './session.ts'
import type { Word } from './terminal.ts'

/** Commands whose arguments are processes, and those whose arguments are groups. */
const OF_PROCESSES = ['clear', 'fg', 'pid', 'restart', 'signal', 'start', 'status', 'stop', 'tail']
const OF_GROUPS = ['add', 'remove', 'update']

/** Runs until the user leaves the shell. */
export async function runShell(
  session: Session,
  keyboard: Keyboard,
  { prompt, historyFile }: Pick<CtlOptions, 'prompt' | 'historyFile'>,
): Promise<void> {
  keyboard.use({ history: readHistory(historyFile), complete: (line) => complete(session, line) })
  const asking = async (): Promise<void> => {
    let isLeft = await execute(session, 'status')
    while (!isLeft) isLeft = await execute(session, (await keyboard.ask(`${prompt}> `)) ?? 'EOF')
  }
  await Promise.race([asking(), interrupted(session, keyboard)])
  writeHistory(historyFile, keyboard.history())
}

/** Ctrl-C ends the shell, except in commands that handle it themselves. */
function interrupted(session: Session, keyboard: Keyboard): Promise<void> {
  return new Promise((resolve) => {
    keyboard.onInterrupt(() => {
      session.output('')
      resolve()
    })
  })
}

/** Characters that end a word; `:`, `*` and `-` are part of words here. */
const DELIMITERS = /[ \t\n`~!@#$%^&()=+[{\]}\\|;'",<>/?]/

/**
 * The possible completions of the last word, and that word. Source: supervisor 4.2.5, Controller.complete: any part of
 * `help` becomes `help`.
 */
export async function complete(session: Session, line: string): Promise<Word> {
  const word = line.split(DELIMITERS).at(-1) ?? ''
  const words = wordsOf(line)
  const [action = ''] = words
  const found = (names: readonly string[]) => names.filter((name) => name.startsWith(word)).map((name) => `${name} `)
  if (words.length === 0 || (words.length === 1 && !line.endsWith(' ')) || 'help'.includes(action)) {
    return [found(COMMANDS.map(({ name }) => name).filter((name) => name !== 'EOF')), word]
  }
  if (OF_GROUPS.includes(action)) return [found((await names(session)).map(({ group }) => group)), word]
  if (!OF_PROCESSES.includes(action)) return [[], word]
  const all = (await names(session)).flatMap(({ group, name }) =>
    isUnitId(word) || name !== group ? [unitId(group, name), unitId(group, '*')] : [name],
  )
  return [found(all), word]
}

async function names(session: Session): Promise<readonly { readonly group: string; readonly name: string }[]> {
  return (await session.infos()).map((info) => ({ group: String(info.group), name: String(info.name) }))
}

function readHistory(file: string | undefined): readonly string[] {
  try {
    const text = file === undefined ? '' : readFileSync(file, 'utf8')
    return text.split('\n').filter((line) => line !== '')
  } catch {
    return []
  }
}

function writeHistory(file: string | undefined, lines: readonly string[]): void {
  if (file === undefined) return
  try {
    writeFileSync(file, lines.map((line) => `${line}\n`).join(''), { mode: 0o600 })
  } catch {
    // a history that cannot be saved is no reason to fail
  }
}
