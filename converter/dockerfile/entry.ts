// What a container of the image runs: ENTRYPOINT with CMD, through programs that only start another one, and through a
// script whose text is known.

import { posix } from 'node:path'
import type { Place } from '../../config/model/diagnostic.ts'
import { expandWord } from './expand.ts'
import { chainOf, type Files, type Known } from './files.ts'
import type { Build, Command, Stage, Step, Word } from './instructions.ts'
import { programWords } from './programs.ts'
import { splitCommands } from './shell.ts'
import { type Token, tokenize } from './words.ts'

/** The daemons that kahi takes the place of. */
export type Daemon = 'supervisord' | 's6-overlay' | 's6' | 'manager'

/** A command that starts a daemon, and where it is written. */
export interface Entry {
  readonly daemon: Daemon
  /** The words of the daemon: its path, then its arguments. */
  readonly argv: readonly string[]
  /** The words before it: `["tini", "--"]`. */
  readonly before: readonly string[]
  readonly place: Place
  /** Where it is written: words of a JSON form, a command of a shell text, or a command of a script of the build context. */
  readonly written:
    | { readonly in: 'json'; readonly step: Step }
    | {
        readonly in: 'json-text'
        readonly step: Step
        readonly text: string
        readonly start: number
        readonly end: number
      }
    | { readonly in: 'shell'; readonly step: Step; readonly start: number; readonly end: number }
    | { readonly in: 'script'; readonly script: Known; readonly start: number; readonly end: number }
}

/** What is known of the start of a container. */
export interface Start {
  readonly entrypoint: Step | undefined
  readonly cmd: Step | undefined
  readonly entry: Entry | undefined
  /** The script or program that is started instead, when it is not known what that runs. */
  readonly unknown: { readonly path: string; readonly place: Place } | undefined
}

const FOLDERS = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin']
const SHELL = /^(?:ba|da|a|z|k)?sh$/

/** Examines ENTRYPOINT and CMD of a stage; `runs` is the daemon that the user names. Source: Docker 27, builder/dockerfile, dispatchEntrypoint and dispatchCmd. */
export function startOf(build: Build, stage: Stage, files: Files, runs?: Daemon): Start {
  let [entrypoint, cmd]: (Step | undefined)[] = []
  for (const one of chainOf(stage)) {
    const inherited = cmd
    for (const step of one.steps) {
      if (step.isOnbuild) continue
      if (step.keyword === 'CMD') cmd = step
      if (step.keyword !== 'ENTRYPOINT') continue
      entrypoint = step
      if (cmd === inherited) cmd = undefined
    }
  }
  const finder = new Finder(build, files, runs)
  const entry =
    (entrypoint && finder.inStep(entrypoint, cmd)) ??
    (finder.unknown === undefined && cmd ? finder.inStep(cmd) : undefined)
  return { entrypoint, cmd, entry, unknown: entry === undefined ? finder.unknown : undefined }
}

class Finder {
  unknown: Start['unknown']
  private readonly build: Build
  private readonly files: Files

  /** Whether a program named `manager` is that of flush-manager, whatever its options are. */
  private readonly hasManager: boolean

  constructor(build: Build, files: Files, runs: Daemon | undefined) {
    this.build = build
    this.files = files
    this.hasManager = runs === 'manager' || build.text.includes('flush-manager')
  }

  /** The daemon that an instruction starts; the words of `cmd` follow those of an ENTRYPOINT. */
  inStep(step: Step, cmd?: Step): Entry | undefined {
    if (step.json === undefined) return this.inCommands(step.commands, step, cmd)
    const words = step.json.map((text) => ({ text }))
    const rest = programWords(words)
    const before = step.json.slice(0, words.length - rest.length)
    const argv = [...rest.map(({ text }) => text), ...(cmd?.json ?? [])]
    const place = step.place
    const daemon = daemonOf(argv, this.hasManager)
    if (daemon !== undefined) return { daemon, argv, before, place, written: { in: 'json', step } }
    const [program = '', option = '', text] = argv
    const isShell = SHELL.test(posix.basename(program))
    if (isShell && /^-\w*c$/.test(option) && text !== undefined) return this.inText(text, step)
    if (rest.length === 0) return cmd === undefined ? undefined : this.inStep(cmd)
    const script = isShell ? argv.find((word, index) => index > 0 && !word.startsWith('-')) : program
    return script === undefined ? undefined : this.inScript(script, step, cmd)
  }

  /** The text of `sh -c` in JSON form; places are those in the text. */
  private inText(text: string, step: Step): Entry | undefined {
    const found = commandsOf(text)
      .map((command) => daemonIn(command, this.hasManager))
      .find((one) => one !== undefined)
    return found && { ...found, place: step.place, written: { in: 'json-text', step, text, ...found } }
  }

  private inCommands(commands: readonly Command[], step: Step, cmd?: Step): Entry | undefined {
    for (const command of commands) {
      const found = daemonIn(command, this.hasManager)
      if (found !== undefined)
        return { ...found, place: this.build.placeOf(found.start), written: { in: 'shell', step, ...found } }
    }
    const [first] = programWords(commands[0]?.words ?? [])
    return first === undefined ? undefined : this.inScript(first.text, step, cmd)
  }

  private inScript(path: string, step: Step, cmd?: Step): Entry | undefined {
    const paths = path.includes('/')
      ? [posix.resolve(step.directory, path)]
      : FOLDERS.map((folder) => posix.join(folder, path))
    const script = paths.map((one) => this.files.find(one)).find((one) => one !== undefined)
    if (script?.text === undefined || !script.text.startsWith('#!')) {
      this.unknown ??= { path, place: step.place }
      return undefined
    }
    const { text } = script
    for (const command of commandsOf(text)) {
      const found = daemonIn(command, this.hasManager)
      if (found === undefined) continue
      const place = placeIn(text, found.start, script.source ?? script.path)
      return { ...found, place, written: { in: 'script', script, ...found } }
    }
    const runsArguments = /(?:exec\s+(?:\S+\s+)*|^\s*)"?\$[@*]"?/m.test(text)
    if (runsArguments && cmd !== undefined) return this.inStep(cmd)
    if (!runsArguments) this.unknown ??= { path: script.path, place: step.place }
    return undefined
  }
}

/** The commands of a script. */
function commandsOf(text: string): readonly Command[] {
  const tokens = tokenize(text, { start: 0, end: text.length }, { escape: '\\', isScript: true })
  const word = (token: Token): Word => ({ ...token, ...expandWord(token.raw, () => undefined) })
  return splitCommands(tokens).map((one) => ({ ...one, words: one.words.map(word), targets: one.targets.map(word) }))
}

/** The daemon in a command, with the places of its first and last word. */
function daemonIn(
  command: Command,
  hasManager: boolean,
): (Pick<Entry, 'daemon' | 'argv' | 'before'> & { readonly start: number; readonly end: number }) | undefined {
  const words = programWords(command.words)
  const argv = words.map(({ text }) => text)
  const daemon = daemonOf(argv, hasManager)
  const [first, last] = [words[0], words.at(-1)]
  if (daemon === undefined || first === undefined || last === undefined) return undefined
  const before = command.words.slice(0, command.words.length - words.length).map(({ text }) => text)
  return { daemon, argv, before, start: first.start, end: last.end }
}

/** Which daemon a command is. */
function daemonOf(argv: readonly string[], hasManager: boolean): Daemon | undefined {
  const [program = ''] = argv
  const name = posix.basename(program)
  if (name === 'supervisord') return 'supervisord'
  if (name === 's6-svscan') return 's6'
  if (isManager(argv, hasManager)) return 'manager'
  return program === '/init' ? 's6-overlay' : undefined
}

/**
 * Whether a command is flush-manager's program. Programs of that name are many (each operator of Kubernetes is one), so its option
 * -command must be there, unless it is known by other means that flush-manager is meant.
 */
function isManager([program = '', ...args]: readonly string[], isMeant: boolean): boolean {
  if (posix.basename(program) !== 'manager') return false
  return isMeant || args.some((word) => /^--?command(?:=|$)/.test(word))
}

function placeIn(text: string, offset: number, file: string): Place {
  const before = text.slice(0, offset)
  return { file, line: before.split('\n').length, column: offset - before.lastIndexOf('\n') }
}
