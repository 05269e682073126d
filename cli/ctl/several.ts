// One verb for several daemons: all are asked at once, and what is printed for each is shown in the order in which they were
// named, each line with the name of its daemon before it.

import { AsyncLocalStorage } from 'node:async_hooks'
import { divertLines, type OutputStream, print, printError } from '../print.ts'
import type { Target } from './client.ts'

interface Line {
  readonly stream: OutputStream
  readonly text: string
}

/** Runs the work for each daemon. Gives the greatest exit code. */
export async function forEach(
  targets: readonly Target[],
  isJson: boolean,
  work: (target: Target) => Promise<number>,
): Promise<number> {
  const current = new AsyncLocalStorage<Line[]>()
  const stop = divertLines((text, stream) => current.getStore()?.push({ text, stream }) !== undefined)
  try {
    const runs = targets.map((target) => {
      const lines: Line[] = []
      return { target, lines, done: current.run(lines, () => work(target)) }
    })
    const width = Math.max(...targets.map((target) => nameOf(target).length))
    const results: object[] = []
    let worst = 0
    for (const { target, lines, done } of runs) {
      const exitCode = await done
      worst = Math.max(worst, exitCode)
      if (isJson) results.push({ daemon: nameOf(target), exit_code: exitCode, ...resultOf(lines) })
      else for (const { text, stream } of lines) show(nameOf(target).padEnd(width), text, stream)
    }
    if (isJson) print(JSON.stringify(results, null, 2))
    return worst
  } finally {
    stop()
  }
}

function nameOf({ name, url }: Target): string {
  return name ?? url
}

function show(name: string, text: string, stream: OutputStream): void {
  for (const line of text.split('\n')) (stream === 'stdout' ? print : printError)(`${name}  ${line}`)
}

/** With --json a verb prints one document. */
function resultOf(lines: readonly Line[]): object {
  const of = (stream: OutputStream): string =>
    lines
      .filter((line) => line.stream === stream)
      .map(({ text }) => text)
      .join('\n')
  const [text, errors] = [of('stdout'), of('stderr')]
  const messages = errors === '' ? {} : { messages: errors.split('\n') }
  try {
    return { result: JSON.parse(text) as unknown, ...messages }
  } catch {
    return { result: text, ...messages }
  }
}
