// watch, through dist/kahi: which changes count, the action after a change, and that no state of a file is missed.

import { spawnSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ConfigMap } from '../helpers/config-map.ts'
import { type Daemon, kahi, kahiPath, scratch, startDaemon, startReady } from '../helpers/kahi.ts'
import { eventually, pauseBetweenChanges } from '../helpers/wait.ts'

const MORE = 'debounce = 0.05, poll = 0'

/** A daemon with this text as kahi.toml; `DIR` in it is the folder of the test. */
async function run(toml: string, folder = scratch(), start = startReady) {
  const file = join(folder, 'kahi.toml')
  writeFileSync(file, `[server.unix]\nfile = "DIR/k.sock"\n${toml}`.replaceAll('DIR', folder))
  const daemon = await start(file)
  const ctl = (...args: string[]) => kahi(['ctl', '-c', file, ...args])
  const status = async (name: string) => JSON.parse((await ctl('status', '--json', name)).stdout)[0]
  const end = async () => {
    daemon.signal('SIGTERM')
    expect(await daemon.ended()).toMatchObject({ exitCode: 0 })
  }
  return { folder, file, daemon, ctl, status, end }
}

/** Random numbers from 0 to 1; the same seed gives the same numbers. */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31
    return state / 2 ** 31
  }
}

/** A program that writes the content of DIR/conf at its start. */
function reader(keys: string, name = 'p'): string {
  const script = 'echo $(cat DIR/conf 2>/dev/null) >>DIR/seen; exec sleep 1000'
  return `[programs.${name}]\ncommand = ["/bin/sh", "-c", '''${script}''']\nstartsecs = 0\n${keys}\n`
}

const starve = 'echo 0 >/proc/sys/user/max_inotify_instances && exec "$0" "$@"'
const starved = spawnSync('unshare', ['-U', '-r', 'sh', '-c', starve, 'true'], { encoding: 'utf8' })
/** The reason why this machine cannot run a process without inotify; undefined when it can. */
const noStarving = starved.status === 0 ? undefined : `no user namespace without inotify: ${starved.stderr.trim()}`

const linesOf = (file: string) => (existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [])

describe('a change', () => {
  /** Names of the paths that changed, as the command of `watch` got them. */
  async function watching(paths: string, prepare: (folder: string) => void = () => {}) {
    const folder = scratch()
    prepare(folder)
    const told = join(folder, 'told')
    const script = `echo "$WATCH_CHANGED" | sed "s,DIR/,," >>DIR/told.new; cat DIR/told.new >DIR/told`
    const watch = `watch = { paths = ${paths}, exec = ["/bin/sh", "-c", '''${script}'''], ${MORE} }`
    const all = await run(`[programs.p]\ncommand = "/bin/sleep 1000"\nstartsecs = 0\n${watch}`, folder)
    await all.daemon.line("spawned: 'p'")
    let before: readonly string[] = []
    const changes = async (change: () => void, ...expected: string[]) => {
      change()
      before = [...before, ...expected]
      await eventually(() => expect(linesOf(told)).toEqual(before))
    }
    return { ...all, changes, at: (name: string) => join(folder, name) }
  }

  test('of a file: written, replaced, removed, made again; but not touched', async () => {
    const all = await watching('["DIR/conf"]', (folder) => writeFileSync(join(folder, 'conf'), '1'))
    const conf = all.at('conf')
    await all.changes(() => writeFileSync(conf, '2'), 'conf')
    await all.changes(() => {
      writeFileSync(all.at('other'), '3')
      renameSync(all.at('other'), conf)
    }, 'conf')
    await all.changes(() => rmSync(conf), 'conf')
    await all.changes(() => writeFileSync(conf, '4'), 'conf')
    utimesSync(conf, 1000, 1000)
    writeFileSync(conf, '4')
    await all.changes(() => writeFileSync(conf, '5'), 'conf')
    const { events } = JSON.parse((await all.ctl('events', '--json', '--types', 'file-changed')).stdout)
    const changes = events.map(({ change }: { change: string }) => change)
    expect(changes).toEqual(['content', 'content', 'removed', 'created', 'content'])
    expect(events[0]).toMatchObject({ group: 'p', name: 'p', path: conf, target: conf, action: 'exec' })
    await all.end()
  })

  test('of a file and of a directory that come later', async () => {
    const all = await watching('["DIR/later/inner/conf", "DIR/tree"]')
    await all.changes(() => mkdirSync(all.at('tree')), 'tree')
    await all.changes(() => writeFileSync(all.at('tree/a'), ''), 'tree/a')
    await all.changes(() => {
      mkdirSync(all.at('later/inner'), { recursive: true })
      writeFileSync(all.at('later/inner/conf'), '1')
    }, 'later/inner/conf')
    await all.changes(() => rmSync(all.at('later'), { recursive: true }), 'later/inner/conf')
    await all.changes(() => {
      mkdirSync(all.at('fresh/inner'), { recursive: true })
      writeFileSync(all.at('fresh/inner/conf'), '2')
      renameSync(all.at('fresh'), all.at('later'))
    }, 'later/inner/conf')
    await all.changes(() => writeFileSync(all.at('later/inner/conf'), '3'), 'later/inner/conf')
    await all.end()
  })

  test('below a directory, and of what a pattern matches', async () => {
    const all = await watching('["DIR/tree", "DIR/set*/*.conf"]', (folder) => {
      mkdirSync(join(folder, 'tree/deep/deeper'), { recursive: true })
      mkdirSync(join(folder, 'set1'))
      writeFileSync(join(folder, 'set1/a.conf'), '')
    })
    await all.changes(() => writeFileSync(all.at('tree/deep/deeper/x'), ''), 'tree/deep/deeper/x')
    await all.changes(
      () => rmSync(all.at('tree/deep/deeper'), { recursive: true }),
      'tree/deep/deeper',
      'tree/deep/deeper/x',
    )
    await all.changes(() => writeFileSync(all.at('set1/b.conf'), ''), 'set1/b.conf')
    writeFileSync(all.at('set1/b.txt'), '')
    await all.changes(() => writeFileSync(all.at('set1/a.conf'), 'new'), 'set1/a.conf')
    mkdirSync(all.at('set2'))
    await all.changes(() => writeFileSync(all.at('set2/c.conf'), ''), 'set2/c.conf')
    await all.end()
  })

  test('of any link on the way, and of the end of the way', async () => {
    const all = await watching('["DIR/conf"]', (folder) => {
      for (const name of ['one', 'two']) {
        mkdirSync(join(folder, name))
        writeFileSync(join(folder, name, 'file'), name)
      }
      symlinkSync('one', join(folder, 'current'))
      symlinkSync(join(folder, 'current/file'), join(folder, 'middle'))
      symlinkSync('middle', join(folder, 'conf'))
    })
    const lead = (link: string, target: string) => {
      symlinkSync(target, all.at('fresh'))
      renameSync(all.at('fresh'), all.at(link))
    }
    await all.changes(() => lead('current', 'two'), 'conf')
    await all.changes(() => writeFileSync(all.at('two/file'), 'more'), 'conf')
    await all.changes(() => lead('middle', 'one/file'), 'conf')
    await all.changes(() => lead('conf', 'two/file'), 'conf')
    await all.changes(() => lead('conf', 'conf'), 'conf')
    await all.end()
  })
})

describe('a ConfigMap', () => {
  const numbers = (folder: string) => linesOf(join(folder, 'seen')).filter(Boolean).map(Number)

  /** Each state is read once or replaced by a newer one: the values that processes read increase, and the last state is read. */
  async function expectAll(folder: string, last: number): Promise<void> {
    await eventually(() => expect(numbers(folder).at(-1)).toBe(last))
    const seen = numbers(folder)
    expect(seen).toEqual([...new Set(seen)].sort((a, b) => a - b))
  }

  test('200 updates at random times (of a seed), also while the program stops and starts', async () => {
    const random = randomFrom(16)
    const folder = scratch()
    const map = new ConfigMap(join(folder, 'map'), { conf: '0', other: 'x' })
    const script = `trap "sleep 0.05; exit" TERM; echo $(cat DIR/map/conf) >>DIR/seen; while :; do sleep 0.01; done`
    const all = await run(
      `[programs.p]\ncommand = ["/bin/sh", "-c", '''${script}''']\nstartsecs = 0\nwatch = { paths = ["DIR/map/conf"], debounce = 0.01 }`,
      folder,
    )
    await eventually(() => expect(numbers(folder)).toEqual([0]))
    for (let state = 1; state <= 200; state += 1) {
      map.update({ conf: String(state), other: 'x' })
      // Shorter than the debounce time, about as long, or as long as a restart.
      await pauseBetweenChanges([0, 2, 10, 60][Math.floor(random() * 4)] ?? 0)
      if (state % 20 === 0) await eventually(() => expect(numbers(folder).at(-1)).toBe(state))
    }
    await expectAll(folder, 200)
    expect(numbers(folder).length).toBeGreaterThan(10)
    expect(all.daemon.output()).toMatch(/p: .*\/map\/conf has changed \(.*\/map\/\.\.2026[\d_]+\/conf\): restarting/)
    await all.end()
  })

  test('without a single inotify instance the looks find all', async ({ skip }) => {
    skip(noStarving !== undefined, noStarving)
    const folder = scratch()
    const map = new ConfigMap(join(folder, 'map'), { conf: '0' })
    symlinkSync('map/conf', join(folder, 'conf'))
    const start = async (file: string): Promise<Daemon> => {
      const daemon = startDaemon(['-U', '-r', 'sh', '-c', starve, kahiPath, 'daemon', '-c', file], {
        program: 'unshare',
      })
      await daemon.line('kahi started with pid')
      return daemon
    }
    const all = await run(reader('watch = { paths = ["DIR/conf"], debounce = 0.01, poll = 0.05 }'), folder, start)
    await all.daemon.line(/no events for .* \(EMFILE.*\): changes are found by looking \(poll\)/)
    await eventually(() => expect(numbers(folder)).toEqual([0]))
    for (let state = 1; state <= 20; state += 1) {
      map.update({ conf: String(state) })
      if (state % 5 === 0) await eventually(() => expect(numbers(folder).at(-1)).toBe(state))
    }
    await expectAll(folder, 20)
    await all.end()
  })
})

describe('what follows', () => {
  test('signal: when the process is ready', async () => {
    const script = 'trap "echo heard" USR1; echo up; while :; do sleep 0.02; done'
    const all = await run(`[programs.p]
command = ["/bin/sh", "-c", '''${script}''']
startsecs = 0
ready = { file = "DIR/ready", interval = 0.02 }
watch = { paths = ["DIR/conf"], action = "signal:USR1", ${MORE} }`)
    await all.daemon.line(/"message":"up"/)
    writeFileSync(join(all.folder, 'conf'), '1')
    await all.daemon.line('conf was created: sending SIGUSR1')
    expect(all.daemon.output()).not.toMatch(/"message":"heard"/)
    writeFileSync(join(all.folder, 'ready'), '')
    await all.daemon.line(/"message":"heard"/)
    await all.end()
  })

  test('reload: reload_command, with the pid', async () => {
    const all = await run(
      reader(`reload_command = ["/bin/sh", "-c", "echo $MAINPID >DIR/reloaded; test $(cat DIR/conf) != bad"]
watch = { paths = ["DIR/conf"], action = "reload", ${MORE} }`),
    )
    const { pid } = await all.status('p')
    writeFileSync(join(all.folder, 'conf'), 'good')
    await eventually(() => expect(linesOf(join(all.folder, 'reloaded'))).toEqual([String(pid)]))
    writeFileSync(join(all.folder, 'conf'), 'bad')
    await all.daemon.line('p: the command of watch failed: exit status 1')
    expect(await all.status('p')).toMatchObject({ pid, state: 'RUNNING' })
    await all.end()
  })

  test('a oneshot is run again; a stopped program stays stopped; a FATAL one has another chance', async () => {
    const all = await run(
      `[oneshots.o]
up = ["/bin/sh", "-c", "cat DIR/conf >>DIR/runs"]
watch = { paths = ["DIR/conf"], ${MORE} }
[programs.fatal]
command = ["/bin/sh", "-c", "grep -q good DIR/conf && exec sleep 1000"]
startretries = 0
startsecs = 1
watch = { paths = ["DIR/conf"], ${MORE} }
${reader(`watch = { paths = ["DIR/conf"], ${MORE} }`)}`,
      ((folder) => {
        writeFileSync(join(folder, 'conf'), 'bad\n')
        return folder
      })(scratch()),
    )
    await all.daemon.line('gave up: fatal')
    await all.ctl('stop', 'p')
    await eventually(() => expect(linesOf(join(all.folder, 'runs'))).toEqual(['bad']))
    writeFileSync(join(all.folder, 'conf'), 'good\n')
    await eventually(() => expect(linesOf(join(all.folder, 'runs'))).toEqual(['bad', 'good']))
    await eventually(async () => expect(await all.status('fatal')).toMatchObject({ state: 'RUNNING' }))
    expect(await all.status('p')).toMatchObject({ state: 'STOPPED' })
    expect(linesOf(join(all.folder, 'seen'))).toEqual(['bad'])
    await all.end()
  })

  test('a program that a new configuration brings is watched too', async () => {
    const all = await run('[programs.other]\ncommand = "/bin/sleep 1000"\n')
    writeFileSync(all.file, readFileSync(all.file, 'utf8') + reader('watch = "DIR/conf"').replaceAll('DIR', all.folder))
    await all.ctl('apply')
    await eventually(() => expect(existsSync(join(all.folder, 'seen'))).toBe(true))
    writeFileSync(join(all.folder, 'conf'), 'x')
    await eventually(() => expect(linesOf(join(all.folder, 'seen')).at(-1)).toBe('x'))
    await all.end()
  })
})

test.each([
  ['watch = []', 'paths is not a list of paths'],
  ['watch = { paths = "/a", action = "reload" }', '"watch" of [programs.p] runs reload_command, which is not set'],
  ['watch = { paths = "/a", action = "signal:X" }', 'action "signal:X" is not one of restart, reload, signal:NAME'],
  ['watch = { paths = "/a", action = "restart", exec = "b" }', 'it can have either action or exec'],
  ['watch = { paths = "/a", ignore_removed = 1 }', 'ignore_removed is neither true nor false'],
  ['watch = { path = "/a" }', 'there is no "path"; did you mean "paths"?'],
])('check says what is wrong with %s', async (keys, message) => {
  const folder = scratch()
  writeFileSync(join(folder, 'kahi.toml'), `[programs.p]\ncommand = "p"\n${keys}\n`)
  expect((await kahi(['check', 'kahi.toml'], { cwd: folder })).stderr).toContain(message)
})
