// The parts of the pages in docs/ that are made from tables: what becomes of supervisord's sections and keys,
// and the fields of the migration report. tools/docs.mjs writes them, a test compares.

import { type Key, supervisordName } from '../config/key.ts'
import { programKeys } from '../config/keys/program.ts'
import { type SectionRow, sectionRows } from '../converter/supervisord/mapping.ts'
import { variableRows } from '../converter/s6-overlay/variables.ts'
import { plugins } from '../converter/supervisord/plugins.ts'
import { scenes } from '../test/compat/supervisor/scenes/all.ts'

/** Keys that mean the same but look or act differently, by section and key. */
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
  'event_listeners.result_handler': 'kept, with a warning unless it is the default: Python code cannot be called',
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
    '### Scenes',
    '',
    'Each is played with supervisord and with kahi, with the same file and the same requests. Equal are the events that listeners are told',
    'with their payloads and order, the answers of all calls, the files that are written, exit codes, and the status of all processes at the',
    'end. Masked: process ids and times.',
    '',
    '| theme | scene | |',
    '|---|---|---|',
    ...scenes.map(({ theme, scene }) => `| ${theme} | ${scene.about} | ${scene.differs ?? 'equal'} |`),
  ].join('\n')
}

/** What becomes of each directory of an image of s6-overlay. */
const OVERLAY_FILES: readonly (readonly [string, string])[] = [
  ['`/init`', 'same: `kahi init-s6`, or a link called `init` to kahi; also when it is not PID 1'],
  [
    '`/etc/s6-overlay/s6-rc.d`, `user-bundles.d`',
    'same: as above; with a bundle `user` in s6-rc.d the other is not read',
  ],
  [
    '`/etc/fix-attrs.d`',
    'differs: one script of the shell, in the oneshot fix-attrs; what version 3 gets wrong (several files, a last line without end, `-`) works',
  ],
  [
    '`/etc/cont-init.d`',
    'same: `[oneshots.cont-init-NAME]`, one after the other in the order of their bytes; names with blanks work. Services that they make in services.d are started; of those that were there before they may change files, but not take them away',
  ],
  [
    '`/etc/cont-finish.d`',
    'same: `down` of `[oneshots.cont-finish-NAME]`, run in order when services are down; versions 1 and 2 began before that',
  ],
  [
    '`/etc/services.d/NAME`',
    'same: `[programs.NAME]`; `down` is autostart = false. It runs in /run/service/NAME, with links to its files; one that is not executable runs too',
  ],
  ['`/etc/services.d/NAME/log`', 'same: `[programs."NAME/log"]`, which reads the output of NAME (`log_to`)'],
  [
    'the command of the container',
    'differs: the program cmd, started last; at the end it is stopped first, not last. A script without `#!` line is not run by sh',
  ],
  [
    'its exit code',
    'same: 127 for one that is not there, 126 for one that cannot be run, 128 + N after signal N; N in versions 1 and 2 (`exit_signal_base`)',
  ],
  [
    'its standard descriptors',
    'same: those of the container (`stdio = "inherit"`), so kahi keeps no log of it. At a terminal Ctrl-C is for it alone; Ctrl-Z stops it, as in versions 1 and 2. With S6_CMD_RECEIVE_SIGNALS too, where version 3 gives it /dev/null to read',
  ],
  [
    '`/run/s6/container_environment`',
    'same: `environment_directory`; written once, read by with-contenv at each start',
  ],
  [
    '`/run/s6-linux-init-container-results/exitcode`',
    'same: `exit_code_file`; versions 1 and 2: `/var/run/s6/env-stage3/S6_STAGE2_EXITED`',
  ],
  ['`/run/s6/basedir/bin/halt`, `poweroff`, `reboot`', 'same: they signal kahi'],
  [
    'a tree that s6-rc-compile refuses',
    'differs: the container ends with 2 and says why; with s6-overlay it idles for ever',
  ],
  [
    'what is left of services at the end',
    'differs: killed at once, nothing is slept; the original always sleeps S6_KILL_GRACETIME',
  ],
  ['programs', 'differs: they have SUPERVISOR_* variables besides PATH; with-contenv takes them away'],
]

/** What signals mean to /init. */
const OVERLAY_SIGNALS: readonly (readonly [string, string, string])[] = [
  ['TERM', 'stop; 0 or what the exit code file says', 'the same'],
  ['USR2', 'the same', 'nothing'],
  ['INT', 'stop; 111, or 129 where the container may reboot', 'stop; 0'],
  ['USR1, PWR', 'stop; 111, or 130 where it may reboot', 'nothing'],
  ['QUIT, HUP', 'nothing', 'stop; 0'],
  ['WINCH', 'nothing', 'nothing'],
]

/** The files, signals and variables of s6-overlay, as Markdown. */
export function overlayMarkdown(): string {
  return [
    '### Files of an image',
    '',
    '| s6-overlay | in kahi |',
    '|---|---|',
    ...OVERLAY_FILES.map(([file, here]) => `| ${file} | ${here} |`),
    '',
    '### Signals',
    '',
    '| signal | version 3 | versions 1 and 2 |',
    '|---|---|---|',
    ...OVERLAY_SIGNALS.map((row) => `| ${row.join(' | ')} |`),
    '',
    '### Variables',
    '',
    '| variable | default | in kahi |',
    '|---|---|---|',
    ...variableRows.map(({ name, fallback, here }) => `| \`${name}\` | ${fallback} | ${here} |`),
  ].join('\n')
}

/** The fields of a JSON Schema, as Markdown. */
export function schemaMarkdown(schema: Schema): string {
  const parts: readonly (readonly [string, Schema])[] = [['The report', schema], ...Object.entries(schema.$defs ?? {})]
  return parts
    .map(([title, { properties = {}, required = [] }]) => {
      const rows = Object.entries(properties).map(([name, field]) => {
        const presence = required.includes(name) ? '' : ', may be absent'
        return `| \`${name}\` | ${typeOf(field)}${presence} | ${field.description ?? ''} |`
      })
      return [`## ${title}`, '', '| field | type | meaning |', '|---|---|---|', ...rows, ''].join('\n')
    })
    .join('\n')
}

/** The part of JSON Schema that our schema uses. */
export interface Schema {
  readonly $ref?: string
  readonly type?: string | readonly string[]
  readonly enum?: readonly string[]
  readonly description?: string
  readonly required?: readonly string[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly items?: Schema
  readonly $defs?: Readonly<Record<string, Schema>>
}

function typeOf({ $ref, type, enum: words, items }: Schema): string {
  if ($ref !== undefined) return $ref.replace('#/$defs/', '')
  if (words !== undefined) return words.map((word) => `\`${word}\``).join(', ')
  if (items !== undefined) return `list of ${typeOf(items)}`
  return [type ?? ''].flat().join(' or ')
}

function tableOf(kind: SectionRow['kind']): string {
  const isNamed = kind === 'programs' || kind === 'groups' || kind === 'event_listeners' || kind === 'fcgi_programs'
  return isNamed ? `[${kind}.x]` : `[${kind}]`
}

/** The keys of one section; those that it has as a program has them are said in one row. */
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
