// Runs a program at a new terminal and types keys there, with Python's pty.

import { join } from 'node:path'
import { kahi, root } from './kahi.ts'

/** Keys, the text that the screen must show before, and whether they are typed while a command runs instead of at a prompt. */
export type Keys = readonly [keys: string, awaited: string, isRunning?: boolean]

/** All lines that were shown, and how the program ended. */
export interface Shown {
  readonly screen: string
  readonly exitCode: number
}

/** Carries out the steps and waits for the program's end. */
export async function typeAt(argv: readonly string[], steps: readonly Keys[]): Promise<Shown> {
  const program = join(root, 'test/helpers/terminal.py')
  const { stdout, stderr } = await kahi([program], {
    program: '/usr/bin/python3',
    input: JSON.stringify({ argv, steps }),
  })
  if (stdout === '') throw new Error(stderr)
  return JSON.parse(stdout) as Shown
}
