// Collects the edits of a Dockerfile, each with its reason, which becomes a comment above the changed instruction.

import { append } from '../../config/model/append.ts'
import type { Diagnostic } from '../../config/model/diagnostic.ts'
import type { Change, Edit } from './edits.ts'
import type { Facts } from './facts.ts'
import type { Build, Step } from './instructions.ts'
import type { Origin } from './release.ts'

/** The changes of a file. */
export interface FileChange {
  /** The path of the file. */
  readonly file: string
  readonly text: string
  readonly edits: readonly Edit[]
}

/** What has to change for one way. */
export interface Plan {
  /** The Dockerfile first. */
  readonly files: readonly FileChange[]
  readonly changes: readonly Change[]
  readonly diagnostics: readonly Diagnostic[]
  /** Where the image has kahi from. */
  readonly origin: Origin
}

/** How kahi is put into the image. */
export interface Put {
  /** The instruction before or behind which it comes; undefined: before the start is defined. */
  readonly step: Step | undefined
  readonly isBehind: boolean
  /** Arguments of `kahi install`; undefined when no program is replaced. */
  readonly install: readonly string[] | undefined
  /** Further lines. */
  readonly lines: readonly string[]
  readonly reason: string
}

/** Builds a plan. */
export class Planner {
  readonly edits: Edit[] = []
  readonly changes: Change[] = []
  readonly diagnostics: Diagnostic[] = []
  readonly scripts: FileChange[] = []
  private readonly build: Build
  private lastReason = ''

  constructor(build: Build) {
    this.build = build
  }

  /** The text of the Dockerfile. */
  get text(): string {
    return this.build.text
  }

  /** Edits of an instruction. */
  change(step: Step, edits: readonly Edit[], reason: string): void {
    if (edits.length === 0) return
    this.note(step.place.line, reason)
    const at = this.lineStart(step.start)
    if (reason !== this.lastReason) this.edits.push({ start: at, end: at, text: this.comment(reason) })
    this.lastReason = reason
    append(this.edits, edits)
  }

  /** Lines before an offset, which is moved to the beginning of its line. */
  insert(offset: number, lines: readonly string[], reason: string): void {
    const { eol } = this.build
    const at = this.lineStart(offset)
    this.note(this.build.placeOf(at).line, reason)
    this.edits.push({
      start: at,
      end: at,
      text: `${this.comment(reason)}${lines.map((line) => `${line}${eol}`).join('')}`,
    })
    this.lastReason = ''
  }

  /** Lines behind the instruction that ends at an offset. */
  append(offset: number, lines: readonly string[], reason: string, isApart = false): void {
    const { text, eol } = this.build
    const end = text.indexOf('\n', offset)
    const at = end < 0 ? text.length : end + 1
    const first = `${text.slice(0, at).endsWith('\n') ? '' : eol}${isApart ? eol : ''}`
    this.note(this.build.placeOf(offset).line, reason)
    this.edits.push({
      start: at,
      end: at,
      text: `${first}${this.comment(reason)}${lines.map((line) => `${line}${eol}`).join('')}`,
    })
    this.lastReason = ''
  }

  /** The beginning of the comment that stands directly above an instruction, or of its line. */
  above(step: Step): number {
    const { text } = this.build
    let at = this.lineStart(step.start)
    for (;;) {
      const before = text.lastIndexOf('\n', at - 2) + 1
      const line = text.slice(before, at)
      if (at === 0 || !/^[ \t]*#/.test(line) || /^#[ \t]*(?:syntax|escape|check)[ \t]*=/i.test(line)) return at
      at = before
    }
  }

  finish(origin: Origin): Plan {
    const { file, text } = this.build
    return {
      files: [{ file, text, edits: this.edits }, ...this.scripts],
      changes: this.changes,
      diagnostics: this.diagnostics,
      origin,
    }
  }

  private note(line: number, reason: string): void {
    this.changes.push({ line, reason })
  }

  private comment(reason: string): string {
    return `# kahi: ${reason}${this.build.eol}`
  }

  private lineStart(offset: number): number {
    return this.build.text.lastIndexOf('\n', offset - 1) + 1
  }
}

/** The user at an offset of a stage; undefined for root. */
export function userAt({ chain }: Pick<Facts, 'chain'>, offset: number): string | undefined {
  const steps = chain
    .flatMap((stage) => stage.steps)
    .filter(({ start, keyword, isOnbuild }) => start < offset && keyword === 'USER' && !isOnbuild)
  const user = steps.at(-1)?.words[0]?.text
  return user === undefined || /^(?:root|0)(?::|$)/.test(user) ? undefined : user
}

/** Lines that are run as root, wherever they stand. */
export function asRoot(user: string | undefined, lines: readonly string[]): readonly string[] {
  return user === undefined ? lines : ['USER root', ...lines, `USER ${user}`]
}

/** Whether a stage copies from stages by their number, from `index` on. */
export function numbered({ stages }: Build, index: number): readonly Step[] {
  const isBehind = (from: string | undefined): boolean =>
    from !== undefined && /^\d+$/.test(from) && Number(from) >= index
  return stages.flatMap((stage) => stage.steps).filter(({ flags }) => isBehind(flags.get('from')))
}
