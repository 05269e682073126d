// The rules of the code base. Each takes sources and gives what breaks it, as `file:line: what is wrong`.

import { posix } from 'node:path'
import { functionsOf, importsOf, lineAt, type Source } from './scan.ts'

/** A rule over all sources. */
export type Rule = (sources: readonly Source[]) => string[]

const MAX_LINES = 300
const MAX_FUNCTION_LINES = 50

/** Modules of runtime/ and how high they stand. */
const RUNTIME: Readonly<Record<string, number>> = {
  system: 0,
  shim: 1,
  process: 1,
  log: 1,
  events: 1,
  service: 2,
  plan: 3,
  listeners: 3,
  'shutdown.ts': 4,
  'succession.ts': 4,
  'unclaimed.ts': 4,
  'units.ts': 4,
  'supervisor.ts': 5,
  control: 6,
  'limits.ts': 7,
  'identity.ts': 7,
  'reload.ts': 7,
  'configuration.ts': 8,
  'doors.ts': 7,
  'signals.ts': 8,
  'init-signals.ts': 9,
  'environment-directory.ts': 7,
  'exit-code-file.ts': 4,
  'ending.ts': 7,
  'upgrade.ts': 8,
  'daemon.ts': 10,
}

/** Who may import whom among the folders at the top. */
const FLOORS: Readonly<Record<string, readonly string[]>> = {
  config: ['config'],
  converter: ['converter', 'config'],
  runtime: ['runtime', 'config'],
  cli: ['cli', 'runtime', 'converter', 'config'],
}

/** The one door of each package. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  'smol-toml': ['config/read.ts', 'config/write.ts'],
  yargs: ['cli/kahi.ts'],
  chalk: ['cli/print.ts'],
}

const SEAM = ['runtime/system/', 'runtime/shim/', 'cli/main.ts']
const RESTRICTED =
  /\b(?:setTimeout|setInterval|Date\.now|process\.kill|process\.on|process\.once|process\.exit)\b(?!\s*:)/g

/** Imports go down or stay within a module; converter and runtime never meet; siblings never meet. */
export const floors: Rule = (sources) =>
  edges(sources).flatMap(({ from, to, line }) => {
    const [fromTop = '', toTop = ''] = [from.split('/')[0], to.split('/')[0]]
    if (!(FLOORS[fromTop] ?? []).includes(toTop))
      return [`${from}:${line}: ${fromTop} must not import ${toTop} (${to})`]
    if (fromTop !== 'runtime' || toTop !== 'runtime') return []
    const [fromModule = '', toModule = ''] = [from.split('/')[1], to.split('/')[1]]
    const [own, other] = [RUNTIME[fromModule], RUNTIME[toModule]]
    if (own === undefined) return [`${from}:${line}: runtime/${fromModule} has no floor yet: add it to the rules`]
    if (other === undefined) return [`${from}:${line}: runtime/${toModule} has no floor yet: add it to the rules`]
    if (fromModule === toModule || other < own) return []
    return [`${from}:${line}: runtime/${fromModule} must not import runtime/${toModule}`]
  })

/** No cycles among files. */
export const fileCycles: Rule = (sources) => cycles(edges(sources))

/** No cycles among modules: config, the folders of converter and runtime, cli. */
export const moduleCycles: Rule = (sources) => {
  const among = edges(sources).map((edge) => ({
    ...edge,
    file: edge.from,
    from: moduleOf(edge.from),
    to: moduleOf(edge.to),
  }))
  return cycles(among.filter(({ from, to }) => from !== to))
}

/** Time, signals, children and the end of the process are touched in one place. */
export const seam: Rule = (sources) =>
  sources
    .filter(({ path }) => !SEAM.some((place) => path.startsWith(place)))
    .flatMap((source) => {
      const uses = [...source.code.matchAll(RESTRICTED)].map(
        (match) => `${source.path}:${lineAt(source.code, match.index)}: ${match[0]} belongs into runtime/system`,
      )
      const children = importsOf(source).filter(({ specifier }) => /^(?:node:)?child_process$/.test(specifier))
      return [...uses, ...children.map(({ line }) => `${source.path}:${line}: child_process belongs into runtime/shim`)]
    })

/** Each package has one importer; packages without one are not used. */
export const packages: Rule = (sources) =>
  sources.flatMap((source) =>
    importsOf(source)
      .filter(({ specifier }) => !/^(?:node:|\.)/.test(specifier))
      .filter(({ specifier }) => !(PACKAGES[packageOf(specifier)] ?? []).includes(source.path))
      .map(({ specifier, line }) => `${source.path}:${line}: ${specifier} is not imported here`),
  )

/** Files and functions stay small; tables of keys may be long. */
export const sizes: Rule = (sources) =>
  sources.flatMap((source) => {
    const lines = source.text.trimEnd().split('\n').length
    const isTable = source.path.startsWith('config/keys/')
    const tooLong = lines > MAX_LINES && !isTable ? [`${source.path}:${lines}: more than ${MAX_LINES} lines`] : []
    const functions = functionsOf(source).filter((span) => span.lines > MAX_FUNCTION_LINES)
    return [
      ...tooLong,
      ...functions.map(({ line, lines: own }) => `${source.path}:${line}: a function of ${own} lines`),
    ]
  })

/** As sizes, of programs in C: a function ends with the first `}` in the first column. */
export const nativeSizes: Rule = (sources) =>
  sources.flatMap(({ path, text }) => {
    const lines = text.trimEnd().split('\n')
    const found = lines.length > MAX_LINES ? [`${path}:${lines.length}: more than ${MAX_LINES} lines`] : []
    let begin = 0
    for (const [index, line] of lines.entries()) {
      if (/^\w.*\) \{$/.test(line)) begin = index
      const own = index - begin + 1
      if (line === '}' && own > MAX_FUNCTION_LINES) found.push(`${path}:${begin + 1}: a function of ${own} lines`)
    }
    return found
  })

/** A file begins with what it is for; every exported symbol has a doc comment. */
export const docs: Rule = (sources) =>
  sources.flatMap((source) => {
    const lines = source.text.split('\n')
    const head = /^(?:\/\/|\/\*|#!)/.test(lines[0] ?? '') ? [] : [`${source.path}:1: says not what it is for`]
    const code = source.code.split('\n')
    const bare = code.flatMap((line, index) => {
      const name = /^export (?:async )?(?:abstract )?(?:function\*?|const|let|class|interface|type) (\w+)/.exec(
        line,
      )?.[1]
      const isOverload =
        name !== undefined && new RegExp(`^export (?:async )?function ${name}\\b`).test(code[index - 1] ?? '')
      if (name === undefined || isOverload || (lines[index - 1] ?? '').trimEnd().endsWith('*/')) return []
      return [`${source.path}:${index + 1}: ${name} has no doc comment`]
    })
    return [...head, ...bare]
  })

/** Files that a file imports directly, and all that those need, without what is loaded on use. */
export function staticClosure(sources: readonly Source[], start: string): Set<string> {
  const found = new Set([start])
  for (const path of found) {
    const source = sources.find((candidate) => candidate.path === path)
    if (source === undefined) continue
    const lines = source.code.split('\n')
    for (const { specifier, line } of importsOf(source)) {
      if (/\bimport\s*\(/.test(lines[line - 1] ?? '') || isTypeOnly(source, line)) continue
      found.add(specifier.startsWith('.') ? resolve(path, specifier) : specifier)
    }
  }
  return found
}

interface Edge {
  readonly from: string
  readonly to: string
  readonly line: number
  /** Where the import is, when `from` is a module. */
  readonly file?: string
}

function edges(sources: readonly Source[]): Edge[] {
  return sources.flatMap((source) =>
    importsOf(source)
      .filter(({ specifier }) => specifier.startsWith('.'))
      .map(({ specifier, line }) => ({ from: source.path, to: resolve(source.path, specifier), line })),
  )
}

/** Whether the import that ends on this line begins with `import type`. */
function isTypeOnly({ code }: Source, line: number): boolean {
  const before = code.split('\n').slice(0, line).join('\n')
  const start = Math.max(before.lastIndexOf('\nimport '), before.startsWith('import ') ? 0 : -1)
  return /^\n?import type\b/.test(before.slice(start))
}

function resolve(from: string, specifier: string): string {
  return posix.normalize(posix.join(posix.dirname(from), specifier))
}

function moduleOf(path: string): string {
  const [top = '', second = ''] = path.split('/')
  return top === 'runtime' || top === 'converter' ? `${top}/${second}` : top
}

function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}

/** One line for each import that closes a circle. */
function cycles(graph: readonly Edge[]): string[] {
  const next = new Map<string, Edge[]>()
  for (const edge of graph) next.set(edge.from, [...(next.get(edge.from) ?? []), edge])
  const state = new Map<string, 'open' | 'done'>()
  const found: string[] = []
  const visit = (node: string, path: readonly string[]): void => {
    state.set(node, 'open')
    for (const { to, line, file } of next.get(node) ?? []) {
      if (state.get(to) === 'open')
        found.push(`${file ?? node}:${line}: ${[...path.slice(path.indexOf(to)), to].join(' → ')}`)
      else if (state.get(to) === undefined) visit(to, [...path, to])
    }
    state.set(node, 'done')
  }
  for (const node of next.keys()) if (state.get(node) === undefined) visit(node, [node])
  return found
}
