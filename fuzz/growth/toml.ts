// Files kahi.toml of any size.

import { readConfig } from '../../config/toml/read.ts'
import { type Case, machine, times } from './case.ts'

function toml(name: string, input: (count: number) => string, first = 500): Case {
  return {
    name: `toml: ${name}`,
    first,
    input: (n) => [['kahi.toml', input(n)]],
    read: (path, text) => readConfig(text, path, machine),
  }
}
const p = '[programs.a]\ncommand = "x"\n'
/** Files kahi.toml of any size. */
export const tomlCases: readonly Case[] = [
  toml('programs', (n) => times(n, (i) => `[programs.p${i}]\ncommand = "x"\n`), 100),
  toml('unknown keys', (n) => p + times(n, (i) => `k${i} = 1\n`)),
  toml('unknown tables', (n) => p + times(n, (i) => `[x${i}]\n`)),
  toml('dotted key', (n) => `${p}a${'.b'.repeat(n)} = 1\n`),
  toml('arrays in arrays', (n) => `${p}a = ${'['.repeat(n)}${']'.repeat(n)}\n`),
  toml('tables in tables', (n) => `${p}a = ${'{a='.repeat(n)}1${'}'.repeat(n)}\n`),
  toml('long array', (n) => `${p}environment = [${'"x",'.repeat(n)}]\n`),
  toml('words of a command', (n) => `[programs.a]\ncommand = [${'"x",'.repeat(n)}]\n`),
  toml('environment', (n) => `${p}environment = { ${times(n, (i) => `A${i} = "1",`).slice(0, -1)} }\n`),
  toml('comments', (n) => p + '# x\n'.repeat(n)),
  toml('blanks', (n) => `${p}a =${' '.repeat(n)}1\n`),
  toml('newlines in a string', (n) => `${p}a = """${'\n'.repeat(n)}"""\n`),
  toml('quotes', (n) => `${p}a = "${'\\"'.repeat(n)}"\n`),
  toml(
    'chain of dependencies',
    (n) => times(n, (i) => `[programs.p${i}]\ncommand = "x"\n${i > 0 ? `depends_on = ["p${i - 1}"]\n` : ''}`),
    100,
  ),
  toml(
    'ring of dependencies',
    (n) => times(n, (i) => `[programs.p${i}]\ncommand = "x"\ndepends_on = ["p${(i + 1) % n}"]\n`),
    100,
  ),
  toml(
    'all depend on one',
    (n) => times(n, (i) => `[programs.p${i}]\ncommand = "x"\n${i > 0 ? 'depends_on = ["p0"]\n' : ''}`),
    100,
  ),
  toml(
    'one depends on all',
    (n) =>
      times(
        n,
        (i) =>
          `[programs.p${i}]\ncommand = "x"\n${i === 0 ? `depends_on = [${times(n - 1, (j) => `"p${j + 1}",`)}]\n` : ''}`,
      ),
    100,
  ),
  toml(
    'unknown dependencies',
    (n) => times(n, (i) => `[programs.p${i}]\ncommand = "x"\ndepends_on = ["q${i}"]\n`),
    100,
  ),
  toml('the same dependency', (n) => `${p}[programs.b]\ncommand = "x"\ndepends_on = [${'"a",'.repeat(n)}]\n`),
  toml(
    'like in a chain',
    (n) => times(n, (i) => `[programs.p${i}]\ncommand = "x"\n${i > 0 ? `like = "p${i - 1}"\n` : ''}`),
    100,
  ),
  toml(
    'like in a chain, with variables',
    (n) =>
      times(
        n,
        (i) => `[programs.p${i}]\ncommand = "x"\n${i > 0 ? `like = "p${i - 1}"\n` : ''}environment = { A${i} = "1" }\n`,
      ),
    50,
  ),
  toml('like in a ring', (n) => times(n, (i) => `[programs.p${i}]\ncommand = "x"\nlike = "p${(i + 1) % n}"\n`), 100),
  toml(
    'defaults for all',
    (n) =>
      `[defaults.programs]\nenvironment = { ${times(n, (i) => `A${i} = "1",`).slice(0, -1)} }\n${times(n, (i) => `[programs.p${i}]\ncommand = "x"\n`)}`,
    25,
  ),
  toml('numprocs', (n) => `${p}numprocs = ${n}\nprocess_name = "%(process_num)d"\n#${' '.repeat(n)}\n`, 100),
  toml('expansions', (n) => `[programs.a]\ncommand = "x ${'${HOME} '.repeat(n)}"\n`),
  toml('expansions of %', (n) => `[programs.a]\ncommand = "x ${'%(here)s '.repeat(n)}"\n`),
  toml('env of env', (n) => `${p}environment = { A0 = "x"${times(n, (i) => `, A${i + 1} = "\${A${i}}"`)} }\n`),
  toml('ready.log', (n) => `${p}ready = { log = "${'(a+)+'.repeat(n)}" }\n`, 50),
  toml('ready.log nested', (n) => `${p}ready = { log = "${'('.repeat(n)}a${')+'.repeat(n)}" }\n`, 50),
  toml(
    'ready.log repeated',
    (n) => `${p}ready = { log = "(((a{1,${n}}){1,${n}}){1,${n}}){1,${n}}" }\n#${' '.repeat(n)}\n`,
    5,
  ),
  toml('watch', (n) => `${p}watch = [${times(n, (i) => `"src${i}/**",`)}]\n`),
  toml('watch **', (n) => `${p}watch = ["${'**/'.repeat(n)}x"]\n`),
  toml('webhooks', (n) => p + times(n, (i) => `[webhooks.w${i}]\nurl = "http://127.0.0.1/"\n`), 50),
  toml(
    'log targets',
    (n) => p + times(n, (i) => `[log_targets.w${i}]\nkind = "loki"\nurl = "http://127.0.0.1/"\n`),
    50,
  ),
  toml('webhook template', (n) => `${p}[webhooks.w]\nurl = "http://127.0.0.1/"\ntemplate = "${'{{x}}'.repeat(n)}"\n`),
  toml(
    'tokens',
    (n) =>
      `${p}[server.http]\nenabled = true\nlisten="127.0.0.1:1"\n[server.http.tokens]\n${times(n, (i) => `t${i} = { hash = "sha256:534c5200e34ae80fa083661b593659c1657ddc9c685ef8df2c29216963194375", role = "read" }\n`)}`,
    50,
  ),
  toml('env_file list', (n) => `${p}env_file = [${times(n, (i) => `"/x${i}",`)}]\n`),
  toml(
    'groups',
    (n) => times(n, (i) => `[programs.p${i}]\ncommand = "x"\n[groups.g${i}]\nprograms = ["p${i}"]\n`),
    100,
  ),
  toml(
    'bundles in a diamond',
    (n) =>
      `${p}${times(n, (i) => `[bundles.b${i}]\ncontents = [${i === 0 ? '"a"' : `"b${i - 1}"${i > 1 ? `, "b${i - 2}"` : ''}`}]\n`)}`,
    50,
  ),
  toml(
    'bundles of bundles',
    (n) => `${p}${times(n, (i) => `[bundles.b${i}]\ncontents = ["${i === 0 ? 'a' : `b${i - 1}`}"]\n`)}`,
    50,
  ),
]
