// The files of an image as far as its Dockerfile says where they come from: COPY and ADD of the build context, of another
// stage, of a heredoc; `cp` and `mv` in RUN. What is not known is not guessed: a file that RUN makes has no text here.

import { realpathSync } from 'node:fs'
import { join, posix } from 'node:path'
import type { Place } from '../../config/model/diagnostic.ts'
import { fitsName } from '../../config/values/glob.ts'
import { readBytes } from '../../config/values/read-text.ts'
import { isDirectory, isFile, listDirectory } from '../folders.ts'
import type { Build, Command, Stage, Step } from './instructions.ts'
import { programWords } from './programs.ts'

/** Something that was put into the image. */
interface Put {
  readonly step: Step
  /** Its path in the image; a directory ends in a slash. */
  readonly to: string
  /** Its path in the build context, in the image, or in that of a stage. */
  readonly from: string
  readonly kind: 'context' | 'image' | 'heredoc' | 'made'
  /** The stage whose files are copied. */
  readonly stage?: Stage
  readonly text?: string
}

/** How many copies may still be followed. */
interface Hops {
  left: number
}

/** A file or directory of the image. */
export interface Known {
  /** Its path in the image. */
  readonly path: string
  /** The file or directory that it is a copy of; undefined for a heredoc, and for what RUN makes. */
  readonly source: string | undefined
  /** Undefined for directories, and when the text cannot be known. */
  readonly text: string | undefined
  /** The instruction that puts it there. */
  readonly place: Place
  readonly step: Step
}

/** How many copies of copies are followed for one question: a Dockerfile could name any number. */
const MOST_HOPS = 100

/** The files of a stage. */
export class Files {
  private readonly context: string
  private readonly puts: readonly Put[]
  private readonly build: Build
  private readonly others: Map<Stage, Files>

  /** `context` is the folder of the build context. */
  constructor(build: Build, stage: Stage, context: string, others = new Map<Stage, Files>()) {
    this.context = context
    this.build = build
    this.others = others
    this.puts = chainOf(stage).flatMap((one) => one.steps.flatMap((step) => this.putsOf(step)))
  }

  /** What is known of a path in the image; undefined when no instruction puts it there. */
  find(path: string): Known | undefined {
    return this.findBefore(posix.resolve('/', path), Infinity, { left: MOST_HOPS })
  }

  /** The files directly in a directory of the image, by path. */
  list(directory: string): readonly Known[] {
    return this.listWithin(posix.resolve('/', directory), { left: MOST_HOPS })
  }

  private findBefore(wanted: string, before: number, hops: Hops): Known | undefined {
    for (const put of this.puts.toReversed()) {
      if (put.step.start >= before) continue
      const found = this.within(put, wanted, hops)
      if (found !== undefined) return found
    }
    return undefined
  }

  private listWithin(wanted: string, hops: Hops): readonly Known[] {
    const found = new Map<string, Known>()
    for (const put of this.puts) {
      for (const name of this.namesIn(put, wanted, hops)) {
        const known = this.within(put, posix.join(wanted, name), hops)
        if (known !== undefined) found.set(known.path, known)
      }
    }
    return [...found.values()]
  }

  private namesIn(put: Put, wanted: string, hops: Hops): readonly string[] {
    const to = posix.resolve('/', put.to)
    if (posix.dirname(to) === wanted && !put.to.endsWith('/')) return [posix.basename(to)]
    const inner = put.to.endsWith('/') ? innerOf(to, wanted) : undefined
    if (inner === undefined) return []
    if (put.kind === 'context') return (listDirectory(join(put.from, inner)) ?? []).map(({ name }) => name)
    if (put.stage === undefined || hops.left === 0) return []
    hops.left -= 1
    const known = this.filesOf(put.stage).listWithin(posix.join(put.from, inner), hops)
    return known.map(({ path }) => posix.basename(path))
  }

  private within(put: Put, wanted: string, hops: Hops): Known | undefined {
    const to = posix.resolve('/', put.to)
    const isTree = put.to.endsWith('/')
    const inner = isTree ? innerOf(to, wanted) : to === wanted ? '' : undefined
    if (inner === undefined) return undefined
    const base = { path: wanted, place: put.step.place, step: put.step }
    if (put.kind === 'heredoc') return { ...base, source: undefined, text: put.text }
    if (put.kind === 'made') return { ...base, source: undefined, text: undefined }
    if (put.kind === 'context') {
      const source = inner === '' ? put.from : join(put.from, inner)
      if (!this.isInContext(source)) return undefined
      if (isFile(source)) return { ...base, source, text: readBytes(source).toString() }
      return isDirectory(source) ? { ...base, source, text: undefined } : undefined
    }
    if (hops.left === 0) return undefined
    hops.left -= 1
    const from = posix.join(put.from, inner)
    const known =
      put.stage === undefined
        ? this.findBefore(from, put.step.start, hops)
        : this.filesOf(put.stage).findBefore(from, Infinity, hops)
    return known === undefined ? undefined : { ...known, path: wanted }
  }

  private filesOf(stage: Stage): Files {
    const files = this.others.get(stage) ?? new Files(this.build, stage, this.context, this.others)
    this.others.set(stage, files)
    return files
  }

  private putsOf(step: Step): readonly Put[] {
    if (step.isOnbuild) return []
    if (step.keyword === 'COPY' || step.keyword === 'ADD') return this.copied(step)
    return step.keyword === 'RUN' ? step.commands.flatMap((command) => this.moved(step, command)) : []
  }

  private copied(step: Step): readonly Put[] {
    const words = step.json ?? step.words.map(({ text }) => text).filter((text) => !text.startsWith('<<'))
    const to = posix.resolve(step.directory, words.at(-1) ?? '')
    const isInto = (words.at(-1) ?? '').endsWith('/') || words.at(-1) === '.'
    const texts = step.heredocs.map((one): Put => {
      const text = this.build.text.slice(one.start, one.end)
      return { step, kind: 'heredoc', from: one.name, to: isInto ? posix.join(to, one.name) : to, text }
    })
    const sources = words.slice(0, -1).filter((source) => !/^(?:https?|git|ftp):|^git@/.test(source))
    const from = step.flags.get('from')
    const stage =
      from === undefined
        ? undefined
        : this.build.stages.find(({ name, index }) => name === from.toLowerCase() || String(index) === from)
    if (from !== undefined && stage === undefined) return texts
    return [
      ...texts,
      ...sources.flatMap((source) => this.copiedOne(step, stage, source, to, isInto || sources.length > 1)),
    ]
  }

  private copiedOne(step: Step, stage: Stage | undefined, source: string, to: string, isInto: boolean): readonly Put[] {
    if (stage !== undefined) {
      // Whether that is a file or a directory is seen when it is looked for.
      const from = posix.resolve('/', source)
      const put = { step, stage, kind: 'image', from } as const
      return [
        { ...put, to: isInto ? posix.join(to, posix.basename(from)) : to },
        { ...put, to: `${to}/` },
      ]
    }
    return this.globbed(source).flatMap((from): readonly Put[] => {
      const put = { step, kind: 'context', from } as const
      if (isDirectory(from)) return [{ ...put, to: `${to}/` }]
      const inside: Put = { ...put, to: posix.join(to, posix.basename(from)) }
      return isInto ? [inside] : [inside, { ...put, to }]
    })
  }

  /** The paths in the build context; only the last name may have wildcards. `..` stays inside, as in Docker. */
  private globbed(source: string): readonly string[] {
    const path = join(this.context, posix.resolve('/', source))
    if (!/[*?[]/.test(source)) return [path]
    const [folder, pattern] = [posix.dirname(path), posix.basename(path)]
    return (listDirectory(folder) ?? [])
      .filter(({ name }) => fitsName(pattern, name))
      .map(({ name }) => join(folder, name))
  }

  /** Whether a path, with its links followed, is in the build context: a build sees nothing else. */
  private isInContext(path: string): boolean {
    try {
      return innerOf(realpathSync(this.context), realpathSync(path)) !== undefined
    } catch {
      return false
    }
  }

  private moved(step: Step, command: Command): readonly Put[] {
    const made = command.targets.map(({ text }): Put => ({
      step,
      kind: 'made',
      from: '',
      to: posix.resolve(step.directory, text),
    }))
    const [program, ...rest] = programWords(command.words)
    if (program === undefined || !/^(?:cp|mv|install)$/.test(posix.basename(program.text))) return made
    const words = rest.map(({ text }) => text).filter((text) => !text.startsWith('-'))
    const to = words.at(-1) ?? ''
    const copies = words.slice(0, -1).flatMap((source): readonly Put[] => {
      const put = { step, kind: 'image', from: posix.resolve(step.directory, source) } as const
      const path = posix.resolve(step.directory, to)
      return [
        { ...put, to: posix.join(path, posix.basename(source)) },
        ...(to.endsWith('/') ? [] : [{ ...put, to: path }]),
      ]
    })
    return [...made, ...copies]
  }
}

/** The stages of the file that a stage is built on, the first one first, itself last. */
export function chainOf(stage: Stage): readonly Stage[] {
  return stage.parent === undefined ? [stage] : [...chainOf(stage.parent), stage]
}

/** The path below a directory; undefined when it is elsewhere. */
function innerOf(directory: string, path: string): string | undefined {
  if (directory === '/') return path.slice(1)
  if (path === directory) return ''
  return path.startsWith(`${directory}/`) ? path.slice(directory.length + 1) : undefined
}
