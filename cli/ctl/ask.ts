// Questions to people at a terminal. Scripts are never asked: without a terminal, with --yes and with --json the answer is yes.

import { createInterface } from 'node:readline/promises'
import { namespec, showUnit, splitNamespec } from '../../config/model/names.ts'
import { type Arguments, flagOf } from '../command.ts'
import { type Client, Refused } from './client.ts'

/** Whether a person may be asked. */
export function isAskable(args: Arguments): boolean {
  return process.stdin.isTTY && process.stdout.isTTY && !flagOf(args, 'yes') && !flagOf(args, 'json')
}

/** Asks a question whose answer is no unless it begins with y. End of input is no. */
export async function isWanted(question: string): Promise<boolean> {
  const dialogue = createInterface({ input: process.stdin, output: process.stdout })
  try {
    const answer = await Promise.race([
      dialogue.question(`${question} [y/N] `),
      new Promise<string>((resolve) => dialogue.once('close', () => resolve(''))),
    ])
    return /^\s*y/i.test(answer)
  } finally {
    dialogue.close()
  }
}

/** The processes that are up, are not named, and would be stopped before those that are: their dependents. */
export async function stoppedToo(client: Client, names: readonly string[]): Promise<readonly string[]> {
  if (names.includes('all')) return []
  const processes = await client.call('GET /api/v1/processes')
  const isNamed = ({ group, name }: { readonly group: string; readonly name: string }): boolean =>
    names.some((text) => {
      const named = splitNamespec(text)
      return named.group === group && (named.name ?? name) === name
    })
  const up = processes.filter((one) => one.pid > 0 && !isNamed(one)).map(({ group, name }) => namespec(group, name))
  try {
    const targets = names.map((text) => text.replace(/:\*$/, ''))
    const { steps } = await client.call('POST /api/v1/down', { body: { targets, dry_run: true } })
    const stopped = new Set(steps.map(({ unit }) => showUnit(unit)))
    return up.filter((name) => stopped.has(name))
  } catch (error) {
    if (error instanceof Refused) return []
    throw error
  }
}
