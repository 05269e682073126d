// What a source definition directory says, as it was read: names and numbers with their places, nothing looked up yet.

import type { Place } from '../../config/diagnostic.ts'
import type { Word } from '../execline/lexer.ts'
import type { Node } from './layers.ts'

/** The three types of services. */
export const SERVICE_TYPES = ['oneshot', 'longrun', 'bundle'] as const

/** One of SERVICE_TYPES. */
export type ServiceType = (typeof SERVICE_TYPES)[number]

/** Files with a number in them. */
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

/** Another service that is named. */
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
  /** Where the type is said. */
  readonly place: Place
  /** Where the directory lies, absolute. */
  readonly directory: string
  /** Everything in it that does not begin with a dot, sorted; links are followed. */
  readonly nodes: ReadonlyMap<string, Node>
  /** Its files as text, also those in dependencies.d and contents.d, by name in the directory. */
  readonly texts: ReadonlyMap<string, TextFile>
  readonly dependencies: readonly Name[]
  /** Of a bundle. */
  readonly contents: readonly Name[]
  readonly producerFor: Name | undefined
  readonly consumerFor: readonly Name[]
  readonly pipelineName: Name | undefined
  /** As the files say, in their units. */
  readonly numbers: ReadonlyMap<NumberFile, number>
  /** The words of up and down. */
  readonly scripts: ReadonlyMap<string, readonly Word[]>
  /** Made by s6-overlay, not found in the tree. */
  readonly isStandIn: boolean
}

/** Several definitions that share their names. */
export interface Tree {
  readonly definitions: readonly Definition[]
  /** Whether s6-overlay brings it up: it starts `top`. */
  readonly isOverlay: boolean
  /** The first source directory, absolute. */
  readonly root: string
}
