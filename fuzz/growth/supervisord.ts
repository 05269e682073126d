// Files of supervisord of any size.

import { convertOne } from '../../cli/migrate/convert-one.ts'
import { identify } from '../../converter/identify.ts'
import { type Case, type File, machine, times } from './case.ts'

function conf(name: string, input: (count: number) => string, first = 500): Case {
  return {
    name: `supervisord: ${name}`,
    first,
    input: (count) => [['supervisord.conf', input(count)]],
    read: (path) =>
      convertOne(identify(path, { format: 'supervisord' }), machine, {
        target: `${path}.toml`,
        verify: true,
        modernize: false,
      }),
  }
}
const head = '[supervisord]\n[program:a]\ncommand=/bin/cat\n'

/** Files of supervisord of any size. */
export const supervisordCases: readonly Case[] = [
  conf('programs', (n) => times(n, (i) => `[program:p${i}]\ncommand=/bin/cat ${i}\n`), 100),
  conf('groups', (n) => times(n, (i) => `[program:p${i}]\ncommand=/bin/cat\n[group:g${i}]\nprograms=p${i}\n`), 100),
  conf(
    'one group of all',
    (n) =>
      `${times(n, (i) => `[program:p${i}]\ncommand=/bin/cat\n`)}[group:g]\nprograms=${times(n, (i) => `p${i},`)}\n`,
    100,
  ),
  conf('the same key', (n) => head + times(n, () => 'priority=1 ; note\n')),
  conf('the same key with comments', (n) => head + times(n, () => '; x\npriority=1\n')),
  conf('the same section', (n) => head + times(n, () => '[program:a] ; note\nautostart=true\n')),
  conf('unknown keys', (n) => head + times(n, (i) => `k${i}=1\n`)),
  conf('unknown sections', (n) => head + times(n, (i) => `[s${i}]\na=1\n`)),
  conf('keys of DEFAULT', (n) => `[DEFAULT]\n${times(n, (i) => `k${i}=1\n`)}${head}`),
  conf(
    'keys of DEFAULT, and sections',
    (n) => `[DEFAULT]\n${times(n, (i) => `k${i}=1\n`)}${times(n, (i) => `[program:p${i}]\ncommand=x\n`)}`,
    50,
  ),
  conf('keys of include', (n) => `[include]\nfiles=x\n${times(n, (i) => `k${i}=1\n`)}${head}`),
  conf(
    'RPC interfaces',
    (n) => head + times(n, (i) => `[rpcinterface:r${i}]\nsupervisor.rpcinterface_factory = x:y\n`),
    100,
  ),
  conf('event listeners', (n) => times(n, (i) => `[eventlistener:e${i}]\ncommand=x\nevents=TICK_5\n`), 100),
  conf('FastCGI', (n) => times(n, (i) => `[fcgi-program:e${i}]\ncommand=x\nsocket=tcp://127.0.0.1:${i + 1}\n`), 100),
  conf('unknown names', (n) => times(n, (i) => `[program:p${i}]\ncommand=/bin/cat %(x${i})s\n`), 100),
  conf('continued lines', (n) => `${head}environment=A="1"\n${times(n, (i) => ` ,B${i}="x"\n`)}`),
  conf('continued comments', (n) => `${head}environment=A="1"\n${times(n, () => ' ; x\n')} ,B="x"\n`),
  conf('blank lines in a value', (n) => `${head}environment=A="1"\n${times(n, () => '\n  \n ,B="x"\n')}`),
  conf('lines that cannot be read', (n) => head + times(n, () => 'x\n')),
  conf('blanks in a line', (n) => `${head}a=1${' '.repeat(n)}x\n`),
  conf('semicolons', (n) => `${head}a=1${';#'.repeat(n)}x\n`),
  conf('variables in environment', (n) => `${head}environment=${times(n, (i) => `A${i}="x",`)}\n`),
  conf('quotes in environment', (n) => `${head}environment=A=${'"'.repeat(n)}\n`),
  conf('words in a command', (n) => `[program:a]\ncommand=/bin/cat ${'x '.repeat(n)}\n`),
  conf('&& in sh -c', (n) => `[program:a]\ncommand=sh -c "${'sleep 1 && '.repeat(n)} x"\n`),
  conf('; in sh -c', (n) => `[program:a]\ncommand=sh -c "${'a;'.repeat(n)} x"\n`),
  conf('exec in sh -c', (n) => `[program:a]\ncommand=sh -c "${'exec '.repeat(n)} x"\n`),
  conf('$( in sh -c', (n) => `[program:a]\ncommand=sh -c "${'$(('.repeat(n)} x"\n`),
  conf('VAR= in sh -c', (n) => `[program:a]\ncommand=sh -c "${'A=1 '.repeat(n)} x"\n`),
  conf('bash -c nested', (n) => `[program:a]\ncommand=${'bash -c '.repeat(n)} x\n`),
  conf('sleep in nested quotes', (n) => `[program:a]\ncommand=sh -c "${"'sleep 1' && ".repeat(n)} x"\n`),
  conf('backslashes in a command', (n) => `[program:a]\ncommand=x ${'\\'.repeat(n)}\n`),
  conf('%% in a command', (n) => `[program:a]\ncommand=x ${'%%'.repeat(n)}\n`),
  conf('%(here)s in a command', (n) => `[program:a]\ncommand=x ${'%(here)s '.repeat(n)}\n`),
  conf('%( in a command', (n) => `[program:a]\ncommand=x ${'%('.repeat(n)}\n`),
  conf('$ in a command', (n) => `[program:a]\ncommand=x ${'${'.repeat(n)}\n`),
  conf(
    'processes',
    (n) => `[program:a]\ncommand=x %(process_num)s\nnumprocs=${n}\nprocess_name=%(process_num)d${' '.repeat(n)}\n`,
    100,
  ),
  conf('events', (n) => `[eventlistener:a]\ncommand=x\nevents=${'TICK_5,'.repeat(n)}\n`),
  conf('exitcodes', (n) => `${head}exitcodes=${'0,'.repeat(n)}0\n`),
  conf('include patterns', (n) => `[include]\nfiles=${times(n, (i) => `a${i}*.conf `)}\n`, 100),
  conf('include wildcards', (n) => `[include]\nfiles=${'*a'.repeat(n)}b.conf\n`, 500),
  conf('include [', (n) => `[include]\nfiles=${'['.repeat(n)}b.conf\n`, 500),
  conf('include /', (n) => `[include]\nfiles=${'*/'.repeat(n)}b.conf\n`, 500),
  {
    ...conf('included files', () => '', 50),
    input: (n) => [
      ['supervisord.conf', '[include]\nfiles=*.conf.d\n'],
      ...Array.from({ length: n }, (_, i): File => [`${i}.conf.d`, `[program:p${i}]\ncommand=x\n`]),
    ],
  },
]
