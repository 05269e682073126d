// The files of one service: a longrun with its scripts and settings, or a oneshot with its command lines.

import { append } from '../../../config/model/append.ts'
import { join, relative } from 'node:path'
import type { Diagnostic } from '../../../config/model/diagnostic.ts'
import type { ProcessSettings } from '../../../config/settings/process.ts'
import { signalName } from '../../../config/values/signal.ts'
import { readBytes } from '../../../config/values/read-text.ts'
import { isDirectory, isFile, listDirectory } from '../../folders.ts'
import type { Plan } from '../plan/plan.ts'
import { adoptedFile } from '../plan/scripts.ts'
import type { Unit } from '../plan/unit.ts'
import type { Output, OutputFile } from '../plan/target.ts'
import { adopt } from './adopt.ts'
import { finishOf, type Halt } from './finish.ts'
import { CHECK_FD, needsFd, scriptOf } from './run.ts'
import { type Script, writeExecline, writeSh } from './steps.ts'

/** What the two targets do differently. */
export interface Flavour {
  readonly isOverlay: boolean
  readonly isExecline: boolean
  /** Path of the source directory in the output, with its slash. */
  readonly tree: string
  /** What runs a script of sh, behind `#!`. */
  readonly interpreter: string
  /** Directory for scripts of oneshots in the output; undefined when their later path is not known. */
  readonly scripts: string | undefined
  /** The directory of programs that name none. */
  readonly directory: string
  readonly halt: Halt
  /** Programs of the source inherit only PATH. */
  readonly isCleared: boolean
}

/** What a service has to do with others. */
export interface Around {
  readonly flavour: Flavour
  readonly name: string
  /** The service that reads its output. */
  readonly consumer: string | undefined
  /** The services whose output it reads. */
  readonly producers: readonly string[]
  readonly needs: readonly string[]
  /** Its failure does not keep others from starting. */
  readonly mayFail: boolean
}

const MILLISECONDS = 1000
const TERM = 15
const USUAL_TALLY = 100
const USUAL_FINISH = 5

/** Seconds in which a process must be ready; 0 = no limit. Without a limit of s6-rc it would wait for more. */
export function readyDeadline(settings: ProcessSettings): number {
  const { ready } = settings
  return ready !== undefined && (ready.check.kind === 'fd' || needsFd(settings)) ? ready.deadline : 0
}

/** Writes one service. */
export class ServiceWriter {
  readonly #unit: Unit
  readonly #plan: Plan
  readonly #around: Around
  readonly #files: OutputFile[] = []
  readonly #diagnostics: Diagnostic[] = []

  constructor(unit: Unit, plan: Plan, around: Around) {
    this.#unit = unit
    this.#plan = plan
    this.#around = around
  }

  write(): Output {
    const { kind, timeoutUp, timeoutDown, settings } = this.#unit
    this.#add('type', kind === 'program' ? 'longrun\n' : 'oneshot\n')
    for (const name of this.#around.needs) this.#add(`dependencies.d/${name}`, '')
    this.#milliseconds('timeout-up', timeoutUp === 0 ? readyDeadline(settings) : timeoutUp, 0)
    this.#milliseconds('timeout-down', timeoutDown, 0)
    if (settings.essential) this.#add('flag-essential', '')
    if (kind === 'program') this.#writeLongrun(settings)
    else this.#writeOneshot()
    return { files: this.#files, diagnostics: this.#diagnostics }
  }

  #writeLongrun(settings: ProcessSettings): void {
    this.#writeRun(settings)
    this.#writeFinish(settings)
    const { ready, stopsignal, timeout_kill: kill, stopwaitsecs, killasgroup, max_deaths: deaths } = settings
    if (ready?.check.kind === 'fd') this.#add('notification-fd', `${ready.check.fd}\n`)
    else if (needsFd(settings)) this.#add('notification-fd', `${CHECK_FD}\n`)
    if (stopsignal !== TERM) this.#add('down-signal', `${signalName(stopsignal)}\n`)
    this.#milliseconds('timeout-kill', kill ?? stopwaitsecs, 0)
    this.#milliseconds('timeout-finish', settings.timeout_finish, USUAL_FINISH)
    if (killasgroup) this.#add('flag-timeout-killpg', '')
    if (deaths !== USUAL_TALLY) this.#add('max-death-tally', `${deaths}\n`)
    const { consumer, producers } = this.#around
    if (consumer !== undefined) this.#add('producer-for', `${consumer}\n`)
    if (producers.length > 0) this.#add('consumer-for', producers.map((name) => `${name}\n`).join(''))
    const home = settings.service_files ?? settings.directory
    for (const folder of ['data', 'env']) if (home !== undefined) this.#copy(join(home, folder), folder)
  }

  #writeRun(settings: ProcessSettings): void {
    const file = adoptedFile(settings.argv, this.#plan.sources)
    if (file !== undefined) return this.#adopt(file, 'run')
    this.#add('run', this.#script(settings), 0o755)
  }

  #writeFinish(settings: ProcessSettings): void {
    const { isOverlay, halt } = this.#around.flavour
    const words = typeof settings.finish === 'string' ? settings.finish.split(' ') : settings.finish
    const file = adoptedFile(words, this.#plan.sources)
    const keepsRules = settings.autorestart === 'true' && settings.restart === 's6' && settings.on_exit === 'none'
    if (file !== undefined && keepsRules) return this.#adopt(file, 'finish')
    const finish = finishOf(this.#unit, isOverlay, halt)
    if (finish !== undefined) this.#add('finish', finish, 0o755)
  }

  #writeOneshot(): void {
    const { settings, down } = this.#unit
    this.#add('up', this.#line(settings, 'up'))
    if (down !== undefined) this.#add('down', this.#line(down, 'down'))
  }

  /** `up` and `down` are command lines of execline. With s6-overlay a script beside the tree does the work. */
  #line(settings: ProcessSettings, direction: 'up' | 'down'): string {
    const { flavour, name, mayFail } = this.#around
    const { argv = [] } = settings
    if (argv.length === 0) return 'true\n'
    const path = `${flavour.scripts ?? ''}${direction === 'up' ? name : `${name}-down`}`
    const file = adoptedFile(argv, this.#plan.sources)
    if (file !== undefined && /(?:^|\/)execlineb$/.test(argv[0] ?? '')) return this.#adopted(file)
    let line: string
    if (flavour.scripts === undefined || flavour.isExecline) {
      const contenv = flavour.isOverlay && !flavour.isCleared ? 'with-contenv\n' : ''
      line = `${contenv}${writeExecline(this.#stepsOf(settings))}`
    } else if (file !== undefined) {
      this.#files.push({ path, text: this.#adopted(file), mode: 0o755 })
      line = `/${path}\n`
    } else {
      this.#files.push({ path, text: this.#oneshotScript(settings), mode: 0o755 })
      line = `/${path}\n`
    }
    return direction === 'up' && mayFail ? `foreground { ${line.trimEnd()} }\n` : line
  }

  /** A script for `sh -c` is the script itself, when nothing comes before it. */
  #oneshotScript(settings: ProcessSettings): string {
    const script = this.#stepsOf(settings)
    const [shell = '', option, text = '', ...rest] = script.argv
    const isPlain = /^(?:\/bin\/)?(?:ba|da|a)?sh$/.test(shell) && option === '-c' && rest.length === 0
    if (!isPlain || script.steps.length > 1 || text.includes('\uE000')) return this.#script(settings)
    const { isOverlay, isCleared } = this.#around.flavour
    const name = shell.replace(/^\/bin\//, '')
    const interpreter = isOverlay && !isCleared ? `/command/with-contenv ${name}` : `/bin/${name}`
    const directory = script.steps.flatMap((step) => (step.kind === 'directory' ? [`cd ${step.path}`] : []))
    const comments = script.comments.map((line) => `# ${line}`)
    return [`#!${interpreter}`, ...comments, ...directory, text.trimEnd(), ''].join('\n')
  }

  #script(settings: ProcessSettings): string {
    const { interpreter, isExecline, isOverlay, isCleared } = this.#around.flavour
    const script = this.#stepsOf(settings)
    if (!isExecline) return writeSh(script, interpreter)
    const contenv = isOverlay && !isCleared ? 'with-contenv\n' : ''
    return `#!${isOverlay ? '/command' : '/usr/bin'}/execlineb -P\n${contenv}${writeExecline(script)}`
  }

  #stepsOf(settings: ProcessSettings): Script {
    const isLogged = this.#around.consumer !== undefined && settings === this.#unit.settings
    return scriptOf(this.#unit, settings, { directory: this.#around.flavour.directory, isLogged })
  }

  #adopt(file: string, name: string): void {
    this.#add(name, this.#adopted(file), 0o755)
  }

  #adopted(file: string): string {
    const { text, diagnostics } = adopt(file, this.#unit)
    append(this.#diagnostics, diagnostics)
    return text
  }

  /** Copies the files of a directory and those below it. */
  #copy(from: string, to: string): void {
    if (!isDirectory(from)) return
    for (const entry of listDirectory(from) ?? []) {
      const path = join(from, entry.name)
      if (isDirectory(path)) this.#copy(path, join(to, entry.name))
      else if (isFile(path)) this.#addFile(join(to, relative(from, path)), readBytes(path))
    }
  }

  /** A file that is not text is copied as bytes. */
  #addFile(path: string, bytes: Buffer): void {
    const { flavour, name } = this.#around
    const text = bytes.toString()
    const isText = Buffer.from(text).equals(bytes)
    this.#files.push({
      path: `${flavour.tree}${name}/${path}`,
      mode: 0o644,
      ...(isText ? { text } : { text: '', bytes }),
    })
  }

  #milliseconds(file: string, seconds: number, usual: number): void {
    if (seconds !== usual) this.#add(file, `${Math.round(seconds * MILLISECONDS)}\n`)
  }

  #add(path: string, text: string, mode?: number): void {
    const { flavour, name } = this.#around
    this.#files.push({ path: `${flavour.tree}${name}/${path}`, text, ...(mode === undefined ? {} : { mode }) })
  }
}
