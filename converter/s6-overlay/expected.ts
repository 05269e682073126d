// The second reader of an image: what s6-overlay would run, read directly from the files. It covers the scripts and
// services of the old directories; the tree of s6-rc has a reader of its own.

import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Machine } from '../../config/model/machine.ts'
import type { Document } from '../../config/keys/document.ts'
import type { ConvertOptions, Expected, Witness } from '../format.ts'
import { witnessS6Rc } from '../s6-rc/expected.ts'
import { openImage } from './image.ts'
import { hasLateServices } from './late-services.ts'

/** The second reader of an image. */
export function witnessS6Overlay(path: string, machine: Machine, options: ConvertOptions): Witness {
  const { bases } = options
  const profile = machine.environment.S6_RUNTIME_PROFILE || undefined
  const image = openImage(path, { bases, at: options.at, profile })
  const etcs = [path, ...(bases ?? []).toReversed()].map((one) => openImage(one, { profile }).etc)
  const [tree, ...sources] = image.sources
  const at = options.at === undefined || tree === undefined ? undefined : image.at(tree)
  const below =
    tree === undefined ? undefined : witnessS6Rc(tree, machine, { ...options, sources, bases: image.below, at })
  const find = (folder: string): readonly (readonly [string, string])[] => {
    const found = etcs.map((etc) => join(etc, folder)).filter((one) => existsSync(one))
    const names = [...new Set(found.flatMap((one) => readdirSync(one)))].filter((name) => !name.startsWith('.')).sort()
    return names.flatMap((name) => {
      const file = found.map((one) => join(one, name)).find((one) => existsSync(one))
      return file === undefined ? [] : [[name, file] as const]
    })
  }
  const expect = (other: Machine, document: Document): readonly Expected[] => {
    const place = () => ({ file: path, line: 1, column: 1 })
    const scripts = (['cont-init', 'cont-finish'] as const).flatMap((kind) =>
      find(`${kind}.d`)
        .filter(([, file]) => statSync(file).isFile())
        .map(([name, file]): Expected => {
          const command = commandOf(file, image.at(file), image.generation === 3)
          const oneshot = `s6rc-${kind}-${name.replaceAll(/[\s:/]/g, '_')}`
          return { group: oneshot, name: oneshot, values: { [kind === 'cont-init' ? 'up' : 'down']: command }, place }
        }),
    )
    const services = (hasLateServices(image) ? [] : find('services.d'))
      .filter(([, file]) => existsSync(join(file, 'run')))
      .map(([name, folder]): Expected => {
        const run = join(folder, 'run')
        const argv = [...runOf(run, image.at(run)), name]
        const autostart = !existsSync(join(folder, 'down'))
        return { group: name, name, values: { ...(options.inline === true ? {} : { argv }), autostart }, place }
      })
    return [...(below?.expect(other, document) ?? []), ...scripts, ...services]
  }
  return { texts: [], expect }
}

/**
 * The command of a script of cont-init.d or cont-finish.d: version 3 runs it with a shell, versions 1 and 2 with
 * execline.
 */
function commandOf(file: string, shown: string, byShell: boolean): readonly string[] {
  if (!byShell) return runOf(file, shown)
  const isScript = interpreterOf(file) === undefined && !readFileSync(file, 'latin1').startsWith('\x7fELF')
  return isScript && isExecutable(file) ? ['/bin/sh', shown] : [shown]
}

/**
 * The command of a `run`: s6-supervise executes it; a file that cannot be executed is run by the interpreter that it
 * names.
 */
function runOf(file: string, shown: string): readonly string[] {
  const interpreter = isExecutable(file) ? undefined : interpreterOf(file)
  return interpreter === undefined ? [shown] : [...interpreter, shown]
}

function isExecutable(file: string): boolean {
  return (statSync(file).mode & 0o111) !== 0
}

function interpreterOf(file: string): readonly string[] | undefined {
  const line = /^#![ \t]*([^ \t\n]+)[ \t]*([^\n]*?)[ \t]*(?:\n|$)/.exec(readFileSync(file, 'utf8'))
  return line === null ? undefined : [line[1] ?? '', line[2] ?? ''].filter((word) => word !== '')
}
