// How a script of a service is run: by its path, by the interpreter in its first line, or with its text in the TOML.

import { basename } from 'node:path'
import type { Word } from '../execline/lexer.ts'
import type { Definition, TextFile } from './definition.ts'
import type { Node } from './layers.ts'

const SHELLS = ['sh', 'bash', 'dash', 'ash', 'ksh', 'zsh']
/** Programs that run the command line after them. */
const WRAPPERS = ['with-contenv', 'env']

/**
 * The first line of a script as the kernel reads it: the interpreter and at most one argument. Undefined when there is
 * none.
 */
export function shebangOf(text: string): readonly string[] | undefined {
  const line = /^#![ \t]*([^\n]*)/.exec(text)?.[1]?.replace(/[ \t]+$/, '')
  if (line === undefined || line === '') return undefined
  const [, interpreter = '', argument] = /^([^ \t]+)[ \t]*(.*)$/s.exec(line) ?? []
  return argument === undefined || argument === '' ? [interpreter] : [interpreter, argument]
}

/** Whether the kernel may run the file. */
export function isExecutable({ mode }: Node): boolean {
  return (mode & 0o111) !== 0
}

/** The interpreter without the commands before it: `bash` of `with-contenv bash`. */
export function languageOf(shebang: readonly string[]): string {
  const [interpreter = '', argument] = shebang
  const name = basename(interpreter)
  return WRAPPERS.includes(name) && argument !== undefined ? basename(argument.trim()) : name
}

/** The argv that runs the text itself, as if from its file; undefined when the interpreter accepts only files. */
export function inlineArgv(text: string, shebang: readonly string[], path: string): readonly string[] | undefined {
  const language = languageOf(shebang)
  if (language !== 'execlineb' && !SHELLS.includes(language)) return undefined
  return [...shebang, '-c', text.replace(/^[^\n]*\n/, ''), ...(language === 'execlineb' ? [] : [path])]
}

/** The script of the tree that an execline command line consists of; undefined when there is none. */
export function namedScript(words: readonly Word[] | undefined, all: readonly Definition[]): TextFile | undefined {
  const [first] = words ?? []
  const [, service, script] = /\/s6-rc(?:\.d)?\/(?:.*\/)?([^/]+)\/([^/]+)$/.exec(first?.text ?? '') ?? []
  if (words?.length !== 1 || script === undefined) return undefined
  return all.find(({ name }) => name === service)?.texts.get(script)
}
