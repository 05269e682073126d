// `kahi install --as supervisord`: links by which kahi is called when the programs of supervisor are meant. With
// `--as s6-overlay` those of s6-overlay (cli/install).

import { existsSync, lstatSync, readlinkSync, realpathSync, symlinkSync, unlinkSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { type Arguments, type Command, flagOf, textOf } from '../command.ts'
import { EXIT } from '../exit-codes.ts'
import { print, printProblem } from '../print.ts'
import { shimPath } from '../shim-path.ts'
import { refusalOf } from '../write-file.ts'

const NAMES: Readonly<Record<string, readonly string[]>> = {
  supervisord: ['supervisord', 'supervisorctl', 'echo_supervisord_conf', 'pidproxy'],
}

const OVERLAY = 's6-overlay'

/** Makes the links, or takes them away. */
export const installCommand: Command = {
  name: 'install',
  usage: '--as supervisord|s6-overlay [--dir DIR] [--undo]',
  summary: 'Let kahi be found where the programs of supervisor, or of s6-overlay, are looked for',
  options: {
    as: {
      type: 'string',
      summary: 'What kahi stands in for',
      choices: [...Object.keys(NAMES), OVERLAY],
      default: 'supervisord',
    },
    dir: {
      type: 'string',
      summary: 'Where the links are made: /usr/local/bin; for s6-overlay the root of an image: /',
    },
    undo: { type: 'boolean', summary: 'Remove the links, and put back what was in their places' },
  },
  positionals: [],
  examples: [
    ['kahi install --as supervisord', 'links supervisord, supervisorctl … in /usr/local/bin'],
    ['kahi install --as supervisord --undo', 'takes them away again'],
    ['kahi install --as s6-overlay', '/init and all commands of s6-overlay; originals are kept'],
  ],
  run: async (args) => {
    const undo = flagOf(args, 'undo')
    if (textOf(args, 'as') !== OVERLAY) return undo ? remove(args) : install(args)
    const { installOverlay } = await import('../install/s6-overlay.ts')
    return installOverlay(launcher(), textOf(args, 'dir') ?? '/', undo)
  },
}

function install(args: Arguments): number {
  const target = launcher()
  const links = linksOf(args)
  return attempt(() => {
    const strangers = links.filter(({ path }) => isThere(path) && !leadsTo(path, target))
    for (const { path } of strangers)
      printProblem(`${path} is there already and not a link to kahi`, 'choose another --dir')
    if (strangers.length > 0) return EXIT.no
    for (const { name, path } of links) {
      if (!isThere(path)) symlinkSync(target, path)
      print(`${path} -> ${target}${shadowed(name, path)}`)
    }
    return EXIT.ok
  })
}

function remove(args: Arguments): number {
  const target = launcher()
  return attempt(() => {
    for (const { path } of linksOf(args)) {
      if (!isThere(path)) continue
      if (leadsTo(path, target)) unlinkSync(path)
      print(isThere(path) ? `${path} is not a link to kahi and stays` : `removed ${path}`)
    }
    return EXIT.ok
  })
}

function attempt(work: () => number): number {
  try {
    return work()
  } catch (error) {
    printProblem(refusalOf(error), 'choose another --dir, or run it as a user who may')
    return EXIT.refused
  }
}

/** The program that lies beside the bundle. */
function launcher(): string {
  return join(dirname(shimPath()), 'kahi')
}

function linksOf(args: Arguments): readonly { readonly name: string; readonly path: string }[] {
  const directory = resolve(textOf(args, 'dir') ?? '/usr/local/bin')
  return (NAMES[textOf(args, 'as') ?? 'supervisord'] ?? []).map((name) => ({ name, path: join(directory, name) }))
}

function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined
}

function leadsTo(path: string, target: string): boolean {
  try {
    readlinkSync(path)
    return realpathSync(path) === realpathSync(target)
  } catch {
    return false
  }
}

/** What else has that name on PATH, and which of them is found. */
function shadowed(name: string, path: string): string {
  const found = (process.env.PATH ?? '')
    .split(':')
    .filter((directory) => directory !== '')
    .map((directory) => join(directory, name))
    .filter((one) => existsSync(one))
  const others = found.filter((other) => other !== path)
  if (!found.includes(path)) return ` (${dirname(path)} is not on PATH)`
  if (others.length === 0) return ''
  return found[0] === path ? ` (shadows ${others.join(', ')})` : ` (but ${found[0] ?? ''} is found first)`
}
