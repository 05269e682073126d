// Random scripts of execline and their translations by --translate do the same.

import fc from 'fast-check'
import { expect, test } from 'vitest'

import { compare, hasExecline } from './both-ways.ts'

const word = fc.constantFrom(
  'a',
  '"b c"',
  '""',
  '"x${V}y"',
  '${V}',
  '${W}',
  '$V',
  '\\${W}',
  '"it\'s"',
  '"say \\"x\\""',
  '"\\\\"',
  '*',
  '-n',
  '~',
  "'",
  '"a\nb"',
  'a=b',
)
const name = fc.constantFrom('A', 'B', 'EMPTY', 'UNSET', 'NEW')
const key = fc.constantFrom('V', 'W')
const leaf: fc.Arbitrary<string> = fc.oneof(
  fc.array(word, { maxLength: 3 }).map((words) => `probe ${words.join(' ')}`),
  fc.array(word, { maxLength: 3 }).map((words) => `s6-echo x ${words.join(' ')}`),
  fc.constantFrom(
    'true',
    'false',
    'sh -c "exit 3"',
    'sh -c "exit 100"',
    'printenv A',
    'exit 2',
    'echo "a b"',
    'test -n ${V}',
    'eltest a = "${W}"',
    'printf "a\\\\n\\\\n"',
  ),
)
const { chain } = fc.letrec<{ chain: string; step: string }>((tie) => ({
  chain: fc.tuple(fc.array(tie('step'), { maxLength: 4 }), leaf).map(([steps, last]) => [...steps, last].join('\n')),
  step: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.tuple(key, word).map(([k, w]) => `define ${k} ${w}`),
    fc
      .tuple(fc.constantFrom('', '-i', '-u', '-iu', '-D 3', '-D "d e"', '-uD ${W}', '-sCD ""', '-sCu'), key, name)
      .map((parts) => `importas ${parts.join(' ')}`),
    fc.tuple(name, word).map(([n, w]) => `export ${n} ${w}`),
    name.map((n) => `s6-env ${n}="a ${n}" Q="x${'$'}{V}"`),
    name.map((n) => `unexport ${n}`),
    fc.constantFrom(
      'cd /tmp',
      'cd "inner dir"',
      'umask 077',
      'fdmove -c 2 1',
      'redirfd -a 1 file',
      'redirfd -u 0 /dev/null',
      'getcwd -E V',
      'with-contenv',
      'exec',
    ),
    fc
      .tuple(fc.constantFrom('foreground', 'if', 'if -n', 'if -t', 'if -x 7', 'if -X -n'), tie('chain'))
      .map(([c, b]) => `${c} { ${b} }`),
    fc
      .tuple(fc.constantFrom('ifelse', 'ifelse -n', 'ifte', 'ifelse -X'), tie('chain'), tie('chain'))
      .map(([c, a, b]) => `${c} { ${a} } { ${b} }`),
    fc.tuple(tie('chain'), tie('chain'), tie('chain')).map(([a, b, c]) => `ifthenelse { ${a} } { ${b} } { ${c} }`),
    fc
      .tuple(fc.constantFrom('', '-N', '-I', '-x', '-D 3', '-E'), name, tie('chain'))
      .map(([o, n, b]) => `backtick ${o} ${n} { ${b} }`),
    fc
      .tuple(fc.constantFrom('', '-E', '-x 3', '-o 0,3'), name, fc.array(word, { maxLength: 3 }))
      .map(([o, n, w]) => `forx ${o} ${n} { ${w.join(' ')} }`),
    fc.tuple(key, word, name).map(([k, w, n]) => `multisubstitute { define ${k} ${w} importas -D 1 Z ${n} }`),
    fc.constantFrom('pipeline { s6-echo "p q" }', 'case "${V}" { a { probe a } "b.*" { probe b } }'),
  ),
}))

test.skipIf(!hasExecline)('at random', () => {
  const reasons: string[] = []
  const scripts = fc.sample(chain, { seed: 20_260_101, numRuns: 400 })
  for (const script of scripts) {
    const reason = compare(script)
    if (reason !== undefined) reasons.push(reason)
  }
  console.log(`${scripts.length - reasons.length} of ${scripts.length} random scripts translated, all do the same`)
  expect(reasons.length).toBeLessThan(scripts.length / 2)
})
