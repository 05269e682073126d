// Debian's execlineb and kahi's run random scripts and the scripts of the fixtures: nesting, quotes, substitution, redirections,
// conditions, loops, mistakes. KAHI_EXECLINE_SEED and KAHI_EXECLINE_RUNS select other random scripts.

import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { noRealExecline, runBoth, type Script } from '../../../helpers/execline.ts'
import { root } from '../../../helpers/kahi.ts'

/** Whether a program that writes into a pipe dies of SIGPIPE (141) depends on when its reader ends. */
function untimed<T extends { readonly code: unknown }>(result: T): T {
  return result.code === 141 ? { ...result, code: 0 } : result
}

if (noRealExecline !== undefined) console.log(`scripts at random are not compared: ${noRealExecline}`)

const pick = (...words: readonly string[]): fc.Arbitrary<string> => fc.constantFrom(...words)
const joined = (...parts: readonly fc.Arbitrary<string>[]): fc.Arbitrary<string> =>
  fc.tuple(...parts).map((words) => words.join(' '))

/** Any text, as a word in quotes or with backslashes. */
const sign = pick('a', 'b', ' ', '\n', '\t', '"', '\\', '$', '{', '}', '#', 'V', '*', "'", '\u00fc', '\u0007')
const text = fc.string({ unit: sign, maxLength: 8 })
const quoted = text.map((value) => `"${value.replaceAll(/["\\]/g, '\\$&')}"`)
const escaped = text.map((value) => [...value].map((one) => (one === 'a' ? one : `\\${one}`)).join('') || '""')
const numbered = fc.array(fc.integer({ min: 1, max: 255 }), { minLength: 1, maxLength: 4 }).map((codes) => {
  const forms = codes.map((code) => [`\\${code}`, `\\0x${code.toString(16)}`, `\\0${code.toString(8)}`][code % 3] ?? '')
  return `"${forms.join('')}"`
})
const word = fc.oneof(
  {
    weight: 6,
    arbitrary: pick(
      'a',
      'b',
      '""',
      '${V}',
      '$V',
      '${W}',
      'x${V}y${W}',
      '\\${V}',
      '\\\\${W}',
      '"$V $W"',
      '$1',
      '$@',
      '${#}',
    ),
  },
  { weight: 2, arbitrary: quoted },
  { weight: 1, arbitrary: escaped },
  { weight: 1, arbitrary: numbered },
)
const words = fc.array(word, { maxLength: 4 }).map((list) => list.join(' '))
const key = pick('V', 'W')
const name = pick('A', 'B', 'EMPTY', 'UNSET', 'NEW', 'LIST', 'LINES')
const code = pick('0', '1', '3', '1,3', '0,137')

const leaf = fc.oneof(
  words.map((list) => `args ${list}`),
  pick('true', 'false', 'sh -c "exit 3"', 'sh -c "exit 200"', 'sh -c "kill -9 $$"', 'env', 'cat', 'no-such', 'exit 2'),
  pick(
    '',
    'dollarat',
    'printenv A',
    'printf "a\\\\n\\\\nb"',
    'printf "x\\\\0y"',
    'pwd -P',
    'umask',
    'homeof root',
    'homeof no-such-user',
    'eltest -n ${V}',
    'sh -c umask',
  ),
)
const { chain } = fc.letrec<{ chain: string; step: string; block: string; values: string }>((tie) => ({
  chain: fc.tuple(fc.array(tie('step'), { maxLength: 4 }), leaf).map(([steps, last]) => [...steps, last].join('\n')),
  block: tie('chain').map((inner) => `{ ${inner} }`),
  values: words.map((list) => `{ ${list} }`),
  step: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    joined(pick('define', 'define -n', 'define -s', 'define -sC', 'define -snd " a"', 'define -sd ""'), key, word),
    joined(
      pick(
        'importas',
        'importas -i',
        'importas -u',
        'importas -D 3',
        'importas -sD "d e"',
        'importas -sCu',
        'importas -snd a',
      ),
      key,
      name,
    ),
    joined(
      pick('multidefine', 'multidefine -r', 'multidefine -0', 'multidefine -C'),
      word,
      pick('{ V W }', '{ V "" W }', '{ X V }'),
    ),
    joined(
      pick('multisubstitute {'),
      pick('define V', 'define -s W', 'elgetpositionals define V'),
      word,
      pick('importas -D 1 Z A } ', '}'),
    ),
    pick(
      'elglob -s V *.txt',
      'elglob -0 W no*',
      'elgetpositionals',
      'elgetpositionals -P 3',
      'shift',
      'shift -n 2',
      'emptyenv -c',
      'emptyenv -P',
    ),
    joined(pick('export'), name, word),
    joined(pick('unexport'), name),
    pick(
      'cd "inner dir"',
      'cd ..',
      'cd nowhere',
      'umask 077',
      'posix-umask g-rx',
      'getcwd -E V',
      'exec',
      'posix-cd /usr',
      'elgetopt ab:',
    ),
    pick(
      'fdmove -c 2 1',
      'redirfd -a 1 file',
      'redirfd -w 1 file',
      'redirfd -r 0 a.txt',
      'fdclose 0',
      'fdswap 1 2',
      'fdmove 5 1',
    ),
    pick(
      'envfile a.txt',
      'envfile -I nowhere',
      'fdblock 0',
      'fdblock -n 0',
      'fdreserve 2',
      'execline-cd ..',
      'execline-umask 027',
      'getpid NEW unexport NEW',
      'piperw 6 7 fdclose 6 fdclose 7',
      // It ends after the first round that succeeds, as after one that fails.
      'loopwhilex -x 0',
    ),
    joined(
      pick('trap { SIGUSR1 { args usr1 } }', 'trap { SIGTERM { true } SIGHUP { args hup } }', 'trap { SIGNONE { } }'),
    ),
    joined(pick('heredoc 0'), word),
    joined(pick('foreground', 'if', 'if -n', 'if -t', 'if -x 7', 'if -X -n', 'tryexec'), tie('block')),
    joined(pick('background'), tie('block'), pick('wait { }', 'wait -o { }')),
    joined(pick('ifelse', 'ifelse -n', 'ifelse -X', 'ifte', 'ifte -n'), tie('block'), tie('block')),
    joined(pick('ifthenelse', 'ifthenelse -X'), tie('block'), tie('block'), tie('block')),
    joined(
      pick('backtick', 'backtick -N', 'backtick -I', 'backtick -x', 'backtick -D 3', 'backtick -E', 'backtick -ED 3'),
      name,
      tie('block'),
    ),
    joined(pick('withstdinas', 'withstdinas -E', 'withstdinas -NI'), name),
    joined(pick('forx', 'forx -E', 'forx -p'), name, tie('values')),
    joined(pick('forx -x', 'forx -o', 'forx -Ex'), code, name, tie('values')),
    joined(pick('forbacktickx', 'forbacktickx -E', 'forbacktickx -EC', 'forbacktickx -EN'), name, tie('block')),
    joined(pick('forstdin', 'forstdin -E', 'forstdin -Cd " o"', 'forstdin -x'), pick('X', '1')),
    pick('pipeline { cat }', 'pipeline { true }', 'pipeline { args p q }'),
    // The end of the block is the script's here: it must not depend on whether the pipe is read.
    pick('pipeline -w { true }', 'pipeline -w { foreground { args p q } true }'),
    joined(
      pick('case', 'case -s', 'case -i', 'case -N'),
      word,
      pick('{ a { args a } "b.*" { args b } }', '{ .* { args any } }', '{ ".*" { env } }'),
    ),
    pick(
      'foreground {',
      '}',
      '"',
      'if true',
      'runblock 1',
      'runblock -P 1',
      'forx',
      '# comment\n',
      'define',
      'args {',
      'export A=B 1',
    ),
  ),
}))

/**
 * Several writers at the same time, or a pipe that may be closed early, have no order to compare. `pipeline -w` in a loop
 * ends the loop of both execlines after one round or after two, as its writer is killed or not.
 */
function hasOrder({ text: script }: Script): boolean {
  if (/pipeline -w/.test(script) && /forx|forbacktickx|forstdin/.test(script)) return false
  return !/background|pipeline|forx -p|forbacktickx/.test(script) || !/no-such|cat|forx -p|forstdin/.test(script)
}

const script = fc.record({
  text: chain,
  options: fc.constantFrom<readonly string[]>(['-P'], ['-S0'], ['-s1'], [], ['-p'], ['-w'], ['-W', '-S2']),
  args: fc.constantFrom<readonly string[]>([], ['a'], ['a', ' b', '', 'c'], ['-a', '-b', 'v', 'x y']),
  input: fc.constantFrom('one\ntwo\n', '', 'no end', 'a\0b\n'),
})

/** The scripts of a folder, each as it stands there. */
function scriptsBelow(folder: string): readonly Script[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((path) => join(folder, path))
    .filter((path) => statSync(path).isFile())
    .map((path) => ({ text: readFileSync(path, 'utf8') }))
    .filter((one) => /^#!.*execlineb/.test(one.text))
}

/** Of a batch, on a machine that does much else. */
const LIMIT_MS = 600_000

describe.skipIf(noRealExecline !== undefined)('beside Debian', () => {
  test(
    'scripts at random',
    () => {
      const [seed, numRuns] = [
        Number(process.env.KAHI_EXECLINE_SEED ?? 14),
        Number(process.env.KAHI_EXECLINE_RUNS ?? 250),
      ]
      const scripts = fc.sample(script, { seed, numRuns }).filter(hasOrder)
      const { real, ours } = runBoth(scripts)
      const told = real.filter(({ stdout }) => stdout !== '').length
      console.log(`${scripts.length} scripts at random do the same; ${told} of them print something`)
      expect(ours.map(untimed)).toEqual(real.map(untimed))
      expect(told).toBeGreaterThan(scripts.length / 10)
    },
    LIMIT_MS,
  )

  test(
    'the scripts of the fixtures, as far as their programs are here',
    () => {
      const scripts = scriptsBelow(join(root, 'fixtures'))
      expect(scripts.length).toBeGreaterThan(5)
      const { real, ours } = runBoth(scripts)
      expect(ours).toEqual(real)
    },
    LIMIT_MS,
  )
})
