// Finds mistakes in execline scripts that s6-rc-compile accepts. Only certain ones are reported.

import { basename } from 'node:path'
import type { Diagnostic, Place } from '../../config/model/diagnostic.ts'
import { nameOf, readChains, type Step } from '../execline/shapes.ts'
import { SHELL_SIGNS } from '../shell-signs.ts'
import type { Definition, TextFile } from './definition.ts'
import { type Item, lexExecline, nestBlocks, type Word } from '../execline/lexer.ts'
import { languageOf, shebangOf } from './scripts.ts'

/** A script and its role in the service. */
interface Script {
  readonly file: string
  readonly definition: Definition
  readonly chains: readonly (readonly Step[])[]
}

type Rule = (script: Script) => readonly Diagnostic[]

const SHELLS = ['sh', 'bash', 'dash', 'ash']
const TESTS = ['test', '[', 's6-test', 'eltest']
/** Shell operators, which are ordinary words in execline. */
/** Commands that give a value to a name. */
const DEFINING = [
  'importas',
  'define',
  'backtick',
  'multidefine',
  'forx',
  'forbacktickx',
  'elglob',
  'getpid',
  'withstdinas',
  'elgetopt',
]

/** The findings in all scripts of a definition that execline reads. */
export function lintDefinition(definition: Definition): readonly Diagnostic[] {
  const { texts, type } = definition
  const files = [...texts].filter(([name, file]) => isLine(type, name) || isExecline(file))
  return files.flatMap(([name, file]) => {
    const shebang = isLine(type, name) ? checkShebang(definition, name, file) : []
    if (shebang.length > 0) return shebang
    const lexed = lexExecline(file.text, file.path)
    if ('error' in lexed)
      return [warning(`execlineb cannot read "${name}" of ${definition.name}: ${lexed.error}`, lexed.place)]
    const script: Script = { file: name, definition, chains: readChains(nestBlocks(lexed.words)) }
    const found = RULES.flatMap((rule) => rule(script))
    return found.sort((a, b) => (a.place?.line ?? 0) - (b.place?.line ?? 0))
  })
}

function isLine(type: Definition['type'], name: string): boolean {
  return type === 'oneshot' && (name === 'up' || name === 'down')
}

function isExecline({ text }: TextFile): boolean {
  const shebang = shebangOf(text)
  return shebang !== undefined && languageOf(shebang) === 'execlineb'
}

function warning(message: string, place: Place, hint?: string): Diagnostic {
  return { severity: 'warning', message, place, hint }
}

/** A shell script in `up` compiles, but its lines become the words of one command. */
function checkShebang({ name }: Definition, file: string, { text, path }: TextFile): readonly Diagnostic[] {
  const shebang = shebangOf(text)
  if (shebang === undefined || languageOf(shebang) === 'execlineb') return []
  const words = lexExecline(text, path)
  if ('words' in words && words.words.length <= 1) return []
  const message = `"${file}" of ${name} is no script: its #! line is a comment, and all that follows is one command line of execline`
  const hint = `keep the script in a file of its own and write only its path into ${file}`
  return [warning(message, { file: path, line: 1, column: 1 }, hint)]
}

const RULES: readonly Rule[] = [catWithFile, unsetVariables, failingTests, shellSigns, unknownVariables]

function steps({ chains }: Script): readonly Step[] {
  return chains.flat()
}

/** Source: s6-portable-utils 2.3, s6-cat: it has no arguments. */
function catWithFile(script: Script): readonly Diagnostic[] {
  return steps(script).flatMap(({ command, words: [file] }) => {
    if (nameOf(command) !== 's6-cat' || file === undefined) return []
    const hint = `write: redirfd -r 0 ${file.text} s6-cat`
    return [warning(`s6-cat reads only its standard input: ${file.text} is never opened`, command.place, hint)]
  })
}

/** `importas -u` removes the variable from the environment of everything after it. */
function unsetVariables({ chains }: Script): readonly Diagnostic[] {
  return chains.flatMap((chain) =>
    chain.flatMap(({ command, options, words: [, variable] }, index) => {
      const behind = chain.slice(index + 1)
      const program = behind.find(({ isKnown }) => !isKnown)
      if (nameOf(command) !== 'importas' || !options.includes('u') || variable === undefined || program === undefined)
        return []
      const isBack = behind.some((one) => nameOf(one.command) === 'export' && one.words[0]?.text === variable.text)
      if (isBack) return []
      const message = `importas -u takes ${variable.text} out of the environment: ${program.command.text} runs without it`
      return [warning(message, command.place, `leave -u out, or put it back with: export ${variable.text} …`)]
    }),
  )
}

/** An `if` whose test fails ends the whole script with 1: a oneshot is then not up, and its dependents do not start. */
function failingTests(script: Script): readonly Diagnostic[] {
  const { definition, file } = script
  if (definition.type !== 'oneshot' || file === 'down') return []
  return steps(script).flatMap(({ command, options, blocks: [block] }) => {
    const [test, ...words] = (block?.items ?? []).filter((item): item is Word => !('items' in item))
    if (nameOf(command) !== 'if' || /[nt]/.test(options) || test === undefined || !TESTS.includes(nameOf(test)))
      return []
    const said = words
      .map(({ text }) => text)
      .filter((text) => text !== ']')
      .join(' ')
    const message = `Unless "${said}" succeeds, this "if" ends ${file} of ${definition.name} with 1: what needs ${definition.name} is not started`
    return [
      warning(
        message,
        command.place,
        'where the rest may run all the same, write: ifthenelse { … } { … } { }, or ifelse',
      ),
    ]
  })
}

function shellSigns(script: Script): readonly Diagnostic[] {
  return steps(script).flatMap(({ command, all }) => {
    if (SHELLS.includes(basename(command.text))) return []
    const sign = all.find((item): item is Word => !('items' in item) && SHELL_SIGNS.includes(item.text))
    const isTest = TESTS.includes(nameOf(command))
    if (sign === undefined || isTest || command.level !== sign.level) return []
    const last = script.chains.find((chain) => chain.some((step) => step.command === command))?.at(-1)
    if (last?.command !== command) return []
    return [
      warning(
        `"${sign.text}" is an ordinary word in execline, handed to ${command.text}`,
        sign.place,
        'write: sh -c "…"',
      ),
    ]
  })
}

/** `${NAME}` without a command that gives it a value is not replaced. Words of a shell script are excluded. */
function unknownVariables(script: Script): readonly Diagnostic[] {
  const all = steps(script)
  const hasMany = all.some(({ command }) => ['multisubstitute', 'elgetpositionals'].includes(nameOf(command)))
  const isShell = all.some(({ command }) => SHELLS.includes(basename(command.text)))
  if (hasMany || isShell) return []
  const known = all.flatMap(({ command, words }) => (DEFINING.includes(nameOf(command)) ? (words[0]?.text ?? []) : []))
  const told = new Set<string>()
  return all.flatMap(({ command, all: items }) => {
    const words = [command, ...items.filter((item: Item): item is Word => !('items' in item))]
    return words.flatMap(({ text, place }) => {
      const name = /\$\{([A-Za-z_]\w*)\}/.exec(text)?.[1]
      if (name === undefined || known.includes(name) || told.has(name)) return []
      told.add(name)
      const hint = `execline knows no variables of the environment: importas ${name} ${name}`
      return [warning(`Nothing gives a value to \${${name}}: it is passed on as it is written`, place, hint)]
    })
  })
}
