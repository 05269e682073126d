// Scripts that get files of their own, because they are too long for a line: scripts of the source, and those of
// `sh -c` with several lines. And what commands need of s6, for targets that have none.

import type { Diagnostic } from '../../../config/model/diagnostic.ts'
import { readBytes } from '../../../config/values/read-text.ts'
import { isFile } from '../../folders.ts'
import { strip } from '../../../config/values/values.ts'
import type { ProcessSettings } from '../../../config/settings/process.ts'
import { hasVariables } from './variables.ts'
import type { Plan } from './plan.ts'
import type { Unit } from './unit.ts'

/** Programs that come with s6 and execline. */
const OF_S6 = /(?:^|[\s/"'])(execlineb|with-contenv|importas|logutil-service|s6-[a-z][\w-]*)(?=$|[\s"';])/
/** Bundles that s6-overlay has for itself. */
const OF_OVERLAY: readonly string[] = ['base', 'top', 'user', 'user2']

/** The text of a file for a command that is one script; undefined for other commands. */
export function scriptFile(
  { comments }: Unit,
  argv: readonly string[],
  sources: ReadonlySet<string>,
): string | undefined {
  const inline = shellScript(argv)
  if (inline !== undefined) {
    if (!inline.text.includes('\n') || hasVariables(inline.text)) return undefined
    const interpreter = inline.shell.startsWith('/') ? inline.shell : `/bin/${inline.shell}`
    return [`#!${interpreter}`, ...comments.map((line) => `# ${line}`), inline.text, ''].join('\n')
  }
  const file = adoptedFile(argv, sources)
  return file === undefined ? undefined : withoutContenv(readBytes(file).toString())
}

/** The shell and the script of `sh -c SCRIPT`, whose further arguments the script does not look at. */
export function shellScript(argv: readonly string[]): { readonly shell: string; readonly text: string } | undefined {
  const [shell = '', option, text = '', ...rest] = argv
  const isShell = /^(?:(?:\/usr)?\/bin\/)?(?:ba|da|a)?sh$/.test(shell) && option === '-c'
  if (!isShell || (rest.length > 0 && /\$(?:\{?\d|\{?[@*#](?!\w))/.test(text))) return undefined
  return { shell, text: text.trimEnd() }
}

/** The words of a command; those that a script does not look at are left out. */
export function plainWords(argv: readonly string[]): readonly string[] {
  const script = shellScript(argv)
  return script === undefined ? argv : [script.shell, '-c', script.text]
}

/** with-contenv loads the environment of a container, which is not there. */
function withoutContenv(text: string): string {
  return text.replace(/^#!\s*\S*\/with-contenv\s+(?:\/bin\/)?((?:ba|da|a)?sh)\b/, '#!/bin/$1')
}

/** The file of the source that a command consists of; undefined when it is another command. */
export function adoptedFile(argv: readonly string[] | undefined, sources: ReadonlySet<string>): string | undefined {
  return argv?.slice(0, 4).find((word) => sources.has(word) && isFile(word))
}

/** Warnings for commands that need programs of s6 or execline. */
export function reportTools({ units, sources }: Plan): readonly Diagnostic[] {
  return units.flatMap((unit) => {
    const { settings, down } = unit
    const { finish = [] } = settings
    const commands = [settings.argv ?? [], down?.argv ?? [], typeof finish === 'string' ? [finish] : finish]
    const texts = commands.flatMap((words) => [scriptFile(unit, words, sources) ?? plainWords(words).join(' ')])
    const tools = [...new Set(texts.flatMap((text) => OF_S6.exec(text)?.[1] ?? []))]
    if (tools.length === 0) return []
    const message = `${unit.name} runs ${tools.join(', ')}, which must be installed there`
    return [{ severity: 'warning' as const, message, place: unit.table.place }]
  })
}

/** PATH as s6-overlay has it: the directory of its tools is the first. */
const OVERLAY_PATH = /^\/command:\uE000PATH\b[^\uE001]*\uE001$/
/** `exec PROGRAM WORDS`, of which a shell changes nothing. */
const PLAIN_EXEC = /^exec ([\w@%+:,./-]+(?: [\w@%+=:,./-]+)*)$/

/**
 * The plan without what only s6-overlay has: its own bundles, its PATH, and its service directories as working directories. A
 * shell that only executes a program is left out.
 */
export function withoutOverlay(plan: Plan): Plan {
  if (plan.config.supervisor.exit_code_file === undefined) return plan
  const units = plan.units.map((unit) => ({
    ...unit,
    settings: ofHost(unit.settings),
    down: unit.down === undefined ? undefined : ofHost(unit.down),
  }))
  const tables = plan.document.tables.filter(
    ({ kind, name }) => kind !== 'bundles' || !OF_OVERLAY.includes(strip(name)),
  )
  return {
    ...plan,
    units,
    document: { ...plan.document, tables },
    bundles: plan.bundles.filter(({ name }) => !OF_OVERLAY.includes(name)),
  }
}

function ofHost({ directory, environment, argv, ...rest }: ProcessSettings): ProcessSettings {
  const isOwn = directory !== undefined && /^(?:\/var)?\/run\/s(?:6|ervice)(?:\/|$)/.test(directory)
  const left = Object.entries(environment).filter(([name, value]) => name !== 'PATH' || !OVERLAY_PATH.test(value))
  const script = shellScript(argv ?? [])
  const words = script === undefined ? undefined : PLAIN_EXEC.exec(script.text)?.[1]
  return {
    ...rest,
    directory: isOwn ? undefined : directory,
    environment: Object.fromEntries(left),
    argv: words?.split(' ') ?? argv,
  }
}
