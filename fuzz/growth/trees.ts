// Trees of s6-rc with scripts, and images of s6-overlay, of any size.

import { convertOne } from '../../cli/migrate/convert-one.ts'
import { identify } from '../../converter/identify.ts'
import { type Case, type File, machine, times } from './case.ts'

function tree(name: string, format: string, first: number, input: (count: number) => readonly File[]): Case {
  return {
    name: `${format}: ${name}`,
    first,
    input: (count) => [
      ['tree/user/type', 'bundle\n'],
      ['tree/user/contents', ''],
      ...input(count).map(([path, text]): File => [`tree/${path}`, text]),
    ],
    read: (_, __, folder) =>
      convertOne(identify(`${folder}/tree`, { format }), machine, {
        target: `${folder}/x.toml`,
        verify: true,
        modernize: false,
      }),
  }
}
const longrun = (name: string, run: string, more: readonly File[] = []): File[] => [
  [`${name}/type`, 'longrun\n'],
  [`${name}/run`, `#!/command/execlineb -P\n${run}\n`],
  ...more,
]
const script = (name: string, text: (count: number) => string, first = 500): Case =>
  tree(name, 's6-rc', first, (n) => longrun('a', text(n)))

const trees: readonly Case[] = [
  tree('services', 's6-rc', 25, (n) =>
    Array.from({ length: n }, (_, i) => longrun(`s${i}`, `s6-setuidgid daemon x ${i}`)).flat(),
  ),
  tree('a chain of services', 's6-rc', 25, (n) =>
    Array.from({ length: n }, (_, i) =>
      longrun(`s${i}`, 'x', i === 0 ? [] : [[`s${i}/dependencies.d/s${i - 1}`, '']]),
    ).flat(),
  ),
  tree('a ring of services', 's6-rc', 25, (n) =>
    Array.from({ length: n }, (_, i) => longrun(`s${i}`, 'x', [[`s${i}/dependencies.d/s${(i + 1) % n}`, '']])).flat(),
  ),
  tree('all need all before', 's6-rc', 10, (n) =>
    Array.from({ length: n }, (_, i) =>
      longrun(`s${i}`, 'x', [[`s${i}/dependencies`, times(i, (j) => `s${j}\n`)]]),
    ).flat(),
  ),
  tree('bundles in a diamond', 's6-rc', 10, (n) => [
    ...longrun('a', 'x'),
    ...Array.from({ length: n }, (_, i): File[] => [
      [`b${i}/type`, 'bundle\n'],
      [`b${i}/contents`, i === 0 ? 'a\n' : `b${i - 1}\n${i > 1 ? `b${i - 2}\n` : ''}`],
    ]).flat(),
  ]),
  tree('the same dependency', 's6-rc', 500, (n) => [
    ...longrun('a', 'x'),
    ...longrun('b', 'x', [['b/dependencies', 'a\n'.repeat(n)]]),
  ]),
  tree('unknown dependencies', 's6-rc', 500, (n) => [
    ...longrun('b', 'x', [['b/dependencies', times(n, (i) => `x${i}\n`)]]),
  ]),
  tree('pipelines', 's6-rc', 25, (n) =>
    Array.from({ length: n }, (_, i) =>
      longrun(`s${i}`, 'x', [
        ...(i > 0 ? [[`s${i}/consumer-for`, `s${i - 1}\n`] as const] : []),
        ...(i < n - 1 ? [[`s${i}/producer-for`, `s${i + 1}\n`] as const] : []),
      ]),
    ).flat(),
  ),
  script('execline: foreground', (n) => `${'foreground { a }\n'.repeat(n)}x`),
  script('execline: nested foreground', (n) => `${'foreground { '.repeat(n)}x${' }'.repeat(n)} y`),
  script('execline: if', (n) => `${'if { a }\n'.repeat(n)}x`),
  script('execline: ifelse', (n) => `${'ifelse { a } { b }\n'.repeat(n)}x`),
  script('execline: ifte', (n) => `${'ifelse { a } { '.repeat(n)}x${' } y'.repeat(n)}`),
  script('execline: export', (n) => `${times(n, (i) => `export A${i} x\n`)}x`),
  script('execline: the same export', (n) => `${'export A x\n'.repeat(n)}x`),
  script('execline: define', (n) => `${times(n, (i) => `define A${i} x\n`)}x`),
  script('execline: define, used', (n) => `${times(n, (i) => `define A${i} x\n`)}x ${times(n, (i) => `\${A${i}} `)}`),
  script(
    'execline: define of define',
    (n) => `define A0 x\n${times(n, (i) => `define A${i + 1} \${A${i}}\n`)}x \${A${n}}`,
  ),
  script('execline: importas', (n) => `${times(n, (i) => `importas A${i} B${i}\n`)}x ${times(n, (i) => `\${A${i}} `)}`),
  script('execline: multisubstitute', (n) => `multisubstitute { ${times(n, (i) => `importas A${i} B${i}\n`)} } x`),
  script('execline: backtick', (n) => `${times(n, (i) => `backtick A${i} { x }\n`)}x`),
  script('execline: fdmove', (n) => `${'fdmove -c 2 1\n'.repeat(n)}x`),
  script('execline: redirfd', (n) => `${'redirfd -w 1 f\n'.repeat(n)}x`),
  script('execline: s6-setuidgid', (n) => `${'s6-setuidgid daemon\n'.repeat(n)}x`),
  script('execline: cd', (n) => `${'cd /\n'.repeat(n)}x`),
  script('execline: s6-envdir', (n) => `${'s6-envdir /e\n'.repeat(n)}x`),
  script('execline: words', (n) => `x ${'y '.repeat(n)}`),
  script('execline: quotes', (n) => `x "${'\\"'.repeat(n)}"`),
  script('execline: comments', (n) => `${'# x\n'.repeat(n)}x`),
  script('execline: braces', (n) => `x ${'{ '.repeat(n)}${'} '.repeat(n)}`),
  script('execline: unclosed braces', (n) => `x ${'{ '.repeat(n)}`),
  script('execline: ${', (n) => `importas A B x ${'${A'.repeat(n)}`),
  script('execline: pipeline', (n) => `${'pipeline { a }\n'.repeat(n)}x`),
  script('execline: background', (n) => `${'background { a }\n'.repeat(n)}x`),
  script('execline: trap', (n) => `trap { ${'TERM { x } '.repeat(n)} } x`),
  script('execline: unexport', (n) => `${times(n, (i) => `unexport A${i}\n`)}x`),
]

const shellTree = (name: string, text: (count: number) => string): Case =>
  tree(`shell: ${name}`, 's6-rc', 500, (n) => [
    ['a/type', 'longrun\n'],
    ['a/run', `#!/bin/sh\n${text(n)}\n`],
  ])
const shells: readonly Case[] = [
  shellTree('exec', (n) => 'exec '.repeat(n)),
  shellTree('lines', (n) => 'echo a\n'.repeat(n)),
  shellTree('exec 2>&1', (n) => 'exec 2>&1\n'.repeat(n)),
  shellTree('blanks', (n) => `exec${' '.repeat(n)}x`),
]

function image(name: string, first: number, input: (count: number) => readonly File[]): Case {
  return {
    name: `s6-overlay: ${name}`,
    first,
    input: (count) => [
      ['image/etc/services.d/z/run', '#!/bin/sh\nexec x\n'],
      ...input(count).map(([path, text]): File => [`image/${path}`, text]),
    ],
    read: (_, __, folder) =>
      convertOne(identify(`${folder}/image`, { format: 's6-overlay' }), machine, {
        target: `${folder}/x.toml`,
        verify: true,
        modernize: false,
      }),
  }
}
const images: readonly Case[] = [
  image('services.d', 25, (n) =>
    Array.from({ length: n }, (_, i): File => [`etc/services.d/s${i}/run`, '#!/bin/sh\nexec x\n']),
  ),
  image('cont-init.d', 25, (n) =>
    Array.from({ length: n }, (_, i): File => [`etc/cont-init.d/${i}`, '#!/bin/sh\nx\n']),
  ),
  image('fix-attrs.d lines', 500, (n) => [['etc/fix-attrs.d/1', '/data true daemon:daemon 0640 0750\n'.repeat(n)]]),
  image('fix-attrs.d files', 25, (n) =>
    Array.from({ length: n }, (_, i): File => [`etc/fix-attrs.d/${i}`, '/data true daemon:daemon 0640 0750\n']),
  ),
]

/** Trees and images. */
export const treeCases: readonly Case[] = [...trees, ...shells, ...images]
