// Reads source directories into definitions, by the rules of s6-rc-compile. Each file that it would refuse is an error,
// and all errors are reported. Source: s6-rc 0.5 to 0.7, s6-rc-compile add_sources; section 1 of its behaviour as
// verified by experiment.

import { join } from 'node:path'
import type { Diagnostic, Place } from '../../config/model/diagnostic.ts'
import { type Definition, type Name, SERVICE_TYPES, type ServiceType, type TextFile } from './definition.ts'
import { type Lexed, lexExecline, type Word } from '../execline/lexer.ts'
import type { Layers, Node } from './layers.ts'
import { readNames, readNumbers } from './read-values.ts'
import { readBytes } from '../../config/values/read-text.ts'

/** Names that only s6-rc itself may use. */
const RESERVED = /^s6-?rc-/
/** Definitions of which s6-overlay makes bundles, whatever their type is. */
const OVERLAY_BUNDLES = ['user', 'user2']

/** The content of one source. */
export interface SourceTree {
  readonly definitions: readonly Definition[]
  /** Names of definitions that cannot be read; they count as known. */
  readonly broken: readonly string[]
  readonly diagnostics: readonly Diagnostic[]
}

/** Reads one source with its lower layers. */
export function readTree(layers: Layers, isOverlay: boolean): SourceTree {
  const definitions: Definition[] = []
  const broken: string[] = []
  const diagnostics: Diagnostic[] = []
  for (const name of layers.list('.') ?? []) {
    if (name.startsWith('.')) continue
    const node = layers.find(name)
    const place = { file: node?.path ?? join(layers.root, name), line: 1, column: 1 }
    if (RESERVED.test(name)) {
      const hint = 'rename it: names that begin with s6rc- and s6-rc- belong to s6-rc'
      diagnostics.push({ severity: 'error', message: `"${name}" starts with a reserved prefix`, place, hint })
    } else if (node?.kind === 'broken') {
      const message = `"${name}" is a link that leads nowhere`
      diagnostics.push({ severity: 'error', message, place, hint: 'remove it' })
    } else if (node?.kind === 'directory') {
      const reader = new DefinitionReader(layers, name, isOverlay, diagnostics)
      const definition = reader.read(node)
      if (definition === undefined) broken.push(name)
      else definitions.push(definition)
    }
  }
  return { definitions, broken, diagnostics }
}

/** Reads one service directory as s6-supervise does: a longrun without dependencies. */
export function readServiceDirectory(
  layers: Layers,
  name: string,
  node: Node,
): { readonly definition: Definition; readonly diagnostics: readonly Diagnostic[] } {
  const diagnostics: Diagnostic[] = []
  const definition = new DefinitionReader(layers, name, false, diagnostics).readAs('longrun', node)
  return { definition: { ...definition, dependencies: [], producerFor: undefined, consumerFor: [] }, diagnostics }
}

class DefinitionReader {
  readonly #layers: Layers
  readonly #name: string
  readonly #isOverlay: boolean
  readonly #diagnostics: Diagnostic[]
  readonly #nodes = new Map<string, Node>()
  readonly #texts = new Map<string, TextFile>()

  constructor(layers: Layers, name: string, isOverlay: boolean, diagnostics: Diagnostic[]) {
    this.#layers = layers
    this.#name = name
    this.#isOverlay = isOverlay
    this.#diagnostics = diagnostics
  }

  /** Undefined when it has no type. */
  read(node: Node): Definition | undefined {
    this.#collect()
    const isOverlayBundle = this.#isOverlay && OVERLAY_BUNDLES.includes(this.#name)
    const type = isOverlayBundle ? 'bundle' : this.#readType(node.path)
    if (isOverlayBundle) this.#warnOfBundle()
    return type === undefined ? undefined : this.#define(type, node.path, isOverlayBundle)
  }

  /** A service with that name is never run. */
  #warnOfBundle(): void {
    const said = this.#texts.get('type')?.text.trim() ?? 'bundle'
    if (said === 'bundle') return
    const message = `s6-overlay makes a bundle of "${this.#name}", whatever its type is: as a ${said} it never runs`
    this.#diagnostics.push({ severity: 'warning', message, place: this.#place('type'), hint: 'give it another name' })
  }

  /** Reads a definition as one of that type, whatever its file `type` says. */
  readAs(type: ServiceType, { path }: Node): Definition {
    this.#collect()
    return this.#define(type, path, false)
  }

  #collect(): void {
    for (const name of this.#layers.list(this.#name) ?? []) {
      const node = this.#layers.find(`${this.#name}/${name}`)
      if (name.startsWith('.') || node === undefined) continue
      this.#nodes.set(name, node)
      this.#keepText(name, node)
    }
  }

  #define(type: ServiceType, path: string, isOverlayBundle: boolean): Definition {
    const isLongrun = type === 'longrun'
    const producers = isLongrun ? this.#list('producer-for') : undefined
    const consumers = isLongrun ? (this.#list('consumer-for') ?? []) : []
    return {
      name: this.#name,
      type,
      place: this.#place('type', this.#texts.has('type') ? undefined : path),
      directory: path,
      nodes: this.#nodes,
      texts: this.#texts,
      dependencies: type === 'bundle' ? [] : (this.#names('dependencies') ?? []),
      contents: type === 'bundle' ? this.#readContents(isOverlayBundle) : [],
      producerFor: this.#only('producer-for', producers),
      consumerFor: consumers,
      pipelineName: this.#readPipelineName(isLongrun, producers, consumers),
      numbers: readNumbers(type, this.#texts, this.#nodes, (message, place, hint) => this.#error(message, place, hint)),
      scripts: this.#readScripts(type),
      isPlaceholder: false,
    }
  }

  #keepText(name: string, node: Node): void {
    if (node.kind === 'file') this.#texts.set(name, { ...node, text: readBytes(node.path).toString() })
  }

  #place(file: string, otherwise?: string): Place {
    const path = otherwise ?? this.#nodes.get(file)?.path ?? join(this.#layers.root, this.#name, file)
    return { file: path, line: 1, column: 1 }
  }

  #error(message: string, place: Place, hint?: string): void {
    this.#diagnostics.push({ severity: 'error', message, place, hint })
  }

  #readType(directory: string): ServiceType | undefined {
    const file = this.#texts.get('type')
    const likely = this.#guessType()
    if (file === undefined) {
      const isThere = this.#nodes.has('type')
      const message = isThere ? `"type" of ${this.#name} is no file` : `${this.#name} has no file "type"`
      const remedy = `echo ${likely} > ${join(directory, 'type')}`
      const hint = `${remedy}; if it only adds to the same directory of a base image, name the tree of that with --base`
      this.#error(message, this.#place('type', directory), isThere ? undefined : hint)
      return undefined
    }
    const said = file.text.slice(0, 8).replace(/\n$/, '')
    const type = SERVICE_TYPES.find((one) => one === said)
    if (type !== undefined) return type
    const meant = SERVICE_TYPES.find((one) => one === file.text.trim().toLowerCase()) ?? likely
    const why = /\r/.test(file.text)
      ? ', it has Windows line ends (CRLF)'
      : /[ \t]$/m.test(file.text)
        ? ', it has a trailing blank'
        : ''
    const message = `"type" of ${this.#name} is ${JSON.stringify(file.text)}${why}: it must be oneshot, longrun or bundle`
    this.#error(message, this.#place('type'), `echo ${meant} > ${file.path}`)
    return undefined
  }

  #guessType(): ServiceType {
    if (this.#nodes.has('contents') || this.#nodes.has('contents.d')) return 'bundle'
    return this.#nodes.has('up') ? 'oneshot' : 'longrun'
  }

  /** A directory of names has priority over a file with a list. */
  #names(name: string): readonly Name[] | undefined {
    const folder = this.#nodes.get(`${name}.d`)
    if (folder === undefined) return this.#list(name)
    if (folder.kind !== 'directory') {
      this.#error(
        `"${name}.d" of ${this.#name} is no directory`,
        this.#place(`${name}.d`),
        `make it one, with a file for each name`,
      )
      return []
    }
    const found = (this.#layers.list(`${this.#name}/${name}.d`) ?? []).filter((one) => !one.startsWith('.'))
    return found.map((one) => {
      const node = this.#layers.find(`${this.#name}/${name}.d/${one}`)
      if (node !== undefined) this.#keepText(`${name}.d/${one}`, node)
      return { name: one, place: { file: node?.path ?? join(folder.path, one), line: 1, column: 1 } }
    })
  }

  #list(name: string): readonly Name[] | undefined {
    const node = this.#nodes.get(name)
    if (node === undefined || node.kind === 'broken') return undefined
    const file = this.#texts.get(name)
    if (file !== undefined) return readNames(file.text, file.path)
    this.#error(`"${name}" of ${this.#name} is no file`, this.#place(name))
    return []
  }

  /** s6-overlay makes `contents.d` in its bundles, so a list is never read. */
  #readContents(isOverlayBundle: boolean): readonly Name[] {
    if (isOverlayBundle && !this.#nodes.has('contents.d')) return []
    const names = this.#names('contents')
    if (names !== undefined) return names
    const hint = 'make the directory contents.d with an empty file for each member'
    this.#error(`The bundle ${this.#name} has neither "contents.d" nor "contents"`, this.#place('type'), hint)
    return []
  }

  #only(file: string, names: readonly Name[] | undefined): Name | undefined {
    if (names === undefined) return undefined
    if (names.length !== 1)
      this.#error(`"${file}" of ${this.#name} must have exactly one name`, names[1]?.place ?? this.#place(file))
    return names[0]
  }

  /** It has an effect only at the end of a pipeline. */
  #readPipelineName(
    isLongrun: boolean,
    producers: readonly Name[] | undefined,
    consumers: readonly Name[],
  ): Name | undefined {
    if (!isLongrun || !this.#nodes.has('pipeline-name')) return undefined
    if (producers === undefined && consumers.length > 0) return this.#only('pipeline-name', this.#list('pipeline-name'))
    const message = `"pipeline-name" of ${this.#name} is ignored: it is not the last consumer of a pipeline`
    this.#diagnostics.push({ severity: 'warning', message, place: this.#place('pipeline-name') })
    return undefined
  }

  #readScripts(type: ServiceType): ReadonlyMap<string, readonly Word[]> {
    const scripts = new Map<string, readonly Word[]>()
    if (type === 'longrun' && this.#nodes.get('run')?.kind !== 'file') {
      const isThere = (this.#nodes.get('run')?.kind ?? 'broken') !== 'broken'
      const message = isThere
        ? `"run" of ${this.#name} is no regular file`
        : `The longrun ${this.#name} has no file "run"`
      this.#error(message, this.#place('run'), 'write the script that runs the program in the foreground')
    }
    if (type === 'longrun') this.#checkFolders()
    if (type !== 'oneshot') return scripts
    for (const file of ['up', 'down']) {
      const found = this.#texts.get(file)
      if (found === undefined) {
        if (file === 'up' || (this.#nodes.get(file)?.kind ?? 'broken') !== 'broken') this.#missingScript(file)
        continue
      }
      const lexed: Lexed = lexExecline(found.text, found.path)
      if ('words' in lexed) scripts.set(file, lexed.words)
      else this.#error(`"${file}" of ${this.#name} cannot be read: ${lexed.error}`, lexed.place)
    }
    return scripts
  }

  #checkFolders(): void {
    for (const name of ['data', 'env', 'template']) {
      const kind = this.#nodes.get(name)?.kind ?? 'directory'
      if (kind !== 'directory') this.#error(`"${name}" of ${this.#name} is no directory`, this.#place(name))
    }
  }

  #missingScript(file: string): void {
    const hint = this.#texts.has('run')
      ? `a oneshot has "up", not "run": write the path of the script into ${file}`
      : undefined
    this.#error(`The oneshot ${this.#name} has no file "${file}"`, this.#place(file), hint)
  }
}
