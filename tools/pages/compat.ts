// supervisord's sections and keys with their counterparts in kahi, for docs/compat/supervisord.md.

import { type Key, supervisordName } from '../../config/keys/key.ts'
import { programKeys } from '../../config/keys/program.ts'
import { type SectionRow, sectionRows } from '../../converter/supervisord/mapping.ts'
import { plugins } from '../../converter/supervisord/plugins.ts'
import { scenes } from '../../test/compat/supervisor/scenes/all.ts'

/** Keys with the same meaning that look different or act differently, by section and key. */
const DIFFERENCES: Readonly<Record<string, string>> = {
  'supervisor.environment':
    'differs: a table; one `%%` less, as supervisord expands it twice; supervisord’s text is read too',
  'supervisor.directory': 'same: acts only when going into the background, which `kahi daemon` never does',
  'supervisor.umask': 'same: acts only when going into the background, which `kahi daemon` never does',
  'supervisor.nodaemon': 'same for `kahi supervisord`; `kahi daemon` always stays in the foreground',
  'supervisor.nocleanup': 'differs: without it only files are deleted whose names are exactly those of AUTO logs',
  'server.unix.file': 'differs: a file there that is no socket is not deleted',
  'programs.command': 'same: split as supervisord splits it; a list is the exact argv',
  'programs.environment': 'differs: a table; supervisord’s text is kept where an expansion makes up names or pairs',
  'programs.user': 'same; `user:group` can be said too',
  'programs.stopsignal': 'same; every signal can be said, `RTMIN+3` too',
  'programs.stopasgroup': 'differs: a stop is done when the group is empty',
  'programs.killasgroup': 'differs: a stop is done when the group is empty',
  'programs.stdout_logfile': 'differs: `AUTO` is written out, since kahi’s default is its own stdout',
  'programs.stderr_logfile': 'differs: `AUTO` is written out, since kahi’s default is its own stderr',
  'programs.stdout_logfile_maxbytes': 'same; no effect on `/dev/stdout`',
  'programs.stdout_capture_maxbytes': 'differs: exact, and text at the end is not lost',
  'programs.stderr_capture_maxbytes': 'differs: exact, and text at the end is not lost',
  'programs.stdout_syslog': 'differs: whole lines',
  'programs.stderr_syslog': 'differs: whole lines',
  'event_listeners.result_handler':
    'kept, with a warning unless it is the default: Python code cannot be called. Every answer is accepted then; what supervisor_stdout and supervisor_console print is printed',
}

/** Sections that become no table. */
const OTHERS: readonly (readonly [string, string])[] = [
  ['[include]', 'replaced: the files are read and their content stands in the TOML; `files` is expanded'],
  ['[DEFAULT]', 'replaced: its keys are written into each table that takes them; the others are dropped'],
  ['[rpcinterface:x] with the main factory', 'replaced: kahi has its own control interface'],
  [
    '[rpcinterface:x], [ctlplugin:x]',
    'dropped, kept as a comment: Python code cannot be loaded; see the plug-ins below',
  ],
  ['any other section', 'dropped, kept as a comment: supervisord ignores it too'],
]

/** Every section and key of supervisord.conf, as Markdown. */
export function compatMarkdown(): string {
  const sections = sectionRows.map(({ title, kind }) => `| \`${title}\` | \`${tableOf(kind)}\` |`)
  const others = OTHERS.map(([title, what]) => `| ${title.replaceAll(/\[[^\]]+\]/g, '`$&`')} | ${what} |`)
  return [
    '### Sections',
    '',
    '| section | becomes |',
    '|---|---|',
    ...sections,
    ...others,
    '',
    ...sectionRows.flatMap(keysOf),
    '### Plug-ins',
    '',
    'Event listeners are programs of their own and are converted as such, those of superlance too.',
    '',
    '| recognised by | what it does | in kahi |',
    '|---|---|---|',
    ...plugins.map(({ names, does, instead }) => `| ${names} | ${does} | ${instead} |`),
    '',
  ]
    .join('\n')
    .trimEnd()
}

/** All scenes in which supervisord and kahi behave the same, as Markdown. */
export function scenesMarkdown(): string {
  return [
    '# Scenes that supervisord and kahi play',
    '',
    'Made by `npm run docs` from `test/compat/supervisor/scenes/`. Each scene is played with supervisord and with kahi, with the same file and the',
    'same requests. Equal are the events that listeners get with their payloads and order, the answers of all calls, the files that are written,',
    'exit codes, and the status of all processes at the end. Masked: process ids and times.',
    '',
    '| theme | scene | |',
    '|---|---|---|',
    ...scenes.map(({ theme, scene }) => `| ${theme} | ${scene.about} | ${scene.differs ?? 'equal'} |`),
    '',
  ].join('\n')
}

function tableOf(kind: SectionRow['kind']): string {
  const isNamed = kind === 'programs' || kind === 'groups' || kind === 'event_listeners' || kind === 'fcgi_programs'
  return isNamed ? `[${kind}.x]` : `[${kind}]`
}

/** The keys of one section. The keys that it shares with programs have one row together. */
function keysOf(section: SectionRow): string[] {
  const isSpecial = section.kind === 'event_listeners' || section.kind === 'fcgi_programs'
  const rows = Object.entries(section.keys).flatMap(([name, row]) => {
    const old = supervisordName(name, row)
    const isProgram = isSpecial && Object.hasOwn(programKeys, name) && programKeys[name as 'command'] === row
    return old === undefined || isProgram ? [] : [`| \`${old}\` | \`${name}\` | ${verdict(section.kind, name, row)} |`]
  })
  const shared = isSpecial ? ['| all keys of `[program:x]` | likewise | likewise |'] : []
  return [`### \`${section.title}\``, '', '| key | in kahi.toml | |', '|---|---|---|', ...shared, ...rows, '']
}

function verdict(kind: string, name: string, row: Key<unknown>): string {
  const difference = DIFFERENCES[`${kind}.${name}`]
  if (difference !== undefined) return difference
  if (row.supervisordDefault !== undefined)
    return `differs: kahi’s default is none; supervisord’s, \`${row.supervisordDefault}\`, is written out`
  return 'same'
}
