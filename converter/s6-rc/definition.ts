// A source definition directory as it was read: names and numbers with their places, nothing resolved yet.

import type { Place } from '../../config/model/diagnostic.ts'
import type { Word } from '../execline/lexer.ts'
import type { Node } from './layers.ts'

/** The three types of services. */
export const SERVICE_TYPES = ['oneshot', 'longrun', 'bundle'] as const

/** One of SERVICE_TYPES. */
export type ServiceType = (typeof SERVICE_TYPES)[number]

/** Files that contain a number. */
export const NUMBER_FILES = [
  'timeout-up',
  'timeout-down',
  'notification-fd',
  'lock-fd',
  'timeout-kill',
  'timeout-finish',
  'max-death-tally',
] as const

/** One of NUMBER_FILES. */
export type NumberFile = (typeof NUMBER_FILES)[number]

/** The name of another service. */
export interface Name {
  readonly name: string
  readonly place: Place
}

/** A file that was read as text. */
export interface TextFile extends Node {
  readonly text: string
}

/** One source definition directory. */
export interface Definition {
  readonly name: string
  readonly type: ServiceType
  /** The place of the type. */
  readonly place: Place
  /** Absolute path of the directory. */
  readonly directory: string
  /** All entries that do not begin with a dot, sorted; links are followed. */
  readonly nodes: ReadonlyMap<string, Node>
  /** Its files as text, including those in dependencies.d and contents.d, by their names in the directory. */
  readonly texts: ReadonlyMap<string, TextFile>
  readonly dependencies: readonly Name[]
  /** The contents of a bundle. */
  readonly contents: readonly Name[]
  readonly producerFor: Name | undefined
  readonly consumerFor: readonly Name[]
  readonly pipelineName: Name | undefined
  /** Numbers in the units of the files. */
  readonly numbers: ReadonlyMap<NumberFile, number>
  /** The words of up and down. */
  readonly scripts: ReadonlyMap<string, readonly Word[]>
  /** A placeholder for a service of s6-overlay that is not in the tree. */
  readonly isPlaceholder: boolean
}

/** Several definitions that share one set of names. */
export interface Tree {
  readonly definitions: readonly Definition[]
  /** Whether s6-overlay starts it: then the bundle `top` is started. */
  readonly isOverlay: boolean
  /** Absolute path of the first source directory. */
  readonly root: string
}
