// The rules of the code base that no linter has. Each rule takes sources and gives the places that break it, as `file:line:
// mistake`. ESLint checks sizes, and which files may use time, signals and child processes (eslint.config.js).

import { posix } from 'node:path'
import { FLOORS, INTERFACE, PACKAGES, PURE } from './floors.ts'
import { ALLOWED, BY_PATH, OWN_DIRECTORY } from './places.ts'
import { exportsOf, importsOf, type Source } from './scan.ts'

/** A rule over all sources. */
export type Rule = (sources: readonly Source[]) => string[]

const MAX_NATIVE_LINES = 300
const MAX_NATIVE_FUNCTION_LINES = 50

/** Imports between the sub-folders of a folder lead to a lower layer. */
export const floors: Rule = (sources) =>
  edges(sources).flatMap(({ from, to, line }) => {
    const { folder, own, other } = fork(from, to)
    if (own === undefined || other === undefined) return []
    const layers = FLOORS[folder] ?? []
    const layerOf = (name: string): number => layers.findIndex((layer) => layer.includes(name))
    const unknown = [own, other].find((name) => layerOf(name) < 0)
    if (unknown !== undefined)
      return [`${from}:${line}: ${posix.join(folder, unknown)} has no layer yet: add it to test/structure/floors.ts`]
    if (layerOf(other) < layerOf(own)) return []
    return [`${from}:${line}: ${posix.join(folder, own)} must not import ${to}`]
  })

/** Plans and state machines use neither Node nor the rest of runtime: all their inputs are arguments. */
export const purity: Rule = (sources) =>
  sources.flatMap((source) => {
    const folder = Object.keys(PURE).find((name) => source.path.startsWith(name))
    if (folder === undefined) return []
    return importsOf(source)
      .filter(({ specifier, isType }) => {
        if (!specifier.startsWith('.')) return true
        const path = resolve(source.path, specifier)
        if (!path.startsWith('runtime/') || path.startsWith(folder)) return false
        return !(isType && PURE[folder]?.includes(path) === true)
      })
      .map(({ specifier, line }) => `${source.path}:${line}: ${folder} must not import ${specifier}`)
  })

/** Control uses the runtime through one interface. Protocols do not import the list of all protocols. */
export const oneInterface: Rule = (sources) =>
  edges(sources)
    .filter(({ from }) => /^runtime\/control\/\w+\//.test(from))
    .flatMap(({ from, to, line }) => {
      if (/^runtime\/control\/[^/]+$/.test(to)) return [`${from}:${line}: ${to} stands above this folder`]
      if (!to.startsWith('runtime/') || /^runtime\/(?:control|system)\//.test(to) || from === INTERFACE) return []
      return [`${from}:${line}: ${to} must come from ${INTERFACE}`]
    })

/** No cycles among files. */
export const fileCycles: Rule = (sources) => cycles(edges(sources))

/** Each package has the importers that are listed; packages without one are not used. */
export const packages: Rule = (sources) =>
  sources.flatMap((source) =>
    importsOf(source)
      .filter(({ specifier }) => !/^(?:node:|\.)/.test(specifier))
      .filter(({ specifier }) => !(PACKAGES[packageOf(specifier)] ?? []).some((one) => source.path.startsWith(one)))
      .map(({ specifier, line }) => `${source.path}:${line}: ${specifier} is not imported here`),
  )

/** Files and functions in C stay small: a function ends with the first `}` in the first column. */
export const nativeSizes: Rule = (sources) =>
  sources.flatMap(({ path, text }) => {
    const lines = text.trimEnd().split('\n')
    const found =
      lines.length > MAX_NATIVE_LINES ? [`${path}:${lines.length}: more than ${MAX_NATIVE_LINES} lines`] : []
    let begin = 0
    for (const [index, line] of lines.entries()) {
      if (/^\w.*\) \{$/.test(line)) begin = index
      const own = index - begin + 1
      if (line === '}' && own > MAX_NATIVE_FUNCTION_LINES)
        found.push(`${path}:${begin + 1}: a function of ${own} lines`)
    }
    return found
  })

/** A file begins with a comment about its purpose. Every exported symbol has a doc comment. */
export const docs: Rule = (sources) =>
  sources.flatMap((source) => [
    ...(/^(?:\/\/|\/\*|#!)/.test(source.text) ? [] : [`${source.path}:1: does not begin with what it is for`]),
    ...exportsOf(source)
      .filter(({ hasDoc }) => !hasDoc)
      .map(({ name, line }) => `${source.path}:${line}: ${name} has no doc comment`),
  ])

/** Files are opened, made, changed and removed by path only where that is listed, with the reason. */
export const byPath: Rule = (sources) =>
  sources
    .filter(({ path }) => path.startsWith('runtime/') && !(path in ALLOWED))
    .flatMap(({ path, text }) =>
      [...text.matchAll(/import (?:\* as \w+|(\w+)|\{([^}]*)\}) from 'node:fs(?:\/promises)?'/g)].flatMap((found) => {
        const line = text.slice(0, found.index).split('\n').length
        const names = found[2]?.split(',').map((name) => name.trim().split(' ')[0] ?? '') ?? ['all of node:fs']
        const bad = names.filter((name) => BY_PATH.has(name) || found[2] === undefined)
        return bad.map((name) => `${path}:${line}: ${name} acts by path: use runtime/system/guarded`)
      }),
    )

/** Trees are removed by path only in kahi's own directories: elsewhere another user may replace a directory by a link meanwhile. */
export const byTree: Rule = (sources) =>
  sources
    .filter(({ path }) => path.startsWith('runtime/') && path !== OWN_DIRECTORY)
    .flatMap(({ path, text }) =>
      [...text.matchAll(/\brm(?:Sync)?\([^;]*\brecursive\b/g)].map(
        ({ index }) =>
          `${path}:${text.slice(0, index).split('\n').length}: removes a tree by path: use removeGuarded()`,
      ),
    )

/** The files and packages that are loaded with a file: its imports, and the imports of these. */
export function staticClosure(sources: readonly Source[], start: string): Set<string> {
  const byPath = new Map(sources.map((source) => [source.path, source]))
  const found = new Set([start])
  for (const path of found) {
    const source = byPath.get(path)
    const loaded = source === undefined ? [] : importsOf(source).filter(({ isType, isLazy }) => !isType && !isLazy)
    for (const { specifier } of loaded) found.add(specifier.startsWith('.') ? resolve(path, specifier) : specifier)
  }
  return found
}

interface Edge {
  readonly from: string
  readonly to: string
  readonly line: number
}

function edges(sources: readonly Source[]): Edge[] {
  return sources.flatMap((source) =>
    importsOf(source)
      .filter(({ specifier }) => specifier.startsWith('.'))
      .map(({ specifier, line }) => ({ from: source.path, to: resolve(source.path, specifier), line })),
  )
}

/** The lowest common folder of two files, and the sub-folder of each file there; undefined for a file of the folder itself. */
function fork(from: string, to: string): { folder: string; own: string | undefined; other: string | undefined } {
  const [left, right] = [from.split('/'), to.split('/')]
  let at = 0
  while (left[at] !== undefined && left[at] === right[at]) at += 1
  const childOf = (path: readonly string[]): string | undefined => (at < path.length - 1 ? path[at] : undefined)
  return { folder: left.slice(0, at).join('/') || '.', own: childOf(left), other: childOf(right) }
}

function resolve(from: string, specifier: string): string {
  return posix.normalize(posix.join(posix.dirname(from), specifier))
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
    for (const { to, line } of next.get(node) ?? []) {
      if (state.get(to) === 'open') found.push(`${node}:${line}: ${[...path.slice(path.indexOf(to)), to].join(' → ')}`)
      else if (state.get(to) === undefined) visit(to, [...path, to])
    }
    state.set(node, 'done')
  }
  for (const node of next.keys()) if (state.get(node) === undefined) visit(node, [node])
  return found
}
