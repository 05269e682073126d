// Trees of s6-rc that s6-rc-compile refuses, and trees that it accepts but that do not run as their author intended.

import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { makeFolder } from '../../helpers/test-folder.ts'

/** Files of a tree by their paths in it. */
export type Files = Readonly<Record<string, string>>

const RUN = '#!/bin/sh\nexec x\n'

/** A longrun with these files besides or instead of its own. */
export const longrun = (name: string, more: Files = {}): Files =>
  Object.fromEntries(
    Object.entries({ type: 'longrun\n', run: RUN, ...more }).map(([file, text]) => [`${name}/${file}`, text]),
  )

/** A oneshot with these files besides or instead of its own. */
export const oneshot = (name: string, more: Files = {}): Files =>
  Object.fromEntries(
    Object.entries({ type: 'oneshot\n', up: 'true\n', ...more }).map(([file, text]) => [`${name}/${file}`, text]),
  )

/** Writes a tree; gives its path. */
export function plant(files: Files): string {
  const root = join(makeFolder(), 's6-rc.d')
  for (const [name, text] of Object.entries(files)) {
    const path = join(root, name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
    if (/\/(?:run|finish)$/.test(name)) chmodSync(path, 0o755)
  }
  return root
}

/** Name of the case, the tree, and the messages of kahi about it. */
export const refused: readonly (readonly [string, Files, RegExp])[] = [
  [
    'no type',
    { ...longrun('a'), 'b/run': RUN },
    /b:1:1: error: b has no file "type"\n {2}hint: echo longrun >.*--base/,
  ],
  [
    'a type with a blank',
    longrun('a', { type: 'longrun \n' }),
    /a\/type:1:1: error: .*trailing blank.*\n.*echo longrun/,
  ],
  ['a type with CRLF', longrun('a', { type: 'longrun\r\n' }), /a\/type:1:1: error: .*CRLF/],
  [
    'a type that is none',
    longrun('a', { type: 'service\n' }),
    /a\/type:1:1: error: .*must be oneshot, longrun or bundle/,
  ],
  [
    'an unknown dependency',
    { ...longrun('web', { dependencies: '# the database\nmysqk\n' }), ...longrun('mysql') },
    /web\/dependencies:2:1: error: .*unknown "mysqk"\n.*did you mean "mysql"/,
  ],
  [
    'an unknown name in dependencies.d',
    longrun('a', { 'dependencies.d/zzzzzz': '' }),
    /a\/dependencies.d\/zzzzzz:1:1: error: .*\n.*--base/,
  ],
  [
    'a name with a blank behind it',
    { ...longrun('a', { dependencies: 'b \n' }), ...longrun('b') },
    /a\/dependencies:1:1: error: .*\n.*blanks at the end/,
  ],
  [
    'a list with CRLF',
    { ...longrun('a', { dependencies: 'b\r\n' }), ...longrun('b') },
    /a\/dependencies:1:1: error: .*\n.*CRLF/,
  ],
  [
    'an unknown member',
    { 'a/type': 'bundle', 'a/contents': 'x\n' },
    /a\/contents:1:1: error: "contents" of a names the unknown "x"/,
  ],
  ['a bundle without contents', { 'a/type': 'bundle' }, /a\/type:1:1: error: The bundle a has neither/],
  ['a longrun without run', { 'a/type': 'longrun' }, /a\/run:1:1: error: The longrun a has no file "run"/],
  [
    'a oneshot without up',
    { 'a/type': 'oneshot', 'a/run': RUN },
    /a\/up:1:1: error: .*\n.*a oneshot has "up", not "run"/,
  ],
  ['an unmatched brace', oneshot('a', { up: 'if { true\n' }), /a\/up:1:4: error: .*unmatched {/],
  ['an open quote', oneshot('a', { down: '\necho "x' }), /a\/down:2:6: error: .*not closed/],
  [
    'a timeout with a unit',
    oneshot('a', { 'timeout-up': '3s\n' }),
    /a\/timeout-up:1:1: error: .*"3s\\n"\n.*milliseconds/,
  ],
  ['a descriptor with a blank', longrun('a', { 'notification-fd': ' 3\n' }), /a\/notification-fd:1:1: error/],
  [
    'the same descriptor twice',
    longrun('a', { 'notification-fd': '3', 'lock-fd': '3' }),
    /a\/lock-fd:1:1: error: .*same/,
  ],
  ['data that is a file', longrun('a', { data: '' }), /a\/data:1:1: error: .*no directory/],
  ['a reserved name', { ...longrun('a'), 's6rc-x/type': 'oneshot', 's6rc-x/up': '' }, /s6rc-x:1:1: error: .*reserved/],
  [
    'a circle',
    { ...longrun('a', { dependencies: 'b\n' }), ...longrun('b', { dependencies: '\na\n' }) },
    /error: Circular dependency: a → b → a\n.*dependencies:1:1: a needs b; .*b\/dependencies:2:1: b needs a/,
  ],
  [
    'a circle through a bundle',
    { ...longrun('a', { dependencies: 'all\n' }), 'all/type': 'bundle', 'all/contents': 'a' },
    /error: Circular dependency: a → a/,
  ],
  [
    'a circle of bundles',
    { 'a/type': 'bundle', 'a/contents': 'b', 'b/type': 'bundle', 'b/contents': 'a' },
    /Circular dependency: a → b → a/,
  ],
  [
    'a producer that is not named back',
    { ...longrun('a', { 'producer-for': 'b' }), ...longrun('b') },
    /a\/producer-for:1:1: error: a is a producer for b, which does not say so/,
  ],
  [
    'a consumer that is not named back',
    { ...longrun('a', { 'consumer-for': 'b' }), ...longrun('b') },
    /a\/consumer-for:1:1: error: a is a consumer for b/,
  ],
  [
    'a pipe to a oneshot',
    { ...longrun('a', { 'producer-for': 'b' }), ...oneshot('b') },
    /a\/producer-for:1:1: error: .*is a oneshot/,
  ],
  [
    'two consumers',
    { ...longrun('a', { 'producer-for': 'b\nc\n' }), ...longrun('b', { 'consumer-for': 'a' }), ...longrun('c') },
    /a\/producer-for:2:1: error: .*exactly one/,
  ],
  [
    'a pipeline with a name that is taken',
    { ...longrun('a', { 'producer-for': 'b' }), ...longrun('b', { 'consumer-for': 'a', 'pipeline-name': 'a' }) },
    /b\/pipeline-name:1:1: error: .*taken/,
  ],
]

/** As `refused`, for trees that s6-rc-compile accepts. */
export const warned: readonly (readonly [string, Files, RegExp])[] = [
  [
    'a shell script in up',
    oneshot('a', { up: '#!/bin/sh\necho one\necho two && exit 3\n' }),
    /a\/up:1:1: warning: .*no script.*\n.*only its path/,
  ],
  ['shell signs in up', oneshot('a', { up: 'echo one && exit 3\n' }), /a\/up:1:10: warning: "&&" is an ordinary word/],
  ['a run without #!', longrun('a', { run: 'exec x\n' }), /a\/run:1:1: warning: .*no #! line/],
  ['a run with CRLF', longrun('a', { run: '#!/bin/sh\r\nexec x\r\n' }), /a\/run:1:1: warning: .*CRLF.*\n.*sed/],
  ['s6-cat with a file', oneshot('a', { up: 's6-cat /etc/motd' }), /a\/up:1:1: warning: s6-cat reads only/],
  [
    'importas -u',
    longrun('a', { run: '#!/bin/execlineb -P\nimportas -ui PORT PORT\nserver\n' }),
    /a\/run:2:1: warning: importas -u takes PORT/,
  ],
  [
    'a test that ends a oneshot',
    oneshot('a', { up: 'foreground { echo }\nif { test -f /x }\ntrue' }),
    /a\/up:2:1: warning: Unless "-f \/x"/,
  ],
  [
    'a variable without value',
    longrun('a', { run: '#!/bin/execlineb -P\nserver -p ${PORT}\n' }),
    /a\/run:2:11: warning: Nothing gives a value to \$\{PORT\}/,
  ],
  [
    'a script of execline that cannot be read',
    longrun('a', { run: '#!/bin/execlineb -P\nif { x\n' }),
    /a\/run:2:4: warning: .*unmatched/,
  ],
  [
    'a service in no bundle',
    { ...longrun('a'), ...longrun('b'), 'user/type': 'bundle', 'user/contents.d/a': '' },
    /b\/type:1:1: warning: Nothing starts b.*\n.*touch/,
  ],
  [
    'a list where s6-overlay makes a directory',
    { ...longrun('a', { 'dependencies.d/base': '' }), 'user/type': 'bundle', 'user/contents': 'a' },
    /user\/contents:1:1: warning: .*never read/,
  ],
  [
    'a script that is not executable',
    oneshot('a', { up: '/etc/s6-rc.d/a/script', script: RUN }),
    /a\/up:1:1: warning: .*not executable\n.*chmod/,
  ],
  ['a pipeline-name elsewhere', longrun('a', { 'pipeline-name': 'x' }), /a\/pipeline-name:1:1: warning/],
]
