// Reads a main file and the files of its [include] into the same sections. Included files do not include further ones.
// Source: supervisor 4.2.5, ServerOptions.read_config.

import { append } from '../../config/model/append.ts'
import { statSync } from 'node:fs'
import { dirname, isAbsolute, join, resolve as resolvePath } from 'node:path'
import type { Machine } from '../../config/model/machine.ts'
import { ConfigError, type Diagnostic } from '../../config/model/diagnostic.ts'
import type { Comment } from '../../config/keys/document.ts'
import { environmentNames, expand } from '../../config/values/expand.ts'
import { glob } from '../../config/values/glob.ts'
import { readText } from '../../config/values/read-text.ts'
import { ValueError } from '../../config/values/values.ts'
import { Ini, type IniEntry, type IniLine, type IniSection } from './read-ini.ts'

/** The content of a main file and its included files. */
export interface Source {
  /** Absolute path of the main file. */
  readonly file: string
  readonly sections: readonly IniSection[]
  readonly lines: readonly IniLine[]
  readonly trailingComments: readonly Comment[]
  readonly diagnostics: readonly Diagnostic[]
  /** The files that were read, the main one first. */
  readonly files: readonly string[]
}

/**
 * Reads the file and its included files, or the given text instead of the file. Throws ConfigError when the main file
 * cannot be read; errors inside files are diagnostics.
 */
export function readSource(path: string, machine: Machine, text = readText(path)): Source {
  const file = resolvePath(machine.workingDirectory, path)
  const ini = new Ini()
  const files = [file]
  ini.read(text, path)
  const diagnostics: Diagnostic[] = []
  const include = findFiles(ini.sections, diagnostics)
  for (const included of include === undefined ? [] : listIncludes(include, file, machine, diagnostics)) {
    try {
      ini.read(readText(included), included)
      files.push(included)
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error
      append(
        diagnostics,
        error.diagnostics.map((diagnostic) => softenUnreadable(included, diagnostic)),
      )
    }
  }
  return {
    file,
    sections: ini.sections,
    lines: ini.lines,
    trailingComments: ini.trailingComments,
    diagnostics: [...ini.diagnostics, ...diagnostics],
    files,
  }
}

function findFiles(sections: readonly IniSection[], diagnostics: Diagnostic[]): IniEntry | undefined {
  const include = sections.find(({ name }) => name === 'include')
  if (include === undefined) return undefined
  const defaults = sections.find(({ name }) => name === 'DEFAULT')
  const files = include.entries.get('files') ?? defaults?.entries.get('files')
  if (files === undefined)
    diagnostics.push({ severity: 'error', message: 'The [include] section has no "files"', place: include.place })
  return files
}

function listIncludes(files: IniEntry, file: string, machine: Machine, diagnostics: Diagnostic[]): string[] {
  const here = dirname(file)
  const names = { ...environmentNames(machine.environment), here, host_node_name: machine.hostName }
  const fail = (severity: 'error' | 'warning', message: string): string[] => {
    diagnostics.push({ severity, message, place: files.place })
    return []
  }
  try {
    const patterns = expand(
      files.value.replaceAll('%(here)s', () => here),
      names,
      'percent',
    )
      .split(/\s+/)
      .filter((pattern) => pattern !== '')
    return patterns.flatMap((pattern) => {
      const found = glob(isAbsolute(pattern) ? pattern : join(here, pattern))
      return found.length > 0 ? found : fail('warning', `No file matches "${pattern}"`)
    })
  } catch (error) {
    if (!(error instanceof ValueError)) throw error
    return fail('error', `Cannot read "files" of [include]: ${error.message}`)
  }
}

/** An included file that cannot be opened is skipped, as by supervisord; one that is no text is an error. */
function softenUnreadable(file: string, diagnostic: Diagnostic): Diagnostic {
  const isText = diagnostic.place !== undefined
  const exists = statSync(file, { throwIfNoEntry: false }) !== undefined
  return isText && exists
    ? diagnostic
    : { ...diagnostic, severity: 'warning', hint: 'supervisord skips such files without a message' }
}
