// The values of limits, capabilities and bounded numbers, and the messages about invalid ones.

import { describe, expect, test } from 'vitest'
import type { ProcessSettings } from '../../config/settings/process.ts'
import { ConfigError } from '../../config/model/diagnostic.ts'
import { readConfig } from '../../config/toml/read.ts'
import { testMachine } from '../helpers/machine.ts'

function read(line: string): ProcessSettings | undefined {
  const text = `[programs.p]\ncommand = "/bin/true"\n${line}\n`
  return readConfig(text, '/etc/kahi.toml', testMachine()).config.groups[0]?.processes[0]
}

function errorOf(line: string): string {
  try {
    read(line)
  } catch (error) {
    if (error instanceof ConfigError) return error.diagnostics.map(({ message }) => message).join('\n')
    throw error
  }
  return ''
}

describe('limits', () => {
  const nothing = { memory: undefined, cpu: undefined, pids: undefined }
  test.each([
    ['{}', {}, nothing],
    ['{ nofile = 1024 }', { nofile: { soft: 1024, hard: 1024 } }, nothing],
    ['{ nofile = "1024:4096" }', { nofile: { soft: 1024, hard: 4096 } }, nothing],
    ['{ core = "0:unlimited" }', { core: { soft: 0, hard: 'unlimited' } }, nothing],
    [
      '{ stack = "8MB", nproc = "unlimited" }',
      { stack: { soft: 8388608, hard: 8388608 }, nproc: { soft: 'unlimited', hard: 'unlimited' } },
      nothing,
    ],
    ['{ nofile = "${PORT}" }', { nofile: { soft: 8080, hard: 8080 } }, nothing],
    ['{ memory = "512MB", cpu = 1.5, pids = 100 }', {}, { memory: 536870912, cpu: 1.5, pids: 100 }],
    ['{ memory = 1048576, cpu = "0.25" }', {}, { memory: 1048576, cpu: 0.25, pids: undefined }],
  ])('%s', (value, resources, group) => {
    expect(read(`limits = ${value}`)?.limits).toEqual({ resources, ...group })
  })

  test.each([
    ['{ nofiles = 5 }', 'there is no limit "nofiles"; did you mean "nofile"?'],
    ['{ nofile = "9:5" }', 'nofile has a soft limit above the hard one'],
    ['{ nofile = "unlimited:5" }', 'nofile has a soft limit above the hard one'],
    ['{ nofile = "1:2:3" }', 'nofile is neither a number nor "soft:hard"'],
    ['{ nofile = true }', 'nofile is neither a number nor "soft:hard"'],
    ['{ nofile = "5MB" }', '"5MB" is not a whole number'],
    ['{ nofile = -1 }', 'nofile cannot be -1'],
    ['{ nofile = 1.5 }', '"1.5" is not a whole number'],
    ['{ cpu = 0 }', 'cpu is not a number of processors'],
    ['{ cpu = "two" }', 'cpu is not a number of processors'],
    ['{ memory = 0 }', 'memory must be at least 1'],
    ['{ pids = [1] }', 'is not a whole number'],
    ['"nofile=5"', 'it is text'],
    ['5', 'it is the number 5'],
  ])('%s is an error', (value, message) => {
    const error = errorOf(`limits = ${value}`)
    expect(error).toMatch(/^Cannot read "limits" as table of limits: /)
    expect(error).toContain(message)
  })
})

describe('capabilities', () => {
  test.each([
    ['[]', []],
    ['["chown", "CAP_NET_BIND_SERVICE"]', [0, 10]],
    ['"net_raw, sys_nice"', [13, 23]],
  ])('%s', (value, numbers) => {
    expect(read(`capabilities = ${value}`)?.capabilities).toEqual(numbers)
  })
  test('an unknown name', () => {
    expect(errorOf('capabilities = ["net_bind_servic"]')).toBe(
      'Cannot read "capabilities" as list of capabilities: there is no capability "net_bind_servic"; did you mean "net_bind_service"?',
    )
  })
})

test.each([
  ['nice = 20', 'Cannot read "nice" as whole number from -20 to 19: 20 is not between -20 and 19'],
  ['nice = "-21"', 'Cannot read "nice" as whole number from -20 to 19: -21 is not between -20 and 19'],
  [
    'oom_score_adj = 1001',
    'Cannot read "oom_score_adj" as whole number from -1000 to 1000: 1001 is not between -1000 and 1000',
  ],
])('%s is an error', (line, message) => {
  expect(errorOf(line)).toBe(message)
})
