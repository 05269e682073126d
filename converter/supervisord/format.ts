// supervisord.conf as a format: a file, standard input, or a directory.

import { join } from 'node:path'
import type { Diagnostic } from '../../config/model/diagnostic.ts'
import { glob } from '../../config/values/glob.ts'
import { isDirectory, isFile } from '../folders.ts'
import { type Asked, type Format, isNamedAs, type Source } from '../format.ts'
import { convertSupervisord } from './convert.ts'
import { witnessSupervisord } from './expected.ts'
import { prepareMachine } from './unset.ts'
import { readBytes } from '../../config/values/read-text.ts'

const MAIN_NAMES = ['supervisord.conf', 'supervisor.conf', 'supervisord.ini', 'supervisor/supervisord.conf']
const FRAGMENTS = ['*.conf', '*.ini', 'conf.d/*.conf', 'conf.d/*.ini']
const SECTION =
  /^\[(?:supervisord|supervisorctl|unix_http_server|inet_http_server|include|(?:program|group|eventlistener|fcgi-program|rpcinterface):[^\]]+)\]/m

/** Configurations of supervisord. */
export const supervisordFormat: Format = {
  name: 'supervisord',
  title: 'a supervisord.conf',
  endings: ['.conf', '.ini'],
  holds: [...MAIN_NAMES, ...FRAGMENTS].join(', '),
  options: {
    'env-file': {
      type: 'string',
      summary:
        'Values of variables that a supervisord.conf names, NAME=value a line; those that are not set stay as they are',
    },
  },
  takesSources: false,
  detect,
  meets: (path, isFolder) => !isFolder && isNamedAs(supervisordFormat, path) && SECTION.test(readLeniently(path)),
  leads: (path) => /^\[include\]/m.test(readLeniently(path)),
}

/** Accepts any file, and directories that contain a supervisord.conf or fragments of one. */
function detect(path: string, { text, options = {} }: Asked): Source | undefined {
  const envFile = typeof options['env-file'] === 'string' ? options['env-file'] : undefined
  const sourceOf = (file: string, content: string | undefined, message?: string): Source =>
    makeSource(file, content, envFile, message)
  if (text !== undefined || !isDirectory(path)) return sourceOf(path, text)
  const main = MAIN_NAMES.map((name) => join(path, name)).find(isFile)
  if (main !== undefined) return sourceOf(main, undefined, `Converting ${main}, the main file of ${path}`)
  const patterns = FRAGMENTS.filter((pattern) => glob(join(path, pattern)).length > 0)
  if (patterns.length > 0) {
    const message = `${path} has no supervisord.conf: converting ${patterns.join(' ')} as a main file that includes them would have them`
    return sourceOf(join(path, 'supervisord.conf'), `[include]\nfiles = ${patterns.join(' ')}\n`, message)
  }
  return undefined
}

function makeSource(path: string, text: string | undefined, envFile: string | undefined, message?: string): Source {
  const note: Diagnostic | undefined = message === undefined ? undefined : { severity: 'note', message }
  return {
    format: supervisordFormat.name,
    path,
    note,
    convert: (machine, reading) => convertSupervisord(path, machine, { text, ...reading }),
    prepare: (machine) => prepareMachine(path, text, machine, envFile),
    inOwnWords,
    witness: (machine) => witnessSupervisord(path, machine, { text }),
  }
}

const SECTIONS: Readonly<Record<string, string>> = {
  programs: 'program',
  groups: 'group',
  event_listeners: 'eventlistener',
  fcgi_programs: 'fcgi-program',
}

/** `[programs.web]` becomes `[program:web]`, and values have no quotes. */
function inOwnWords({ message, hint, ...found }: Diagnostic): Diagnostic {
  const say = (text: string): string =>
    text
      .replaceAll(
        /\[(programs|groups|event_listeners|fcgi_programs)\.([^\]]+)\]/g,
        (_, kind: string, name: string) => `[${SECTIONS[kind]}:${name}]`,
      )
      .replaceAll('[supervisor]', '[supervisord]')
  return { ...found, message: say(message), hint: hint && say(hint).replace(/^(write \w+ = )"([^"]*)"$/, '$1$2') }
}

/** A file that cannot be read is accepted too, so that its conversion reports the error. */
function readLeniently(file: string): string {
  try {
    return readBytes(file).toString('latin1')
  } catch {
    return '[supervisord]'
  }
}
