// Whole images with the real files of public projects. KAHI_IMAGES names a directory with one directory for each: its content is
// laid over the root of this machine. The files are other people's, so they are not in this repository.

import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { insideWords, runInside } from './boot-twice.ts'
import { canBoot, firstPid } from './image.ts'
import { type Daemon, kahi } from './kahi.ts'
import { eventually } from './wait.ts'

/** The directories of these names in KAHI_IMAGES; undefined, and said, when one is not there or images cannot be booted. */
export function realImage(...names: readonly string[]): readonly string[] | undefined {
  if (!canBoot()) return undefined
  const place = process.env.KAHI_IMAGES ?? ''
  const missing = names.filter((name) => place === '' || !existsSync(join(place, name)))
  if (missing.length === 0) return names.map((name) => join(place, name))
  console.warn(`not run: KAHI_IMAGES names no directory with ${missing.join(' and ')}`)
  return undefined
}

/** Whether these programs are on this machine; those that are not are named once. */
export function hasPrograms(...names: readonly string[]): boolean {
  const missing = names.filter((name) => spawnSync('sh', ['-c', `command -v ${name}`]).status !== 0)
  if (missing.length > 0) console.warn(`not run: this machine has no ${missing.join(', ')}`)
  return missing.length === 0
}

/** What is done to a whole image, in order. */
export interface Life {
  /** By name: a script that is run in the image and waits for what it shows, or a line that the container writes. */
  readonly steps: Readonly<Record<string, string | RegExp>>
  /** Whether the engine stops the container; otherwise the container ends by itself. */
  readonly stop: boolean
  /** Whether a line of the container's output is compared. */
  readonly keep: (line: string) => boolean
  /** Parts of output that differ at each run. */
  readonly masks?: readonly (readonly [RegExp, string])[]
}

/** What was seen of a life. */
export interface Lived {
  readonly steps: Readonly<Record<string, string>>
  readonly exitCode: number | undefined
  /** Lines of the container's output, sorted. */
  readonly lines: readonly string[]
}

/** The end of the script that is run before the first process of a life. */
export const LAID = 'echo the image is laid'

/** Lives a life in a container that has been started; the script run before its first process ends with LAID. */
export async function live(daemon: Daemon, { steps, stop, keep, masks = [] }: Life): Promise<Lived> {
  const mask = (text: string): string => masks.reduce((now, [from, to]) => now.replaceAll(from, to), text)
  await daemon.line('the image is laid')
  await eventually(
    () => runInside(daemon, '[ -x /kahi/kahi ]').status === 0,
    'the first process has the root of the image',
  )
  const seen: Record<string, string> = {}
  for (const [name, script] of Object.entries(steps)) {
    if (typeof script !== 'string') {
      await daemon.line(script)
      continue
    }
    // Not with spawnSync: a container whose output is not read stands still.
    const { exitCode, stdout } = await kahi(insideWords(daemon, script), { program: 'nsenter' })
    if (exitCode === undefined) {
      process.kill(firstPid(daemon), 'SIGKILL')
      await daemon.ended()
      throw new Error(`the step ${name} did not end; it wrote:\n${stdout}\nthe container:\n${daemon.output()}`)
    }
    seen[name] = `${mask(stdout)}${exitCode === 0 ? '' : `exit ${exitCode}`}`
  }
  if (stop) process.kill(firstPid(daemon), 'SIGTERM')
  const ended = await daemon.ended()
  const lines = daemon.output().split('\n').filter(keep).map(mask)
  return { steps: seen, exitCode: ended.exitCode, lines: lines.toSorted() }
}
