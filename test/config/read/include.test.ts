// Files that a kahi.toml includes.

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'

import { readConfig } from '../../../config/toml/read.ts'
import { testMachine } from '../../helpers/machine.ts'

import { makeFolder } from '../../helpers/test-folder.ts'

describe('include', () => {
  function folder(files: Readonly<Record<string, string>>): string {
    const root = makeFolder()
    mkdirSync(join(root, 'conf.d'))
    for (const [name, text] of Object.entries(files)) writeFileSync(join(root, name), text)
    return root
  }

  test('reads files in order, nested, with their own %(here)s', () => {
    const root = folder({
      'conf.d/2.toml': '[programs.b]\ncommand = "%(here)s/b"',
      'conf.d/1.toml': 'include = ["../more.toml"]\n[programs.a]\ncommand = "a"',
      'more.toml': '[programs.m]\ncommand = "%(here)s/m"',
    })
    const { config } = readConfig('include = ["conf.d/*.toml"]', join(root, 'kahi.toml'), testMachine())
    expect(config.groups.map(({ processes }) => processes[0]?.argv?.[0])).toEqual([
      'a',
      `${root}/conf.d/b`,
      `${root}/m`,
    ])
  })

  test('refuses loops and doubles, warns of patterns without files', () => {
    const root = folder({ 'conf.d/1.toml': 'include = ["1.toml"]', 'conf.d/2.toml': '[programs.a]\ncommand = "a"' })
    const main = join(root, 'kahi.toml')
    expect(() => readConfig('include = ["conf.d/1.toml"]', main, testMachine())).toThrow('includes itself')
    expect(() => readConfig('include = ["conf.d/2.toml"]\n[programs.a]\ncommand = "b"', main, testMachine())).toThrow(
      '[programs.a] is defined twice',
    )
    expect(readConfig('include = ["nope/*.toml"]', main, testMachine()).diagnostics).toMatchObject([
      { severity: 'warning', message: 'No file matches "nope/*.toml"' },
    ])
  })
})
