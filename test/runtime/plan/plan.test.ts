// Orders and differences, on plain data.

import { describe, expect, test } from 'vitest'
import { diffConfigs } from '../../../runtime/plan/diff.ts'
import { shutdownStages, startOrder } from '../../../runtime/plan/order.ts'
import { config, group, NO_STREAM, processSettings } from '../../helpers/settings.ts'

const names = (items: readonly { name: string }[]): string[] => items.map(({ name }) => name)

describe('order', () => {
  test('starts are in the order of the configuration, without shadowed groups and manual programs', () => {
    const manual = processSettings({ name: 'manual', autostart: false })
    const members = [processSettings({ name: 'x' }), manual, processSettings({ name: 'y' })]
    const groups = [group('b'), group('a', { processes: members }), group('b', { shadowed: true })]
    expect(names(startOrder({ groups }))).toEqual(['b', 'x', 'y'])
  })

  test('stages of a shutdown are start order backwards', () => {
    const groups = [group('a'), group('late', { priority: 1 }), group('B'), group('c')]
    expect(names(shutdownStages(groups))).toEqual(['c', 'a', 'B', 'late'])
  })
})

describe('difference', () => {
  const now = config([group('a'), group('b')])

  test('of nothing and something', () => {
    expect(diffConfigs(undefined, now)).toEqual({ added: ['a', 'b'], removed: [], changed: [], unchanged: [] })
    expect(diffConfigs(now, config([]))).toEqual({ added: [], removed: ['a', 'b'], changed: [], unchanged: [] })
  })

  test('the order of keys and of groups changes nothing', () => {
    const one = config([group('a', { processes: [processSettings({ name: 'a', environment: { X: '1', Y: '2' } })] })])
    const two = config([group('a', { processes: [processSettings({ name: 'a', environment: { Y: '2', X: '1' } })] })])
    expect(diffConfigs(one, two).unchanged).toEqual(['a'])
    expect(diffConfigs(now, config([group('b'), group('a')])).unchanged).toEqual(['b', 'a'])
  })

  test.each([
    ['a key of a process', { processes: [processSettings({ name: 'a', umask: 0 })] }, ['umask']],
    ['a log that becomes AUTO', { processes: [autoLogged()] }, ['stdout_logfile']],
    ['the command, once', { processes: [processSettings({ name: 'a', command: 'x', argv: ['x'] })] }, ['command']],
    ['the priority of the group', { priority: 1 }, ['priority']],
    ['other processes', { processes: [processSettings({ name: 'a' }), processSettings({ name: 'c' })] }, ['programs']],
    [
      'a user that appears',
      { processes: [processSettings({ name: 'a', user: { uid: 1, gid: 1, groups: [] } })] },
      ['user'],
    ],
  ])('%s', (_, changes, keys) => {
    expect(diffConfigs(now, config([group('a', changes), group('b')]))).toMatchObject({
      changed: [{ name: 'a', keys }],
      unchanged: ['b'],
    })
  })

  test('shadowed groups do not count', () => {
    expect(diffConfigs(now, config([group('a'), group('b', { shadowed: true })])).removed).toEqual(['b'])
  })
})

function autoLogged() {
  return processSettings({ name: 'a', stdout: { ...NO_STREAM, logfile: { kind: 'auto' } } })
}
