// Words, variables and names that look like syntax do not change: the real sh and execlineb run the scripts that dist/kahi exports,
// and the real s6-rc-compile, if it is installed, compiles a tree with unusual names.

import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { kahi, scratch } from '../helpers/kahi.ts'

const BUILT = join(process.env['KAHI_S6_OVERLAY'] ?? '/none', 'command')
const PATH = `${BUILT}:/usr/lib/execline/bin:/usr/bin:/bin`
const has = (program: string): boolean => spawnSync(program, ['-h'], { env: { PATH } }).error === undefined
const [hasExecline, hasCompiler] = [has('execlineb'), has('s6-rc-compile')]
if (!hasExecline) console.warn('no execlineb is installed: only scripts of sh are run')
if (!hasCompiler) console.warn('neither KAHI_S6_OVERLAY nor PATH has an s6-rc-compile: odd names are only read back')

const ODD = [
  ...['a b', "'", '"', '\\', '\\\\', 'a\\', '$', '${', '$HOME', '${HOME}', '\\${HOME}', '$1', '${1}', '$@', '$#'],
  ...['`id`', '$(id)', '%', '%%', '{{ x }}', '{', '}', '#', '# c', 'a\nb', '\ta', '', 'é', '\\n', '!', '*', '~', '='],
  ...[
    'a;b',
    '&&',
    '|',
    '<x',
    '>x',
    '-n',
    '--',
    '\r',
    `'"'"'`,
    'x${HOME}y',
    '[a]',
    'yes',
    '1:20',
    '<<EOF',
    '\x01',
    '\x7f',
  ],
]
/** A text of the TOML in which nothing is expanded. */
const plain = (text: string): string =>
  JSON.stringify(text.replaceAll('%', '%%').replaceAll('$', '$$$$')).replace('\x7f', String.raw`\u007f`)
const SHOW =
  'process.stdout.write(JSON.stringify({ argv: process.argv.slice(1), env: process.env, cwd: process.cwd() }))'

/** What the exported script starts its program with. */
async function run(toml: string, options: readonly string[], env: Readonly<Record<string, string>>) {
  const cwd = scratch()
  const directory = join(cwd, `d 'x" $HOME % {`)
  mkdirSync(directory)
  writeFileSync(join(cwd, 'kahi.toml'), toml.replace('DIRECTORY', plain(directory)))
  const { exitCode, stderr } = await kahi(['export', 's6-rc', 'kahi.toml', '-o', 'tree', ...options], { cwd, env })
  expect(exitCode, stderr).toBe(0)
  const script = join(cwd, 'tree/odd/run')
  const [program = '', ...words] = options.includes('--execline') ? ['execlineb', '-P', script] : ['/bin/sh', script]
  const { stdout, stderr: said } = spawnSync(program, words, { encoding: 'utf8', env: { ...env, PATH } })
  expect(said).toBe('')
  return { directory, ...(JSON.parse(stdout) as { argv: string[]; env: Record<string, string>; cwd: string }) }
}

const languages = [['sh', []] as const, ...(hasExecline ? [['execline', ['--execline']] as const] : [])]

test.each(languages)('words, variables and a directory, in %s', async (_, options) => {
  const variables = Object.fromEntries(ODD.map((text, index) => [`ODD_${index}`, text]))
  const toml = [
    '[programs.odd]',
    `command = [${[process.execPath, '-e', SHOW, '--', ...ODD].map(plain).join(', ')}]`,
    'directory = DIRECTORY',
    '[programs.odd.environment]',
    ...Object.entries(variables).map(([name, text]) => `${name} = ${plain(text)}`),
  ]
  const { argv, env, cwd, directory } = await run(`${toml.join('\n')}\n`, options, {})
  expect(argv).toEqual(ODD)
  expect(env).toMatchObject(variables)
  expect(cwd).toBe(directory)
})

test.each(languages)('variables of the daemon, and texts that only look like them, in %s', async (_, options) => {
  const words = ['${V}', '$${V}', '\\\\${V}', '\\\\$${V}', 'x${V}y$${V}', `\${W:-it's \\"a\\" $ \\\\}`, '${U}']
  const command = [process.execPath, '-e', SHOW, '--'].map(plain)
  const toml = `[programs.odd]\ncommand = [${[...command, ...words.map((text) => `"${text}"`)].join(', ')}]\n`
  const value = `v "$x" ' \${HOME} \${U} \${W} \\`
  const { argv } = await run(toml, options, { V: value, U: 'u', HOME: '/root' })
  expect(argv).toEqual([value, '${V}', `\\${value}`, '\\${V}', `x${value}y\${V}`, `it's "a" $ \\`, 'u'])
})

test('names that s6 has itself, that are no names of files, and that are too long', async () => {
  const names = [
    's6-rc-x',
    's6rc-y',
    '-dash',
    '.dot',
    '..',
    'user',
    'top',
    'default',
    'base',
    'ä',
    'ö',
    'a$$b',
    'a|b',
    'a;rm',
    'n'.repeat(300),
  ]
  const more = ['A', 'a', 'x@1', 'data', 'web-log', 'web', '#c', 'user2', 'legacy-services']
  const toml = [...names, ...more].map(
    (name, index) =>
      `[programs.${JSON.stringify(name)}]\ncommand = "/bin/true ${index}"\nstdout_logfile = "/var/log/${index}.log"\n`,
  )
  const cwd = scratch()
  writeFileSync(join(cwd, 'kahi.toml'), toml.join('\n'))
  for (const target of ['s6-rc', 's6-overlay', 'systemd', 'compose', 'kubernetes', 'nomad']) {
    const { exitCode, stderr } = await kahi(['export', target, 'kahi.toml', '-o', target], { cwd })
    expect({ target, exitCode }, stderr).toEqual({ target, exitCode: 0 })
  }
  expect(existsSync(join(cwd, 's6-rc/own-default/run'))).toBe(true)
  expect(readFileSync(join(cwd, 's6-rc/own-s6-rc-x-log/consumer-for'), 'utf8')).toBe('own-s6-rc-x\n')
  if (!hasCompiler) return
  const { status, stderr } = spawnSync('s6-rc-compile', ['db', 's6-rc'], { cwd, encoding: 'utf8', env: { PATH } })
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
})
