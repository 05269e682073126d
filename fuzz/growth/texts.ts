// Short texts that have their own grammar: variables, patterns, times, requests.

import { readCompose } from '../../converter/compose/compose.ts'
import { readProcfile } from '../../converter/procfile.ts'
import { readEnvDirectory, readEnvFile } from '../../config/values/read-env-file.ts'
import { readCall } from '../../runtime/control/xmlrpc/codec.ts'
import { readWanted } from '../../runtime/control/http/path.ts'
import { secondsOf } from '../../config/values/duration.ts'
import { schedule } from '../../config/values/schedule.ts'
import { expand } from '../../config/values/expand.ts'
import { splitCommand } from '../../config/values/command.ts'
import { readEnvironment } from '../../config/values/environment.ts'
import { linePattern } from '../../config/values/line-pattern.ts'
import { matcherOf } from '../../config/values/patterns.ts'
import { fitsName } from '../../config/values/glob.ts'
import { hideInText, hideInWords } from '../../config/values/secrets.ts'
import { lexExecline } from '../../converter/execline/lexer.ts'
import { type Case, type File, times } from './case.ts'

function text(name: string, input: (count: number) => string, read: (text: string) => unknown, first = 500): Case {
  return { name, first, input: (n) => [['input', input(n)]], read: (_, content) => read(content) }
}
/** Short texts that have their own grammar: variables, patterns, times, requests. */
export const textCases: readonly Case[] = [
  text(
    'procfile: lines',
    (n) => times(n, (i) => `p${i}: x\n`),
    (all) => readProcfile(all, 'Procfile'),
  ),
  text(
    'procfile: the same name',
    (n) => 'p: x\n'.repeat(n),
    (all) => readProcfile(all, 'Procfile'),
  ),
  text(
    'procfile: blanks',
    (n) => `p:${' '.repeat(n)}x${' '.repeat(n)}y\n`,
    (all) => readProcfile(all, 'Procfile'),
  ),
  text(
    'procfile: no colon',
    (n) => `${'a'.repeat(n)}\n`,
    (all) => readProcfile(all, 'Procfile'),
  ),
  text(
    'compose: services in a chain',
    (n) =>
      `services:\n${times(n, (i) => `  s${i}: { command: x, depends_on: [s${i + 1}] }\n`)}  s${n}: { command: x }\n`,
    (all) => readCompose(all, 'compose.yaml'),
  ),
  text(
    'compose: variables without an end',
    (n) => `services: { a: { command: ["${'${a:-'.repeat(n)}"] } }\n`,
    (all) => readCompose(all, 'compose.yaml'),
  ),
  {
    name: 'env_file: lines',
    first: 500,
    input: (n) => [['e', times(n, (i) => `A${i}=x\n`)]],
    read: (path) => readEnvFile(path),
  },
  {
    name: 'env_file: quotes',
    first: 500,
    input: (n) => [['e', times(n, () => 'A="\n')]],
    read: (path) => readEnvFile(path),
  },
  { name: 'env_file: no =', first: 500, input: (n) => [['e', 'abc\n'.repeat(n)]], read: (path) => readEnvFile(path) },
  {
    name: 'env_file: blanks',
    first: 500,
    input: (n) => [['e', `A=x${' '.repeat(n)}y`]],
    read: (path) => readEnvFile(path),
  },
  {
    name: 'env_file: export',
    first: 500,
    input: (n) => [['e', 'export '.repeat(n)]],
    read: (path) => readEnvFile(path),
  },
  {
    name: 'envdir: files',
    first: 50,
    input: (n) => Array.from({ length: n }, (_, i): File => [`d/A${i}`, 'x\n']),
    read: (_, __, folder) => readEnvDirectory(`${folder}/d`),
  },
  {
    name: 'envdir: blanks',
    first: 500,
    input: (n) => [['d/A', `x${' '.repeat(n)}y`]],
    read: (_, __, folder) => readEnvDirectory(`${folder}/d`),
  },
  text(
    'cron: lists',
    (n) => `${'1,'.repeat(n)}1 * * * *`,
    (all) => schedule.fromText?.(all),
  ),
  text(
    'cron: blanks',
    (n) => `*${' '.repeat(n)}* * * *x`,
    (all) => schedule.fromText?.(all),
  ),
  text(
    'cron: -',
    (n) => `${'1-'.repeat(n)}1 * * * *`,
    (all) => schedule.fromText?.(all),
  ),
  text(
    'cron: @',
    (n) => `@${'a'.repeat(n)}`,
    (all) => schedule.fromText?.(all),
  ),
  text(
    'duration: parts',
    (n) => '1h'.repeat(n),
    (all) => secondsOf(all),
  ),
  text(
    'duration: digits',
    (n) => '1'.repeat(n),
    (all) => secondsOf(all),
  ),
  text(
    'duration: blanks',
    (n) => `1${' '.repeat(n)}x`,
    (all) => secondsOf(all),
  ),
  text(
    'expand: %(',
    (n) => '%('.repeat(n),
    (all) => expand(all, {}),
  ),
  text(
    'expand: %(a',
    (n) => '%(a'.repeat(n),
    (all) => expand(all, {}),
  ),
  text(
    'expand: ${',
    (n) => '${a'.repeat(n),
    (all) => expand(all, {}),
  ),
  text('command: quotes', (n) => `a "${"' ".repeat(n)}"`, splitCommand),
  text('command: backslashes', (n) => '\\\\ '.repeat(n), splitCommand),
  text(
    'environment: commas',
    (n) => ','.repeat(n),
    (all) => readEnvironment(all),
  ),
  text(
    'environment: =',
    (n) => 'A='.repeat(n),
    (all) => readEnvironment(all),
  ),
  text('line pattern: classes', (n) => '[a-z]'.repeat(n), linePattern),
  text('line pattern: alternatives', (n) => 'a|'.repeat(n), linePattern),
  text('line pattern: repeats', (n) => 'a{1,50}'.repeat(n), linePattern, 50),
  text(
    'watch: pattern of **',
    (n) => '**/a/'.repeat(n),
    (all) => matcherOf([all])(['a/'.repeat(1000).split('/').slice(0, -1).join('/')]),
    50,
  ),
  text(
    'watch: long path',
    (n) => 'a/'.repeat(n),
    (all) => matcherOf(['**/*a*/**/*b*/**/c'])(all.split('/')),
  ),
  text(
    'glob: name',
    (n) => 'a'.repeat(n),
    (all) => fitsName('*a*a*a*b', all),
  ),
  text(
    'glob: [',
    (n) => '['.repeat(n),
    (all) => fitsName(all, 'a'),
  ),
  text(
    'secrets: words',
    (n) => '--password x -pS A=b https://u:p@h/ '.repeat(n),
    (all) => hideInWords(all.split(' ')),
  ),
  text('secrets: text', (n) => '--password x -pS A=b https://u:p@h/ '.repeat(n), hideInText),
  text(
    'secrets: -key',
    (n) => '-key'.repeat(n),
    (all) => hideInWords([all]),
  ),
  text(
    'secrets: one word',
    (n) => 'KEY=a,'.repeat(n),
    (all) => hideInWords([all]),
  ),
  text(
    'secrets: url',
    (n) => `https://${'a:b@'.repeat(n)}h`,
    (all) => hideInWords([all]),
  ),
  text(
    'secrets: json',
    (n) => `{"password":${'"a'.repeat(n)}`,
    (all) => hideInWords([all]),
  ),
  text(
    'xml: elements',
    (n) =>
      `<methodCall><methodName>a</methodName><params>${'<param><value>x</value></param>'.repeat(n)}</params></methodCall>`,
    readCall,
  ),
  text('xml: attributes', (n) => `<a ${'b="c" '.repeat(n)}`, readCall),
  text('xml: blanks', (n) => `<a ${' '.repeat(n)}x`, readCall),
  text(
    'xml: entities',
    (n) =>
      `<methodCall><methodName>a</methodName><params><param><value>${'&amp;'.repeat(n)}</value></param></params></methodCall>`,
    readCall,
  ),
  text('xml: comments', (n) => `${'<!---->'.repeat(n)}<!--`, readCall),
  text('xml: CDATA', (n) => `<a>${'<![CDATA[x]]>'.repeat(n)}<![CDATA[`, readCall),
  text(
    'xml: struct',
    (n) =>
      `<methodCall><methodName>a</methodName><params><param><value><struct>${times(n, (i) => `<member><name>a${i}</name><value>x</value></member>`)}</struct></value></param></params></methodCall>`,
    readCall,
  ),
  text('xml: &#', (n) => `<a>${'&#'.repeat(n)}</a>`, readCall),
  text('http: path', (n) => `/${'%2'.repeat(n)}`, readWanted),
  text(
    'http: query',
    (n) => `/?${'a=b&'.repeat(n)}`,
    (all) => new URLSearchParams(readWanted(all).query),
  ),
  text('http: ?', (n) => `/${'?#'.repeat(n)}`, readWanted),
  text(
    'execline lexer: }',
    (n) => '} '.repeat(n),
    (all) => lexExecline(all, 'f'),
  ),
  text(
    'execline lexer: \\0x',
    (n) => `"${'\\0x41;'.repeat(n)}"`,
    (all) => lexExecline(all, 'f'),
  ),
]
