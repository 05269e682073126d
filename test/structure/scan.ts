// Facts about a source file for the structure tests, by TypeScript's own parser (docs/decisions/0021-structure-by-parsers.md).

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'

/** A source file; `path` is relative to the checkout. */
export interface Source {
  readonly path: string
  readonly text: string
}

/** An import, export-from or import(): its place and the module that it names. */
export interface Import {
  readonly specifier: string
  readonly line: number
  /** No module is loaded for it: `import type`, `export type`, a type of import(). */
  readonly isType: boolean
  /** The module is loaded when the program reaches the call: `import()`. */
  readonly isLazy: boolean
}

/** A declaration that a file exports. */
export interface Export {
  readonly name: string
  readonly line: number
  readonly hasDoc: boolean
}

/** All files below some folders of the checkout whose names match `kind`; by default all TypeScript files except declarations. */
export function readSources(root: string, folders: readonly string[], kind: RegExp = /(?<!\.d)\.ts$/): Source[] {
  return folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => kind.test(name))
      .map((name) => ({ path: join(folder, name), text: readFileSync(join(root, folder, name), 'utf8') })),
  )
}

/** All that a file imports, in its order. */
export function importsOf(source: Source): readonly Import[] {
  return parse(source).imports
}

/** All declarations that a file exports; of the overloads of a function the first counts. */
export function exportsOf(source: Source): readonly Export[] {
  return parse(source).exports
}

interface Parsed {
  readonly imports: readonly Import[]
  readonly exports: readonly Export[]
}

const known = new WeakMap<Source, Parsed>()

function parse(source: Source): Parsed {
  const before = known.get(source)
  if (before !== undefined) return before
  const tree = ts.createSourceFile(source.path, source.text, ts.ScriptTarget.Latest, true)
  const parsed = { imports: findImports(tree), exports: tree.statements.flatMap((one) => findExport(one, tree)) }
  known.set(source, parsed)
  return parsed
}

function findImports(tree: ts.SourceFile): Import[] {
  const found: Import[] = []
  const look = (node: ts.Node): void => {
    const target = targetOf(node)
    if (target !== undefined && ts.isStringLiteral(target.literal)) {
      const { line } = tree.getLineAndCharacterOfPosition(target.literal.getStart(tree))
      found.push({ ...target, specifier: target.literal.text, line: line + 1 })
    }
    ts.forEachChild(node, look)
  }
  look(tree)
  return found.map(({ specifier, line, isType, isLazy }) => ({ specifier, line, isType, isLazy }))
}

function targetOf(node: ts.Node): { literal: ts.Node; isType: boolean; isLazy: boolean } | undefined {
  if (ts.isImportDeclaration(node))
    return {
      literal: node.moduleSpecifier,
      isType: node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword,
      isLazy: false,
    }
  if (ts.isExportDeclaration(node) && node.moduleSpecifier !== undefined)
    return { literal: node.moduleSpecifier, isType: node.isTypeOnly, isLazy: false }
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument))
    return { literal: node.argument.literal, isType: true, isLazy: false }
  const [first] =
    ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword ? node.arguments : []
  return first && { literal: first, isType: false, isLazy: true }
}

function findExport(statement: ts.Statement, tree: ts.SourceFile): Export[] {
  const isExported = ts.canHaveModifiers(statement)
    ? (ts.getModifiers(statement) ?? []).some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)
    : false
  if (!isExported || isOverload(statement, tree)) return []
  const names = ts.isVariableStatement(statement)
    ? statement.declarationList.declarations.map(({ name }) => name.getText(tree))
    : [ts.getNameOfDeclaration(statement as ts.DeclarationStatement)?.getText(tree) ?? '']
  const { line } = tree.getLineAndCharacterOfPosition(statement.getStart(tree))
  const hasDoc = ts.getJSDocCommentsAndTags(statement).some(ts.isJSDoc)
  return names.map((name) => ({ name, line: line + 1, hasDoc }))
}

/** Whether the statement is a further signature of the function before it. */
function isOverload(statement: ts.Statement, tree: ts.SourceFile): boolean {
  const before = tree.statements[tree.statements.indexOf(statement) - 1]
  if (!ts.isFunctionDeclaration(statement) || before === undefined || !ts.isFunctionDeclaration(before)) return false
  return before.body === undefined && before.name?.text === statement.name?.text
}
