// Types at a program on a terminal of its own, through Python's pty.

import { join } from 'node:path'
import { kahi, root } from './kahi.ts'

/** Keys, what the screen must show before they are typed, and whether that is while a command runs instead of at a prompt. */
export type Keys = readonly [keys: string, awaited: string, isRunning?: boolean]

/** All lines that were shown, and how the program ended. */
export interface Shown {
  readonly screen: string
  readonly exitCode: number
}

/** Plays the steps and waits for the program's end. */
export async function typeAt(argv: readonly string[], steps: readonly Keys[]): Promise<Shown> {
  const program = join(root, 'test/helpers/terminal.py')
  const { stdout, stderr } = await kahi([program], {
    program: '/usr/bin/python3',
    input: JSON.stringify({ argv, steps }),
  })
  if (stdout === '') throw new Error(stderr)
  return JSON.parse(stdout) as Shown
}
