// `--translate`: converts the scripts of a tree for an image without execline and s6. Scripts of execline become keys
// and scripts of sh; `with-contenv` before another interpreter is removed; what still needs tools of skarnet.org is
// reported.

import type { Diagnostic, Place } from '../../config/model/diagnostic.ts'
import { isIndifferent } from '../execline/indifferent.ts'
import type { Keys } from '../execline/head.ts'
import { type Refusal, translate, type Translation } from '../execline/translate.ts'
import type { Definition, TextFile, Tree } from './definition.ts'
import { lookOutside } from './outside-scripts.ts'
import { inlineArgv, languageOf, namedScript, shebangOf } from './scripts.ts'
import { toolsIn } from './tools.ts'

/** The translated scripts of a definition. */
export interface TranslatedDefinition {
  readonly keys: Keys
  /** The commands by name of the script; comments that are not in them by line. */
  readonly scripts: ReadonlyMap<string, TranslatedScript>
}

/** One script. */
export interface TranslatedScript {
  readonly argv: readonly string[]
  readonly comments: ReadonlyMap<number, string>
}

/** All definitions by name, and diagnostics. */
export interface TranslatedTree {
  readonly definitions: ReadonlyMap<string, TranslatedDefinition>
  readonly diagnostics: readonly Diagnostic[]
  /** with-contenv is left out: programs must have all variables. */
  readonly isInherited: boolean
  /** A script that stays, or one outside of the tree, calls with-contenv, or may call it. */
  readonly callsContenv: boolean
}

/** Source: s6 2.13, s6-supervise: exit code, signal, name and pid. */
const FINISH_ARGUMENTS = [undefined, undefined, undefined, undefined]

/** Translates what can be translated. `at` gives the later path of a script. */
export function translateTree(
  { definitions, root }: Pick<Tree, 'definitions' | 'root'>,
  at: (path: string, name: string) => string,
  isInline: boolean,
): TranslatedTree {
  const own = definitions.filter(({ isPlaceholder, type }) => !isPlaceholder && type !== 'bundle')
  const outside = lookOutside(own, root)
  const writer =
    definitions.flatMap(({ texts }) => [...texts.values()]).find(({ text }) => /container_environment/.test(text))
      ?.path ?? outside.writer
  const contenv = writer === undefined ? undefined : `${writer} uses its files`
  const found = own.map((definition) => ({
    definition,
    ...new Translator(definition, { all: own, contenv, at, isInline }).translate(),
  }))
  const all = found.flatMap(({ isTranslated }) => isTranslated)
  const needs = found.flatMap(({ definition, tools }) =>
    tools.length === 0 ? [] : [`${definition.name} (${[...new Set(tools.map(({ name }) => name))].join(', ')})`],
  )
  const done = `${all.filter(Boolean).length} of ${all.length} scripts of execline are translated`
  const users = [...needs, ...outside.needs]
  const unseen = outside.unseen.length === 0 ? '' : `; not looked at: ${outside.unseen.join(', ')}`
  const left =
    users.length === 0
      ? `nothing ${outside.unseen.length === 0 ? 'in this tree' : 'that was looked at'} needs the tools of skarnet.org${unseen}`
      : `the tools of skarnet.org are needed by ${users.join(', ')}${unseen}`
  const diagnostics: readonly Diagnostic[] = [
    ...found.flatMap((one) => [...one.diagnostics, ...one.tools.flatMap(({ told }) => told ?? [])]),
    { severity: 'note', message: `${done}; ${left}` },
  ]
  return {
    definitions: new Map(found.map(({ definition, ...one }) => [definition.name, one])),
    diagnostics,
    isInherited: contenv === undefined,
    callsContenv: outside.unseen.length > 0 || users.some((user) => user.includes('with-contenv')),
  }
}

interface Need {
  readonly name: string
  readonly told?: Diagnostic
}

/** What all definitions have in common. */
interface Around {
  readonly all: readonly Definition[]
  /** Why with-contenv cannot be left out. */
  readonly contenv: string | undefined
  readonly at: (path: string, name: string) => string
  /** Whether shell scripts are written into the TOML. */
  readonly isInline: boolean
}

class Translator {
  readonly #definition: Definition
  readonly #around: Around
  readonly #scripts = new Map<string, TranslatedScript>()
  readonly #diagnostics: Diagnostic[] = []
  readonly #isTranslated: boolean[] = []
  #keys: Keys = {}

  constructor(definition: Definition, around: Around) {
    this.#definition = definition
    this.#around = around
  }

  translate(): TranslatedDefinition & {
    readonly diagnostics: readonly Diagnostic[]
    readonly isTranslated: readonly boolean[]
    readonly tools: readonly Need[]
  } {
    const [main, other] = this.#definition.type === 'longrun' ? ['run', 'finish'] : ['up', 'down']
    this.#translateScript(main ?? '', this.#isFree(other ?? '') ? 'all' : 'none')
    this.#translateScript(other ?? '', 'none')
    const found = { keys: this.#keys, scripts: this.#scripts, diagnostics: this.#diagnostics }
    return { ...found, isTranslated: this.#isTranslated, tools: this.#needs() }
  }

  /** Keys of the table apply to both scripts, so the other script must not depend on them. */
  #isFree(other: string): boolean {
    const text = this.#definition.texts.get(other)?.text
    if (text === undefined) return true
    return (this.#isExecline(other) || text.trim() === '') && isIndifferent(text)
  }

  #isExecline(file: string): boolean {
    const { type, texts, scripts } = this.#definition
    if (type === 'oneshot') return (scripts.get(file) ?? []).length > 0
    const shebang = shebangOf(texts.get(file)?.text ?? '')
    return shebang !== undefined && languageOf(shebang) === 'execlineb'
  }

  #translateScript(file: string, keys: 'all' | 'none'): void {
    const script = this.#definition.texts.get(file)
    if (script === undefined) return
    const target = this.#target(file)
    if (target !== undefined) this.#dropContenv(file, target)
    else if (!this.#isExecline(file)) this.#dropContenv(file, script)
    else if (!this.#isPlainLine(file)) this.#translateExecline(file, script, keys)
  }

  /** An execline command line that is a single program needs no translation. */
  #isPlainLine(file: string): boolean {
    const words = this.#definition.scripts.get(file)
    return words !== undefined && words.length === 1
  }

  #target(file: string): TextFile | undefined {
    return namedScript(this.#definition.scripts.get(file), this.#around.all)
  }

  #translateExecline(file: string, script: TextFile, keys: 'all' | 'none'): void {
    const { type, name } = this.#definition
    const [, options = ''] = shebangOf(script.text) ?? []
    const found: Translation | Refusal = translate({
      text: script.text,
      file: script.path,
      options: type === 'oneshot' ? '-P' : options,
      args: type === 'oneshot' ? [] : file === 'run' ? [name] : FINISH_ARGUMENTS,
      isSupervised: file === 'run',
      keys,
      contenv: this.#around.contenv,
    })
    this.#isTranslated.push(!('reason' in found))
    if ('reason' in found) {
      const message = `"${file}" of ${name} stays a script of execline: ${found.reason}`
      this.#diagnostics.push({ severity: 'warning', message, place: found.place })
      return
    }
    if (keys === 'all') this.#keys = found.keys
    const argv = found.argv ?? ['/bin/sh', '-c', found.script ?? '', file === 'finish' ? 'finish' : name]
    this.#scripts.set(file, { argv, comments: found.comments })
  }

  /** `#!/command/with-contenv bash`: the environment is inherited anyway. */
  #dropContenv(file: string, script: TextFile): void {
    const { name } = this.#definition
    const [wrapper = '', interpreter] = shebangOf(script.text) ?? []
    if (!wrapper.endsWith('/with-contenv') || interpreter === undefined || /\s/.test(interpreter)) return
    const place: Place = { file: script.path, line: 1, column: 1 }
    if (this.#around.contenv !== undefined) {
      const message = `"${file}" of ${name} keeps with-contenv: ${this.#around.contenv}`
      this.#diagnostics.push({ severity: 'warning', message, place })
      return
    }
    const path = this.#definition.scripts.get(file)?.[0]?.text ?? this.#around.at(script.path, `${name}/${file}`)
    const inline = this.#around.isInline ? inlineArgv(script.text, [interpreter], path) : undefined
    const argv = [...(inline ?? [interpreter, path]), ...(file === 'run' ? [name] : [])]
    this.#scripts.set(file, { argv, comments: new Map() })
  }

  /** The tools in everything that is left: translated commands, scripts that stay, and other scripts beside them. */
  #needs(): readonly Need[] {
    const { texts, type, name } = this.#definition
    const lines = type === 'oneshot' ? ['up', 'down'] : []
    const files = [...texts].filter(([file, { text }]) => lines.includes(file) || /^#!/.test(text))
    return files.flatMap(([file, script]): readonly Need[] => {
      const translated = this.#scripts.get(file)
      const isExecline = this.#isExecline(file)
      if (translated === undefined && isExecline && !this.#isPlainLine(file)) return [{ name: 'execlineb' }]
      const text = translated !== undefined && isExecline ? translated.argv.join('\n') : script.text
      const isWithout = translated !== undefined || this.#isReplaced(script)
      return toolsIn(isWithout ? text.replace(/^#!.*/, '') : text).map(({ tool, line }) => {
        const place = { file: script.path, line: isExecline ? 1 : line, column: 1 }
        return { name: tool, told: { severity: 'note', message: `"${file}" of ${name} calls ${tool}`, place } }
      })
    })
  }

  /** Some line calls it with an interpreter, so its own first line has no effect. */
  #isReplaced(script: TextFile): boolean {
    return ['up', 'down'].some((file) => this.#scripts.has(file) && this.#target(file) === script)
  }
}
