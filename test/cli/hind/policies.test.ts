// HinD's tree with readiness and health on real sockets: the order of starts, and what each policy does when consul is
// killed, is stopped by a signal, or answers 500. The tests check the order of events and what each program found at its
// start; they do not measure time.

import { describe, expect, test } from 'vitest'
import { type Name, startTree, type Tree } from './tree.ts'

const ALL_UP = { consul: 'healthy', 'consul-template': 'RUNNING', caddy: 'healthy', nomad: 'healthy' }

/** Expects the words in this order, from the place `from` on; gives the place after the last word. */
function inOrder(events: readonly string[], words: readonly string[], from = 0): number {
  let place = from
  for (const word of words) {
    const found = events.indexOf(word, place)
    expect(
      found,
      `${word} after ${events.slice(0, place).join(', ')}; then ${events.slice(place).join(', ')}`,
    ).not.toBe(-1)
    place = found + 1
  }
  return place
}

/** Makes consul unhealthy: its check finds the fault. */
const FAULTS = {
  'answers 500': { make: (tree: Tree) => tree.breaks('consul'), cure: 'USR1' },
  'is stopped by SIGSTOP': {
    make: async (tree: Tree) => void process.kill((await tree.pids()).consul, 'SIGSTOP'),
    cure: 'CONT',
  },
} as const
const faults = Object.entries(FAULTS)

describe('the start', () => {
  test('each program waits until what it needs is ready, and finds it there', async () => {
    const tree = await startTree({ held: ['consul', 'consul-template'] })
    await tree.become({ nomad: 'healthy' })
    await tree.daemon.line("spawned: 'consul'")
    expect((await tree.states())['caddy']).not.toBe('RUNNING')
    expect((await tree.events()).filter((word) => /^(consul-template|caddy)/.test(word))).toEqual([])
    tree.allow('consul')
    await tree.daemon.line("spawned: 'consul-template'")
    await tree.become({ consul: 'healthy', 'consul-template': 'RUNNING' })
    expect((await tree.events()).filter((word) => word.startsWith('caddy'))).toEqual([])
    tree.allow('consul-template')
    await tree.become(ALL_UP)
    const events = await tree.events()
    inOrder(events, [
      ...['consul>starting', 'consul ready', 'consul-template>starting'],
      ...['consul-template ready', 'caddy>starting', 'caddy ready', 'caddy healthy'],
    ])
    const chain = tree.starts().filter((line) => !line.startsWith('nomad'))
    expect(chain).toEqual(['consul needed nothing', 'consul-template needed 200', 'caddy needed 200'])
    tree.daemon.signal('SIGTERM')
    const { stdout } = await tree.daemon.ended()
    const stops = [...stdout.matchAll(/stopped: (\S+) \(/g)].map(([, name]) => name)
    expect(stops.filter((name) => name !== 'nomad')).toEqual(['caddy', 'consul-template', 'consul'])
  })
})

describe.each(faults)('consul %s', (_fault, { make, cure }) => {
  const lost = '{ action = "restart", delay = 0.05 }'

  async function fail(policy: string) {
    const tree = await startTree({ consul: `on_unhealthy = "${policy}"\nexit_code = 7`, lost })
    await tree.become(ALL_UP)
    const before = await tree.pids()
    await make(tree)
    return { tree, before }
  }

  /** Dependents were stopped, one by one from the last or all at once, and started again in the order of the tree. */
  async function cameBack(tree: Tree, before: Record<Name, number>, sign: 'ready' | 'healthy'): Promise<void> {
    await tree.become(ALL_UP)
    const events = await tree.events()
    const place = inOrder(events, ['consul unhealthy', 'consul-template>stopping'])
    inOrder(events, [`consul ${sign}`, 'consul-template>starting', 'consul-template ready', 'caddy>starting'], place)
    const after = await tree.pids()
    expect(after.nomad).toBe(before.nomad)
    expect(after['consul-template']).not.toBe(before['consul-template'])
    expect(after.caddy).not.toBe(before.caddy)
    expect(tree.starts().filter((line) => line.endsWith('needed none') || line.endsWith('needed 500'))).toEqual([])
  }

  const GONE = { 'consul-template': 'STOPPED', caddy: 'STOPPED', nomad: 'healthy' }

  test('on_unhealthy = "none": its dependents stop, and start when it has recovered', async () => {
    const { tree, before } = await fail('none')
    await tree.become({ consul: 'unhealthy', ...GONE })
    process.kill(before.consul, `SIG${cure}`)
    await cameBack(tree, before, 'healthy')
    expect((await tree.pids()).consul).toBe(before.consul)
  })

  test('on_unhealthy = "restart": a new process, and its dependents after it', async () => {
    const { tree, before } = await fail('restart')
    await tree.daemon.line(/stopping consul: is unhealthy/)
    await cameBack(tree, before, 'ready')
    expect((await tree.pids()).consul).not.toBe(before.consul)
  })

  test('on_unhealthy = "stop": it is FATAL until a client starts it', async () => {
    const { tree, before } = await fail('stop')
    await tree.become({ consul: 'FATAL', ...GONE })
    await tree.ctl('start', 'consul')
    await cameBack(tree, before, 'ready')
  })

  test('on_unhealthy = "signal:NAME": the signal that repairs it', async () => {
    const { tree, before } = await fail(`signal:${cure}`)
    await tree.daemon.line('unhealthy: consul')
    await tree.daemon.line(/(?<!un)healthy: consul/)
    await tree.become(ALL_UP)
    expect((await tree.pids()).consul).toBe(before.consul)
  })

  test('on_unhealthy = "shutdown": all stop in order, and the daemon ends with exit_code', async () => {
    const { tree } = await fail('shutdown')
    const { exitCode, stdout } = await tree.daemon.ended()
    expect(exitCode).toBe(7)
    const stops = [...stdout.matchAll(/stopped: (\S+) \(/g)].map(([, name]) => name)
    expect(stops.filter((name) => name !== 'nomad')).toEqual(['caddy', 'consul-template', 'consul'])
  })
})

describe('consul is killed', () => {
  /** autorestart starts it again, and it serves after a call of `allow`. */
  async function kill(lost: string, consul = '') {
    const tree = await startTree({ lost, consul })
    await tree.become(ALL_UP)
    const before = await tree.pids()
    process.kill(before.consul, 'SIGKILL')
    return { tree, before }
  }

  const SAME: readonly Name[] = ['consul-template', 'caddy', 'nomad']

  test.each(['"none"', '{ action = "restart", delay = 3600 }'])(
    'on_dependency_lost = %s: others keep running',
    async (lost) => {
      const { tree, before } = await kill(lost)
      await tree.daemon.line('exited: consul (terminated by SIGKILL; not expected)')
      await tree.become(ALL_UP)
      const after = await tree.pids()
      expect(after.consul).not.toBe(before.consul)
      for (const name of SAME) expect(after[name]).toBe(before[name])
    },
  )

  test.each(['none', 'restart', 'stop', 'signal:USR1', 'shutdown'])(
    'on_unhealthy = "%s" has no part in it: an end is no failed check',
    async (policy) => {
      const { tree, before } = await kill('"none"', `on_unhealthy = "${policy}"`)
      await tree.daemon.line('exited: consul (terminated by SIGKILL; not expected)')
      await tree.become(ALL_UP)
      expect((await tree.pids()).consul).not.toBe(before.consul)
      expect(await tree.events()).not.toContain('consul unhealthy')
    },
  )

  test('on_dependency_lost = "restart": dependents stop, and start behind the new process', async () => {
    const { tree, before } = await kill('{ action = "restart", delay = 0 }')
    await tree.daemon.line('stopping consul-template until it is back: its dependency consul is')
    await tree.daemon.line('starting caddy: its dependencies are back')
    await tree.become(ALL_UP)
    const after = await tree.pids()
    for (const name of ['consul', 'consul-template', 'caddy'] as const) expect(after[name]).not.toBe(before[name])
    expect(tree.starts().filter((line) => line.endsWith('needed none'))).toEqual([])
  })

  test('on_dependency_lost = "stop": dependents stay stopped', async () => {
    const { tree } = await kill('{ action = "stop", delay = 0 }')
    await tree.become({ ...ALL_UP, 'consul-template': 'STOPPED', caddy: 'STOPPED' })
    await tree.ctl('start', 'caddy')
    await tree.become(ALL_UP)
  })
})
