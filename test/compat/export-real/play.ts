// Runs a supervisord.conf with placeholders for its programs in a small image, under each supervisor. The test compares how each
// process was started, what happened after exits, and the order of the stop.

import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { OWN_TOOLS } from '../../helpers/boot-twice.ts'
import { bootImage, firstPid } from '../../helpers/image.ts'
import type { Daemon } from '../../helpers/kahi.ts'
import { bootOriginal } from '../../helpers/original-overlay.ts'
import { eventually } from '../../helpers/wait.ts'

/** The lines that a placeholder writes when it starts. */
export interface Start {
  readonly event: 'start'
  readonly pid: number
  readonly argv: readonly string[]
  readonly environment: readonly string[]
  readonly directory: string
  readonly uid: number
  readonly gid: number
  readonly groups: readonly number[]
  readonly umask: number
  readonly nice: number
}

/** The line that a placeholder writes when it gets a signal. */
export interface Caught {
  readonly event: 'signal'
  readonly pid: number
  readonly signal: string
}

/** An image with a configuration for each supervisor. */
export interface Stage {
  /** Directory on this machine that is /play in the image. */
  readonly play: string
  /** Path of supervisord.conf, on this machine and in the image. */
  readonly conf: string
  /** Directory with the exported tree. */
  readonly tree: string
  /** Run in the image before it is booted. */
  readonly prepare: string
  readonly environment: Readonly<Record<string, string>>
}

/** How the test starts a supervisor and reads its state. */
export interface Player {
  boot(stage: Stage): Daemon
  /** Whether all programs run, and have done so for as long as the supervisor wants; `count` of them are expected. */
  isUp(show: Show, count: number): boolean
  /** Whether the supervisor has finished its actions after exits. */
  isSettled(show: Show): boolean
  /** Whether the supervisor does not try to start `count` programs any more. */
  hasGivenUp(show: Show, count: number): boolean
}

/** An argument that no real program has: of a program that is added to every configuration. */
export const SENTINEL = '--sentinel'

/** How often supervisord looks again after the sentinel ended: then it has decided on all that ended before. */
const ROUNDS = 2

/** A supervisor with the programs of one configuration. */
export class Show {
  readonly stage: Stage
  readonly daemon: Daemon
  readonly #player: Player

  constructor(player: Player, stage: Stage) {
    this.stage = stage
    this.#player = player
    this.daemon = player.boot(stage)
  }

  /** All lines of the placeholders. */
  notes(): readonly (Start | Caught)[] {
    const file = join(this.stage.play, 'log')
    if (!existsSync(file)) return []
    const lines = readFileSync(file, 'latin1').split('\n').slice(0, -1)
    return lines.map((line) => JSON.parse(line) as Start | Caught)
  }

  starts(): readonly Start[] {
    return this.notes().filter((note) => note.event === 'start')
  }

  /** The text that the supervisor has written to /play/supervisor.log. */
  log(): string {
    return this.#read('supervisor.log')
  }

  #read(name: string): string {
    const file = join(this.stage.play, name)
    return existsSync(file) ? readFileSync(file, 'utf8') : ''
  }

  /** Runs a command in the image; its standard output. */
  run(...words: readonly string[]): string {
    const place = ['-t', String(firstPid(this.daemon)), '--pid', '--mount', '--root', '--wd=/']
    const { stdout, stderr, status } = spawnSync('nsenter', [...place, ...words], { encoding: 'utf8' })
    if (status !== 0) throw new Error(`${words.join(' ')}: ${status} ${stderr}`)
    return stdout
  }

  isAlive(pid: number): boolean {
    return this.run('sh', '-c', `[ -d /proc/${pid} ] && echo alive || echo dead`) === 'alive\n'
  }

  /** Ends a process: `KILL`, or an exit code. */
  end(pid: number, how: number | 'KILL'): void {
    this.run('/bin/kill', how === 'KILL' ? '-9' : `-${34 + how}`, String(pid))
  }

  async up(count: number): Promise<readonly Start[]> {
    await eventually(
      () => this.#player.isUp(this, count),
      `${count} programs are up:\n${this.#read('output')}\n${this.log()}`,
    )
    return this.starts()
  }

  /** Waits until nothing follows from exits any more. The sentinel was ended last. */
  async settled(): Promise<void> {
    for (let round = 0; round < ROUNDS; round += 1) {
      const sentinels = this.starts().filter(({ argv }) => argv.includes(SENTINEL))
      const last = sentinels.at(-1)
      if (last === undefined) throw new Error('there is no sentinel')
      this.end(last.pid, 1)
      await eventually(
        () => this.starts().filter(({ argv }) => argv.includes(SENTINEL)).length > sentinels.length,
        'the sentinel is started again',
      )
    }
    await eventually(() => this.#player.isSettled(this), 'nothing follows')
  }

  /** Waits until programs that fail, each with words of its own, are not tried again. Before its first start a service is down too. */
  async failed(count: number): Promise<void> {
    const isStarted = (): boolean => new Set(this.starts().map(({ argv }) => argv.join('\n'))).size > count
    await eventually(() => isStarted() && this.#player.hasGivenUp(this, count), `${count} programs are given up`)
  }

  /** Stops the supervisor as `docker stop` does. */
  async stop(): Promise<void> {
    process.kill(firstPid(this.daemon), 'SIGTERM')
    await this.daemon.ended()
  }
}

/** /dev/stdout is opened anew by supervisord, which no socket allows. */
const TO_FILE = ['/bin/sh', '-c', 'exec "$0" "$@" >>/play/output 2>&1']

const CLEAN = ['env', '-i', 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', 'HOME=/root']

function clean({ environment }: Stage, more: readonly string[] = []): readonly string[] {
  const own = Object.entries(environment).filter(([name]) => name !== 'PATH' && name !== 'HOME')
  return [...CLEAN, ...own.map(([name, value]) => `${name}=${value}`), ...more, ...TO_FILE]
}

function bind({ play, prepare }: Stage): string {
  return `mkdir -p /play; mount --no-canonicalize --bind /proc/1/root${play} /play; cp /play/placeholder /placeholder; ${prepare}`
}

function supervisordPlayer(entry: string): Player {
  return {
    boot: (stage) =>
      bootImage({}, ['-n', '-c', stage.conf, '-l', '/play/supervisor.log', '-e', 'info'], {
        entry,
        before: bind(stage),
        through: clean(stage),
      }),
    isUp: (show, count) => show.log().match(/entered RUNNING state/g)?.length === count,
    isSettled: () => true,
    hasGivenUp: (show, count) => show.log().match(/entered FATAL state/g)?.length === count,
  }
}

function overlayPlayer(boot: (stage: Stage, through: readonly string[]) => Daemon): Player {
  const states = (show: Show, names = '*'): readonly string[] =>
    show
      .run('sh', '-c', `cd /run/service; for one in ${names}; do /command/s6-svstat -o up,wantedup,pid $one; done`)
      .trim()
      .split('\n')
  return {
    boot: (stage) => boot(stage, clean(stage, ['S6_KILL_GRACETIME=100', 'S6_VERBOSITY=2'])),
    isUp: (show, count) => show.starts().length === count,
    isSettled: (show) => states(show).every((state) => /^(?:true true|false false)/.test(state)),
    hasGivenUp: (show, count) => {
      const tree = join(show.stage.tree, 'etc/s6-overlay/s6-rc.d')
      const own = readdirSync(tree).filter((name) => existsSync(join(tree, name, 'finish')))
      return own.filter((name) => states(show, name)[0]?.startsWith('false false')).length === count
    },
  }
}

/** The supervisors: Debian's supervisord, kahi in its place, s6-overlay with the exported tree, and kahi in its place. */
export const players = (original: string): Readonly<Record<string, Player>> => ({
  supervisord: supervisordPlayer('/usr/bin/supervisord'),
  'kahi as supervisord': {
    ...supervisordPlayer('/kahi/kahi'),
    boot: (stage) =>
      bootImage({}, ['supervisord', '-n', '-c', stage.conf, '-l', '/play/supervisor.log', '-e', 'info'], {
        entry: '/kahi/kahi',
        before: bind(stage),
        through: clean(stage),
      }),
  },
  's6-overlay': overlayPlayer((stage, through) =>
    bootOriginal(original, {}, [], { before: bind(stage), through, tree: stage.tree }),
  ),
  'kahi as s6-overlay': overlayPlayer((stage, through) =>
    bootImage({}, [], { before: `${OWN_TOOLS}; ${bind(stage)}`, through, tree: stage.tree }),
  ),
})
