// The shell of supervisorctl: status first, then one command after the other, with completion and history.
// Source: supervisor 4.2.5, supervisorctl.Controller.exec_cmdloop and complete.

import { readFileSync, writeFileSync } from 'node:fs'
import { COMMANDS, execute } from './execute.ts'
import type { Keyboard } from './keyboard.ts'
import type { CtlOptions } from './options.ts'
import type { Session } from './session.ts'

/** Commands that take processes, and those that take groups. */
const OF_PROCESSES = ['clear', 'fg', 'pid', 'restart', 'signal', 'start', 'status', 'stop', 'tail']
const OF_GROUPS = ['add', 'remove', 'update']

/** Runs until it is left. */
export async function runShell(
  session: Session,
  keyboard: Keyboard,
  { prompt, historyFile }: Pick<CtlOptions, 'prompt' | 'historyFile'>,
): Promise<void> {
  keyboard.use({ history: readHistory(historyFile), complete: (line) => complete(session, line) })
  let isLeft = await execute(session, 'status')
  const undo = keyboard.onInterrupt(() => {
    isLeft = true
    session.output('')
    keyboard.close()
  })
  while (!isLeft) {
    const line = await keyboard.ask(`${prompt}> `)
    if (isLeft) break
    isLeft = await execute(session, line ?? 'EOF')
  }
  undo()
  writeHistory(historyFile, keyboard.history())
}

/** What the last word of a line could become, and that word. */
export async function complete(session: Session, line: string): Promise<readonly [readonly string[], string]> {
  const words = line.split(/\s+/)
  const word = words.at(-1) ?? ''
  const [action = ''] = words.filter((one) => one !== '')
  const found = (names: readonly string[]) => names.filter((name) => name.startsWith(word)).map((name) => `${name} `)
  if (words.filter((one) => one !== '').length === 0 || words.length === 1 || action === 'help') {
    return [found(COMMANDS.map(({ name }) => name).filter((name) => name !== 'EOF')), word]
  }
  if (OF_GROUPS.includes(action)) return [found([...new Set((await names(session)).map(({ group }) => group))]), word]
  if (!OF_PROCESSES.includes(action)) return [[], word]
  const all = (await names(session)).flatMap(({ group, name }) =>
    word.includes(':') || name !== group ? [`${group}:${name}`, `${group}:*`] : [name],
  )
  return [found([...new Set(all)]), word]
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
  if (file === undefined || lines.length === 0) return
  try {
    writeFileSync(file, `${lines.join('\n')}\n`)
  } catch {
    // A history that cannot be kept is no reason to fail.
  }
}
