// The instructions that bring s6-overlay into an image: ADD of a release, downloads and archives in RUN, packages, copies
// of another stage or image. Source: the installation texts of s6-overlay v1.17 to v3.2.

import { posix } from 'node:path'
import type { Diagnostic } from '../../config/model/diagnostic.ts'
import { fitsName } from '../../config/values/glob.ts'
import type { Command, Stage, Step, Word } from './instructions.ts'
import { installingOf, programWords } from './programs.ts'

/** What brings s6-overlay: a whole instruction, a command of RUN, or words of a command. */
export interface OverlayPart {
  readonly stage: Stage
  readonly step: Step
  readonly command?: Command
  /** Words of the command, when the others have another purpose. */
  readonly words?: readonly Word[]
}

/** All that brings s6-overlay into a stage. */
export interface Overlay {
  readonly parts: readonly OverlayPart[]
  /** The first number of its version: 1, 2 or 3; undefined when it stands in a variable without a value. */
  readonly version: number | undefined
  /** Commands about files of s6-overlay whose purpose is not known. */
  readonly questions: readonly Diagnostic[]
}

/** The name of a file of a release, also with `*` or a variable in it. */
const RELEASE = /(?:^|\/)s6-overlay(?:[-*.][^/]*)?$/
const PROJECT = /just-containers\/s6-overlay|\/s6-overlay\/releases\//
const IMAGE = /(?:^|\/)s6-overlay(?::|@|$)/
const PACKAGE = /^s6-overlay(?:-[\w-]+)?(?:[=<>~@].*)?$/
/** Programs whose use on a file of a release serves to get it, check it, unpack it or remove it. */
const HANDLING =
  /^(?:curl|wget|aria2c|fetch|tar|bsdtar|unzip|xz|unxz|gunzip|gzip|rm|mv|cp|chmod|cat|echo|printf|sh|bash|test|\[|gpg|gpg2|(?:sha\d+|md5)sum|cmp)$/
const FETCHING = /^(?:curl|wget|aria2c|fetch)$/
const OUTPUT = /^(?:-o|-O|--output|--output-document|-\w+o|-\w*qO)$/

/** Finds what brings s6-overlay into a stage. */
export function findOverlay(stage: Stage): Overlay {
  const search = new Search(stage)
  for (const step of stage.steps) if (!step.isOnbuild) search.look(step)
  return { parts: search.parts, version: search.version, questions: search.questions }
}

class Search {
  readonly parts: OverlayPart[] = []
  readonly questions: Diagnostic[] = []
  version: number | undefined
  private readonly stage: Stage
  /** Paths of downloaded files. */
  private readonly files = new Set<string>()
  private hasSums = false

  constructor(stage: Stage) {
    this.stage = stage
  }

  look(step: Step): void {
    const { stage } = this
    if (step.keyword === 'RUN') for (const command of step.commands) this.lookAt(step, command)
    if (step.keyword === 'COPY' && IMAGE.test(step.flags.get('from') ?? '')) this.parts.push({ stage, step })
    if (step.keyword !== 'ADD' && step.keyword !== 'COPY') return
    const words = step.json ?? step.words.map(({ text }) => text)
    const sources = words.slice(0, -1)
    if (!sources.some((source) => this.isRelease(source)) || step.flags.has('from')) return
    for (const source of sources)
      this.note(source, posix.join(posix.resolve(step.directory, words.at(-1) ?? ''), posix.basename(source)))
    this.parts.push({ stage, step })
  }

  private lookAt(step: Step, command: Command): void {
    const { stage } = this
    const [program, ...rest] = programWords(command.words)
    if (program === undefined || command.isHead) return
    const packages = installingOf(command)?.packages
    if (packages !== undefined) {
      const own = packages.filter(({ text }) => PACKAGE.test(text))
      if (own.length === 0) return
      this.parts.push(own.length === packages.length ? { stage, step, command } : { stage, step, command, words: own })
      return
    }
    const name = posix.basename(program.text)
    const own = rest.filter(({ text }) => this.isAbout(text) || (needsFiles(name, rest) && this.fitsFile(text)))
    const checksAll = /^sha\d+sum$/.test(name) && this.hasSums && rest.some(({ text }) => text.startsWith('*'))
    const isInstaller =
      this.isAbout(program.text) || (name === 'unlink' && rest.some(({ text }) => /\/with-contenv$/.test(text)))
    if (own.length === 0 && !checksAll && !isInstaller) return
    if (FETCHING.test(name)) this.noteDownload(step, command, rest)
    const names = rest.filter(({ text }) => !text.startsWith('-'))
    if (name === 'rm' && own.length < names.length) this.parts.push({ stage, step, command, words: own })
    else if (HANDLING.test(name) || isInstaller) this.parts.push({ stage, step, command })
    else this.ask(command, step)
  }

  private ask(command: Command, step: Step): void {
    if (
      /^(?:\w+=|export|local|ls|apk|apt|apt-get|for|if|case|set|cd|ln|find|mkdir|grep)/.test(
        command.words[0]?.text ?? '',
      )
    )
      return
    const message = `This command uses files of s6-overlay, and its purpose is not known: ${command.words[0]?.text ?? ''}`
    this.questions.push({
      severity: 'warning',
      message,
      place: step.place,
      hint: 'if it installs s6-overlay, remove it by hand',
    })
  }

  private noteDownload(step: Step, command: Command, words: readonly Word[]): void {
    const source = words.find(({ text }) => this.isRelease(text))?.text ?? ''
    const at = words.findIndex(({ text }) => OUTPUT.test(text))
    const joined = words.find(({ text }) => /^--output(?:-document)?=/.test(text))?.text.replace(/^[^=]*=/, '')
    const named = joined ?? (at < 0 ? undefined : words[at + 1]?.text) ?? command.targets[0]?.text
    const isFile = named !== undefined && named !== '-' && !named.startsWith('/dev/') && !named.includes('://')
    const folder = words[words.findIndex(({ text }) => text === '-P') + 1]?.text ?? ''
    this.note(
      source,
      posix.resolve(
        step.directory,
        isFile ? named : posix.join(folder.includes('://') ? '' : folder, posix.basename(source)),
      ),
    )
    if (isFile) this.files.add(named)
  }

  /** Notes a downloaded file, and the version in its address. */
  private note(source: string, path: string): void {
    this.files.add(path)
    this.files.add(posix.basename(path))
    if (/\.sha\d+$/.test(source)) this.hasSums = true
    const named = /download\/v?(\d+)\./.exec(source)?.[1]
    const shape = /\.tar\.xz/.test(source) ? 3 : undefined
    this.version ??= named === undefined ? shape : Number(named)
  }

  private isAbout(text: string): boolean {
    const word = text.replace(/^\.\//, '')
    return this.isRelease(word) || word.split(/\s+/).some((part) => this.files.has(part))
  }

  /** Whether a pattern such as `/tmp/*.xz` stands for a downloaded file. */
  private fitsFile(pattern: string): boolean {
    if (!/[*?[]/.test(pattern)) return false
    const [folder, name] = [posix.dirname(pattern), posix.basename(pattern)]
    return [...this.files].some((file) => posix.dirname(file) === folder && fitsName(name, posix.basename(file)))
  }

  private isRelease(text: string): boolean {
    return PROJECT.test(text)
      ? /\/releases\/|\/archive\//.test(text) || RELEASE.test(text)
      : RELEASE.test(text) && !text.startsWith('/etc/')
  }
}

/** Whether a program fails when a pattern stands for no file. */
function needsFiles(name: string, words: readonly Word[]): boolean {
  return name === 'tar' || (name === 'rm' && !words.some(({ text }) => /^(?:-\w*f\w*|--force)$/.test(text)))
}
