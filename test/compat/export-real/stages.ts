// Configurations of the corpus with placeholders for their programs, and the files that their image needs.

import { chmodSync, copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { resolveDocument } from '../../../config/resolve/resolve.ts'
import type { Config } from '../../../config/settings/config.ts'
import type { ProcessSettings } from '../../../config/settings/process.ts'
import { identify } from '../../../converter/identify.ts'
import type { CorpusCase } from '../../helpers/corpus.ts'
import { kahi } from '../../helpers/kahi.ts'
import { testMachine } from '../../helpers/machine.ts'
import { SENTINEL, type Stage } from './play.ts'

const SENTINEL_PROGRAM = `\n[program:sentinel-of-the-test]\ncommand=/placeholder ${SENTINEL}\nautorestart=true\nstartsecs=0\npriority=-1\n`

/** Puts the placeholder before each command of a program. Without servers on ports several supervisors run side by side. */
function withPlaceholders(text: string): string {
  let section = ''
  const lines = text.split('\n').flatMap((line) => {
    section = /^\[([^\]]*)\]/.exec(line)?.[1] ?? section
    if (section === 'inet_http_server') return []
    return section.startsWith('program:') ? line.replace(/^(command\s*[=:]\s*)(?=\S)/i, '$1/placeholder ') : line
  })
  return lines.join('\n')
}

/** Writes a case with placeholders below a directory; the path of its main file. */
function writeCase({ file }: CorpusCase, directory: string): string {
  const conf = join(directory, 'supervisord.conf')
  const main = readFileSync(file, 'latin1')
  writeFileSync(conf, `${withPlaceholders(main)}${SENTINEL_PROGRAM}`, 'latin1')
  const parts = join(dirname(file), 'conf.d')
  if (basename(file) !== 'supervisord.conf' || !existsSync(parts)) return conf
  mkdirSync(join(directory, 'conf.d'))
  for (const name of readdirSync(parts)) {
    writeFileSync(
      join(directory, 'conf.d', name),
      withPlaceholders(readFileSync(join(parts, name), 'latin1')),
      'latin1',
    )
  }
  return conf
}

/** The processes that are started at boot. */
export function bootedOf({
  groups,
}: Config): readonly { readonly settings: ProcessSettings; readonly priority: number }[] {
  return groups.flatMap(({ role, shadowed, priority, processes }) =>
    role.kind === 'program' && !shadowed
      ? processes.filter(({ autostart }) => autostart).map((settings) => ({ settings, priority }))
      : [],
  )
}

/** Makes the directories that a configuration names. */
function prepareFor({ groups, supervisor }: Config): string {
  const all = groups.flatMap(({ processes }) => processes)
  const files = all.flatMap(({ stdout, stderr }) => [stdout.logfile, stderr.logfile])
  const folders = [
    ...all.flatMap(({ directory }) => directory ?? []),
    ...files.flatMap((file) => (file.kind === 'file' ? dirname(file.path) : [])),
    ...(supervisor.childlogdir === undefined ? [] : [supervisor.childlogdir]),
    ...[supervisor.pidfile, supervisor.logfile].flatMap((path) =>
      path?.startsWith('/') === true ? [dirname(path)] : [],
    ),
  ]
  return [...new Set(folders)].map((path) => `mkdir -p '${path}' && chmod 777 '${path}'`).join('; ')
}

/** What is played. */
export interface Prepared {
  readonly stage: Stage
  readonly config: Config
}

/** Makes the stage of a case: the files, and the tree that dist/kahi exports. */
export async function prepare(one: CorpusCase, directory: string, placeholder: string): Promise<Prepared> {
  chmodSync(directory, 0o755)
  const conf = writeCase(one, directory)
  const machine = testMachine({ environment: one.environment, isDirectory: () => true })
  const { config } = resolveDocument(identify(conf).convert(machine, { absoluteHere: true }).document, machine, {
    assumeImage: true,
  })
  const tree = join(directory, 'tree')
  const { exitCode, stderr } = await kahi(['export', 's6-overlay', conf, '-o', tree], { env: { ...one.environment } })
  if (exitCode !== 0) throw new Error(`${one.name}: ${stderr}`)
  const play = join(directory, 'play')
  mkdirSync(play)
  chmodSync(play, 0o777)
  writeFileSync(join(play, 'log'), '')
  chmodSync(join(play, 'log'), 0o666)
  copyFileSync(placeholder, join(play, 'placeholder'))
  const users = usersIn(conf).map(
    (name, index) =>
      `id -u ${name} >/dev/null 2>&1 || echo '${name}:x:${3000 + index}:${3000 + index}::/:/bin/sh' >>/etc/passwd`,
  )
  return {
    config,
    stage: {
      play,
      conf,
      tree,
      environment: one.environment,
      prepare: [...users, prepareFor(config)].filter((text) => text !== '').join('; ') || ':',
    },
  }
}

function usersIn(conf: string): readonly string[] {
  const parts = join(dirname(conf), 'conf.d')
  const files = [conf, ...(existsSync(parts) ? readdirSync(parts).map((name) => join(parts, name)) : [])]
  const names = files.flatMap((file) =>
    [...readFileSync(file, 'latin1').matchAll(/^user\s*[=:]\s*([\w-]+)/gm)].map((match) => match[1] ?? ''),
  )
  return [...new Set(names)].filter((name) => name !== '' && !/^\d+$/.test(name))
}
