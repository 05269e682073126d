// What s6-overlay would run, read a second time straight from the files: the scripts and services of the old directories;
// the tree of s6-rc has a reader of its own.

import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Machine } from '../../config/config.ts'
import type { Document } from '../../config/document.ts'
import type { ConvertOptions, Expected, Witness } from '../format.ts'
import { witnessS6Rc } from '../s6-rc/expected.ts'
import { openImage } from './image.ts'

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
          const oneshot = `${kind}-${name.replaceAll(/[\s:/]/g, '_')}`
          return { group: oneshot, name: oneshot, values: { [kind === 'cont-init' ? 'up' : 'down']: command }, place }
        }),
    )
    const services = find('services.d')
      .filter(([, file]) => existsSync(join(file, 'run')))
      .map(([name, folder]): Expected => {
        const run = join(folder, 'run')
        const argv = [...commandOf(run, image.at(run), false), name]
        const autostart = !existsSync(join(folder, 'down'))
        return { group: name, name, values: { ...(options.inline === true ? {} : { argv }), autostart }, place }
      })
    return [...(below?.expect(other, document) ?? []), ...scripts, ...services]
  }
  return { texts: [], expect }
}

function commandOf(file: string, shown: string, byPath: boolean): readonly string[] {
  const line = /^#![ \t]*([^ \t\n]+)[ \t]*([^\n]*?)[ \t]*(?:\n|$)/.exec(readFileSync(file, 'utf8'))
  if (line === null) return byPath || (statSync(file).mode & 0o111) === 0 ? ['/bin/sh', shown] : [shown]
  if (byPath || (statSync(file).mode & 0o111) !== 0) return [shown]
  return [line[1] ?? '', ...(line[2] === '' || line[2] === undefined ? [] : [line[2]]), shown]
}
