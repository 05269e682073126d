// Scripts of execline and their translations by --translate do the same.

import { describe, expect, test } from 'vitest'
import { translate } from '../../../converter/execline/translate.ts'

import { compare, ENVIRONMENT, hasExecline, home, run, source } from './both-ways.ts'

describe.skipIf(!hasExecline)('by hand', () => {
  test.each([
    ['a program', 'probe a "b c" "" "*" ~ "$HOME" \\{ if "it\'s" "say \\"x\\""'],
    ['a text over lines', 'probe "a\nb"'],
    ['a head that becomes keys', 'cd / umask 027 export X "a b" fdmove -c 2 1 exec probe x'],
    ['with-contenv takes back what was exported', 'export X 1 with-contenv probe'],
    ['foreground', 'foreground { probe a } foreground { sh -c "exit 7" } foreground { } probe b'],
    ['foreground without a rest', 'foreground { sh -c "exit 7" }'],
    ['a program that is not there', 'foreground { no-such-program } probe'],
    ['a program that is not there, at the end', 'no-such-program'],
    [
      'a shell word as a program',
      'foreground { echo "a\\\\tb" } foreground { time true } foreground { eval x } echo "a\\\\tb"',
    ],
    ['background and wait', 'background { sh -c "echo in background" } wait { } probe'],
    ['background reads stdin', 'background { s6-cat } wait { } true'],
    ['background -d', 'foreground { background -d { true } true } probe'],
    ['if', 'if { true } probe'],
    ['if that fails', 'if { sh -c "exit 3" } probe'],
    ['if that is killed', 'if { sh -c "kill -9 $$" } probe'],
    ['if -n', 'if -n { false } if -n { sh -c "exit 4" } if -n { true } probe'],
    ['if -n that is killed', 'if -n { sh -c "kill -9 $$" } probe'],
    ['if -t', 'if -t { sh -c "exit 4" } probe'],
    ['if -x', 'if -x 9 { sh -c "exit 4" } probe'],
    ['if -x that is killed', 'if -x 9 { sh -c "kill -15 $$" } probe'],
    ['if -X -x that is killed', 'if -X -x 9 { sh -c "kill -15 $$" } probe'],
    ['if with exit 255', 'if -n { sh -c "exit 255" } probe'],
    ['ifelse', 'ifelse { eltest -d / } { probe yes } probe no'],
    ['ifelse -n', 'ifelse -n { sh -c "exit 2" } { probe yes } probe no'],
    ['ifelse that is killed', 'ifelse { sh -c "kill -9 $$" } { probe yes } probe no'],
    ['ifelse -X that is killed', 'ifelse -X { sh -c "kill -9 $$" } { probe yes } probe no'],
    ['ifelse in ifelse', 'ifelse { true } { ifelse { false } { probe 1 } probe 2 } probe 3'],
    ['ifelse without else', 'ifelse { false } { probe 1 }'],
    ['ifte', 'ifte { probe yes } { probe no } test 1 -eq 2'],
    ['ifte of a program', 'ifte { probe yes } { probe no } sh -c "exit 0"'],
    ['ifte that is killed', 'ifte { probe yes } { probe no } sh -c "kill -9 $$"'],
    [
      'ifthenelse',
      'ifthenelse { true } { probe yes } { probe no } ifthenelse { sh -c "exit 1" } { } { probe no } probe rest',
    ],
    ['ifthenelse, empty', 'ifthenelse { false } { probe yes } { } probe rest'],
    ['define', 'define X "a b" define Y "${X} c" probe ${X} "-${Y}-" $X "$X y" \\${X} \\\\${X} \\\\\\${X} ${Z}'],
    ['define is a text', 'define X "\\${Y}" define Y 1 probe ${X}'],
    ['define -s', 'define -s X "a b  c " probe ${X} pre${X}post'],
    ['define -sCn', 'define -sCn X "a b  c " probe ${X}'],
    ['define -s -d', 'define -s -d ":" X "a::b:" probe ${X} define -n X2 "a " probe ${X2}'],
    ['importas', 'importas X A probe ${X} "<${X}>" importas Y B probe ${Y}'],
    ['importas of nothing', 'importas X UNSET probe a ${X} "b${X}" c'],
    ['importas of something empty', 'importas X EMPTY probe a ${X} "b${X}" c'],
    ['importas -i', 'importas -i X A probe ${X}'],
    ['importas -i of nothing', 'importas -i X UNSET probe ${X}'],
    ['importas -D', 'importas -D "d e" X UNSET importas -D 3 Y A importas -D 3 Z EMPTY probe ${X} ${X} ${Y} "<${Z}>"'],
    ['importas -D with signs', `importas -D "it's }\\"%" X UNSET probe \${X}`],
    ['importas -u', 'importas -u X A probe ${X}'],
    ['importas -u of nothing', 'importas -u X UNSET probe ${X} a'],
    ['importas before the variable is changed', 'importas X A export A other importas Y A probe ${X} ${Y}'],
    ['importas -D before the variable is changed', 'importas -D z X UNSET export UNSET other probe ${X}'],
    ['importas before unexport', 'importas X A unexport A probe ${X}'],
    ['importas without value before a change', 'importas X UNSET export UNSET 1 probe a${X} b'],
    ['importas -sC', 'importas -sCu X LIST probe ${X} a importas -sC Y LIST2 probe ${Y}'],
    ['importas -sC of nothing', 'importas -sC X UNSET importas -sC Y EMPTY probe a ${X} ${Y} b'],
    ['importas -sC with a default', 'importas -sCD "n3  * T" X UNSET importas -sC -D "d e" Y A probe ${X} ${Y} ${Y}'],
    ['importas -sC of what was taken away', 'unexport A importas -sC -D "d  e" X A probe ${X}'],
    ['importas -sC into a loop', 'importas -sC X LIST forx Y { a ${X} } importas Z Y s6-echo "<${Z}>"'],
    ['multisubstitute', 'multisubstitute { define X 1 importas -D x Y UNSET importas -u Z A } probe ${X} ${Y} ${Z}'],
    ['export', 'foreground { true } export X "a \\"b\\" $HOME `x` \\\\" export EMPTY2 "" probe'],
    ['s6-env at the head', 's6-env X=1 Y="a b=c" s6-env Z= probe'],
    ['s6-env', 'importas -i X A foreground { true } s6-env A=1 B2="${X}=" probe ${X}'],
    ['export in a block', 'foreground { export A changed probe 1 } probe 2'],
    ['unexport', 'foreground { true } unexport A probe'],
    ['backtick', 'backtick X { sh -c "echo a; echo" } importas X2 X probe "<${X2}>"'],
    ['backtick -N', 'backtick -N X { sh -c "echo a; echo" } importas X2 X probe "<${X2}>"'],
    ['backtick of a default', 'backtick X { importas -D 3000 X X s6-echo ${X} } importas -u X X probe ${X}'],
    ['backtick of a set variable', 'backtick A { importas -D 3000 A A s6-echo "${A}" } importas -u A A probe ${A}'],
    ['backtick of printenv', 'backtick -D "3 4" X { printenv X } backtick -D x A { printenv A } probe'],
    ['backtick of lines', 'backtick X { importas -D 1 L LINES2 s6-echo "${L}" } probe'],
    ['backtick that fails', 'backtick X { sh -c "echo a; exit 5" } probe'],
    ['backtick that is killed', 'backtick X { sh -c "echo a; kill -9 $$" } probe'],
    ['backtick -I that fails', 'backtick -I X { sh -c "echo a; exit 5" } probe'],
    ['backtick -D that fails', 'backtick -D "d e" X { sh -c "echo a; exit 5" } probe'],
    ['backtick -x that fails', 'backtick -x A { sh -c "echo a; exit 5" } probe'],
    ['backtick -E', 'backtick -E X { sh -c "echo a b" } probe ${X}'],
    ['backtick with a chain', 'backtick X { if { true } export Y 1 sh -c "echo $Y" } probe'],
    ['cd', 'foreground { true } cd "inner dir" probe'],
    ['cd back', 'foreground { true } cd .. probe'],
    ['cd nowhere', 'foreground { true } cd /no/such probe'],
    ['cd to a value', 'importas -i X HOME foreground { true } cd /${X}/.. probe'],
    ['cd to a variable', 'importas -i X HOME cd ${X} probe'],
    ['cd to nothing', 'importas -i X EMPTY cd ${X} probe'],
    ['umask', 'foreground { true } umask 077 probe'],
    ['redirfd', 'redirfd -w 1 file foreground { echo a } redirfd -a 1 file echo b'],
    ['redirfd -r', 'redirfd -r 0 /etc/hostname cat'],
    ['redirfd -r of nothing', 'redirfd -r 0 /no/such probe'],
    ['fdmove', 'foreground { fdmove -c 2 1 probe } fdmove -c 3 1 redirfd -w 1 /dev/null fdmove 1 3 probe'],
    ['fdclose', 'fdclose 0 sh -c "cat || echo closed"'],
    ['pipeline', 'pipeline { printf "b\\\\na\\\\n" } pipeline { sort } sh -c "cat; exit 3"'],
    ['pipeline in a block', 'foreground { pipeline { s6-echo "x y" } sed s/x/z/ } probe'],
    ['pipeline as a condition', 'ifelse { pipeline { s6-echo abc } grep -q b } { probe yes } probe no'],
    ['pipeline in the background', 'background { pipeline { s6-echo abc } cat } wait { } true'],
    ['heredoc', 'foreground { heredoc 0 "a\nb $X" cat } probe'],
    ['forx', 'forx X { a "b c" "" "*" } importas -u Y X probe ${Y}'],
    ['forx -E', 'forx -E A { a "b c" } probe ${A}'],
    ['forx -x', 'forx -x 3,4 X { 1 2 3 } sh -c "echo $X; exit $(($X + 1))"'],
    ['forx -o', 'forx -o 0 X { 0 1 2 } sh -c "echo $X; exit $X"'],
    ['forx without values', 'forx X { } probe'],
    ['loopwhilex', 'loopwhilex sh -c "echo x >> file; test $(wc -l < file) -lt 3"'],
    ['loopwhilex -n', 'loopwhilex -n sh -c "echo x >> file; test $(wc -l < file) -ge 3"'],
    ['loopwhilex -x', 'loopwhilex -x 3,4 sh -c "echo x >> file; exit $(wc -l < file)"'],
    ['loopwhilex -n -x 0', 'loopwhilex -n -x 0 sh -c "echo x >> file; test $(wc -l < file) -lt 3"'],
    ['loopwhilex -o', 'loopwhilex -o 1,2 sh -c "echo x >> file; exit $(wc -l < file)"'],
    [
      'loopwhilex with a chain',
      'loopwhilex foreground { echo x } redirfd -a 1 file foreground { echo x } test 1 -eq 2',
    ],
    ['case', 'importas -i X A case ${X} { b { probe 1 } "a.*" { probe 2 } } probe 3'],
    ['case of alternatives', 'case c { a { probe 1 } "(b|c)" { probe 2 } } probe 3'],
    ['case -s', 'case -s abc { b* { probe 1 } a? { probe 2 } a*c { probe 3 } } probe 4'],
    ['case of nothing', 'case x { a { probe 1 } } foreground { true } probe 4'],
    ['s6-echo', 's6-echo a  "b  c" "\\\\n"'],
    ['s6-echo -n', 'foreground { s6-echo -n a b } s6-echo -- -n'],
    ['s6-echo of a value', 'importas -i X B s6-echo "v ${X}" x'],
    ['test', 'if { test -n "" } probe'],
    ['test ==', 'if { test a == a } probe'],
    ['s6-test', 'importas -D "" X UNSET ifelse { s6-test -z "${X}" } { probe yes } probe no'],
    ['exit', 'foreground { exit 3 } exit 258'],
    ['exit without a code', 'exit'],
    ['s6-true and s6-false', 'if { s6-true } if -n { s6-false } foreground { s6-false } s6-true'],
    ['getcwd', 'getcwd X foreground { true } cd / importas Y X probe ${Y}'],
    ['getcwd -E', 'cd "inner dir" getcwd -E A probe "<${A}>"'],
    ['redirfd -u', 'foreground { redirfd -w 1 file echo abc } redirfd -u 1 file printf X'],
    ['redirfd -u of nothing', 'redirfd -u 0 none probe'],
    ['a program that is called like a command', 'foreground { ./if a } ./if b c'],
    ['nothing', ''],
    ['death by a signal', 'sh -c "kill -9 $$"'],
    ['a comment', '# first\nforeground { true } # behind\n# in between\nprobe a#b # last'],
  ])('%s', (_, text) => {
    expect(compare(text)).toBeUndefined()
  })

  test.each([
    [
      '-S0',
      '-S0',
      'foreground { s6-echo "code ${1}, signal ${2}" } foreground { probe $@ "${5}" ${#} $3 } exit ${1}',
      ['256', '9', 'web', '123'],
    ],
    ['-S0 as people end it', '-S0', '/bin/sh -c "exit $1" _ ${1}', ['3', '0', 'web', '123']],
    ['-S6 with too few', '-S6', 'probe "${4}" "<${6}>" ${7} ${@}', ['1', '0', 'web', '123']],
    ['-s2', '-s2', 'probe $@ $1', ['1', '0', 'web', '123']],
    ['elgetpositionals', '', 'elgetpositionals -P 6 probe $1 <$6> $@', ['1', '0', 'web', '123']],
    ['the name', '-S1', 'probe ${1}', ['svc']],
  ])('%s', (_, options, text, args) => {
    expect(compare(text, options, args)).toBeUndefined()
  })

  test('the program has the pid that was started', () => {
    const text = 'foreground { true } importas -D x Y UNSET ifelse { false } { true } cd / probe ${Y}'
    const found = translate(source(text, { isSupervised: true }))
    const script = 'script' in found ? (found.script ?? '') : ''
    const start = 'export STARTED=$$; exec /bin/sh -c "$1" name'
    expect(run(['/bin/sh', '-c', start, 'sh', script], home, ENVIRONMENT).stdout).toContain('same pid')
  })
})

test('the process has the pid that getpid tells', () => {
  const found = translate(
    source('getpid -E X getpid Y foreground { true } sh -c "[ $Y = ${X} ] && [ $$ = $Y ] && echo same"'),
  )
  const script = 'script' in found ? (found.script ?? '') : ''
  expect(run(['/bin/sh', '-c', script, 'name'], home, ENVIRONMENT).stdout).toBe('same\n')
})

test('importas -S names the value as the variable', () => {
  const [short, long] = ['importas -S', 'importas A'].map((start) => translate(source(`${start} A probe \${A}`)))
  expect(short).toEqual(long)
})

describe('stays as it is, for a reason at its place', () => {
  test.each([
    ['foreground { true }\ntrap { term { x } } prog', /^run:2:1 trap/],
    ['importas -s ARGS ARGS prog ${ARGS}', /^run:1:1 importas splits a value in another way/],
    ['importas -sC ARGS ARGS prog --x=${ARGS}', /^run:1:29 a word is repeated for each word of ARGS/],
    ['importas -sC ARGS ARGS export X ${ARGS} prog', /ARGS is split/],
    ['importas -C X X prog ${X}', /^run:1:1 importas changes a value/],
    ['foreground { a } importas x ? prog ${x}', /^run:1:18 a shell has no variable called "\?"/],
    ['pipeline { a } b', /^run:1:1 pipeline would leave a shell/],
    ['foreground { pipeline { tail -f x } grep -m1 y } b', /^run:1:14 pipeline continues/],
    ['export X 1 foreground { } with-contenv b', /^run:1:27 with-contenv takes back/],
    ['importas X X export Y ${X} prog', /X may be unset/],
    ['foreground { a } s6-setuidgid app foreground { b } prog', /^run:1:18 s6-setuidgid runs more of execline/],
    ['define X Y importas ${X} Z prog ${$X}', /^$/],
    ['importas -D "${Y}" X X define Y 1 prog ${X}', /^run:1:1 importas with a default/],
    ['redirfd -wnb 1 fifo prog', /^run:1:1 redirfd with -n/],
    ['foreground { getpid X prog } prog', /^run:1:14 getpid in a child/],
    ['foreground { a } nice -n 5 cd /x prog', /^run:1:18 nice runs cd/],
    ['foreground { a } env A=1 s6-setuidgid app export A 1 prog', /^run:1:18 env runs export/],
    ['if { a', /^run:1:4 execline cannot read it/],
  ])('%s', (text, expected) => {
    const found = translate(source(text, { isSupervised: true }))
    const said =
      'reason' in found ? `${found.place.file}:${found.place.line}:${found.place.column} ${found.reason}` : ''
    expect(said).toMatch(expected)
  })
})
