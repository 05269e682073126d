// kahi refuses the trees that s6-rc-compile refuses, and reports the place and a remedy. It warns of trees that fail only when
// they run. test/compat/s6-rc-trees.test.ts runs the real s6-rc-compile on each tree.

import { describe, expect, test } from 'vitest'
import { ConfigError, formatDiagnostic } from '../../../config/model/diagnostic.ts'
import { convert } from '../../helpers/convert.ts'
import { testMachine } from '../../helpers/machine.ts'
import { longrun, oneshot, plant, refused, warned } from './trees.ts'

function findings(root: string): { readonly isAccepted: boolean; readonly text: string } {
  const show = (all: Parameters<typeof formatDiagnostic>[0][]): string =>
    all.map(formatDiagnostic).join('\n').replaceAll(`${root}/`, '')
  try {
    return { isAccepted: true, text: show([...convert(root, testMachine()).diagnostics]) }
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return { isAccepted: false, text: show([...error.diagnostics]) }
  }
}

describe('is refused', () => {
  test.each(refused)('%s', (_, files, expected) => {
    const { isAccepted, text } = findings(plant(files))
    expect(text).toMatch(expected)
    expect(isAccepted).toBe(false)
  })
})

describe('is warned of', () => {
  test.each(warned)('%s', (_, files, expected) => {
    const { isAccepted, text } = findings(plant(files))
    expect(text).toMatch(expected)
    expect(isAccepted).toBe(true)
  })
})

test('what runs is not warned of', () => {
  const text = findings(
    plant({
      ...longrun('a', { run: '#!/bin/execlineb -P\nimportas -i PORT PORT\nfdmove -c 2 1\nserver -p ${PORT}\n' }),
      ...longrun('b', { run: '#!/bin/execlineb -P\nsh -c "echo ${HOME} && x"\n' }),
      ...oneshot('c', { up: 'if -n { test -f /x } if { redis-cli ping } true' }),
    }),
  ).text
  expect(text).toBe('')
})
