// Scripts of an image whose interpreter is not in it. The kernel says of such a script that it is not there, so the names
// are printed when kahi is installed.

import { closeSync, lstatSync, openSync, readlinkSync, readSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { listDirectory } from '../../converter/folders.ts'

/** Where s6-overlay looks for scripts, below the root. */
const FOLDERS = ['fix-attrs.d', 'cont-init.d', 'cont-finish.d', 'services.d', 's6-overlay'].map((name) => `etc/${name}`)
/** The PATH of an image. */
const PROGRAMS = ['command', 'usr/local/sbin', 'usr/local/bin', 'usr/sbin', 'usr/bin', 'sbin', 'bin']
/** They run the program that is their first word. */
const WRAPPER = /\/(?:with-contenv|env)$/
const MOST_LINKS = 40
const FIRST_LINE_BYTES = 256

/** A script, as the image sees it, and the interpreter that it names. */
export interface Orphan {
  readonly script: string
  readonly interpreter: string
}

/** All scripts whose interpreter is missing in the image at `root`, sorted. */
export function findOrphans(root: string): readonly Orphan[] {
  const scripts = FOLDERS.flatMap((folder) => filesBelow(join(root, folder)))
  return scripts.flatMap((file) => {
    const interpreter = missingOf(firstLine(file), root)
    return interpreter === undefined ? [] : [{ script: join('/', file.slice(root.length)), interpreter }]
  })
}

function filesBelow(directory: string): readonly string[] {
  return (listDirectory(directory) ?? []).flatMap((entry) => {
    const path = join(directory, entry.name)
    if (entry.isDirectory()) return filesBelow(path)
    return entry.isFile() ? [path] : []
  })
}

function firstLine(file: string): string {
  const descriptor = openSync(file, 'r')
  try {
    const bytes = Buffer.alloc(FIRST_LINE_BYTES)
    return bytes.toString('latin1', 0, readSync(descriptor, bytes)).split('\n')[0] ?? ''
  } finally {
    closeSync(descriptor)
  }
}

/** The interpreter, or the program behind with-contenv or env, if the image has none. */
function missingOf(line: string, root: string): string | undefined {
  const [, program, word] = /^#![ \t]*([^ \t]+)[ \t]*([^ \t]*)/.exec(line) ?? []
  if (program === undefined) return undefined
  if (program.startsWith('/') && !exists(root, program)) return JSON.stringify(program).slice(1, -1)
  const isNamed = WRAPPER.test(program) && /^[\w./+-]+$/.test(word ?? '') && word?.startsWith('-') === false
  if (!isNamed) return undefined
  const places = word.startsWith('/') ? [word] : PROGRAMS.map((folder) => `/${folder}/${word}`)
  return places.some((place) => exists(root, place)) ? undefined : word
}

/** Whether an image has a file of that path. Links lead to where they would in the image; what lies outside of it is there. */
function exists(root: string, path: string, links = 0): boolean {
  const names = resolve('/', path)
    .split('/')
    .filter((name) => name !== '')
  let seen = '/'
  for (const [index, name] of names.entries()) {
    const here = join(seen, name)
    const found = lstatSync(join(root, here), { throwIfNoEntry: false })
    if (found === undefined) return false
    if (found.isSymbolicLink()) {
      const target = resolve(dirname(here), readlinkSync(join(root, here)), ...names.slice(index + 1))
      return (
        links < MOST_LINKS &&
        (exists(root, target, links + 1) || lstatSync(target, { throwIfNoEntry: false })?.isFile() === true)
      )
    }
    seen = here
  }
  return true
}
