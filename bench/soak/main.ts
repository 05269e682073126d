// The soak test: rounds of load, and between them a look at what must not grow.

import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { descriptors, isAlive, know, type Known, memoryMib, threads, tree, zombies } from '../proc.ts'
import { sleep } from '../running.ts'
import { Daemon } from './daemon.ts'
import { HELP, parseOptions, UsageError } from './options.ts'
import { load, randomFrom } from './workload.ts'

/** What is counted while all is quiet. */
interface Sample {
  readonly seconds: number
  readonly descriptors: number
  readonly helperDescriptors: number
  readonly threads: number
  readonly privateMib: number
  readonly helperMib: number
  readonly zombies: number
}

const ROUND_MS = 10_000
const CALM_MS = 1500
/** Rounds until caches, heaps and thread pools have their size. */
const WARM_UP = 3
const KILLS_FROM = 0.8
/** What memory may grow by, from the first third of the rounds to the last one. */
const MEMORY_MIB = 12

/** Runs the soak test of the checkout `root`; gives the exit code. */
export async function main(argv: readonly string[], root: string): Promise<number> {
  try {
    const options = parseOptions(argv)
    if (options.help) process.stdout.write(HELP)
    return options.help ? 0 : await soak(root, options.minutes * 60_000, options.seed)
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    process.stderr.write(`soak: ${error.message}\n`)
    return 2
  }
}

async function soak(root: string, ms: number, seed: number): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'kahi-soak-'))
  const daemon = new Daemon(root, folder)
  const samples: Sample[] = []
  const problems: string[] = []
  const begun = Date.now()
  try {
    await daemon.settle()
    const random = randomFrom(seed)
    let done = 0
    while (Date.now() - begun < ms) {
      done += await load(daemon, random, ROUND_MS)
      await daemon.settle()
      const isKilling = (Date.now() - begun) / ms > KILLS_FROM
      if (isKilling) problems.push(...(await killDaemonProcess(daemon)))
      else samples.push(await look(daemon, (Date.now() - begun) / 1000))
    }
    process.stdout.write(`${done} requests and signals (seed ${seed})\n`)
  } catch (error) {
    problems.push(error instanceof Error ? error.message : String(error))
  }
  problems.push(...growth(samples), ...(await end(daemon, folder)))
  for (const problem of problems) process.stdout.write(`FAILED: ${problem}\n`)
  if (problems.length === 0) rmSync(folder, { recursive: true, force: true })
  process.stdout.write(problems.length === 0 ? 'nothing grew, nothing was lost\n' : `the files are in ${folder}\n`)
  return problems.length === 0 ? 0 : 1
}

async function look(daemon: Daemon, seconds: number): Promise<Sample> {
  await sleep(CALM_MS)
  const { helper, node, all } = daemon.pids()
  // A process is a zombie for a moment whenever it ends: only those count that stay.
  const ended = zombies(all)
  if (ended.length > 0) await sleep(CALM_MS)
  const sample = {
    seconds: Math.round(seconds),
    descriptors: descriptors([node]),
    helperDescriptors: descriptors([helper]),
    threads: threads([node]),
    privateMib: Math.round(memoryMib([node], 'Anonymous') * 10) / 10,
    helperMib: Math.round(memoryMib([helper], 'Anonymous') * 100) / 100,
    zombies: zombies(ended).length,
  }
  process.stdout.write(`${JSON.stringify(sample)}\n`)
  return sample
}

/** With `survive` a new daemon process takes over; no program ends. */
async function killDaemonProcess(daemon: Daemon): Promise<string[]> {
  const { node } = daemon.pids()
  const before = (await daemon.programs()).filter(({ name }) => daemon.steady.includes(name))
  process.kill(node, 'SIGKILL')
  await daemon.settle()
  const after = await daemon.programs()
  // The restart limit of the helper counts quick ends: it gets some time between two.
  await sleep(ROUND_MS)
  return before
    .filter(({ name, pid }) => after.find((one) => one.name === name)?.pid !== pid)
    .map(({ name }) => `${name} was lost when the daemon process was killed`)
}

function growth(samples: readonly Sample[]): string[] {
  const warm = samples.slice(WARM_UP)
  if (warm.length < 3) return ['too short: at least three rounds after the first three must be looked at']
  const third = Math.ceil(warm.length / 3)
  const problems: string[] = []
  const compare = (name: keyof Sample, allowed: number, figureOf = lowest): void => {
    const [first, last] = [warm.slice(0, third), warm.slice(-third)].map((part) =>
      figureOf(part.map((one) => one[name])),
    )
    if ((last ?? 0) > (first ?? 0) + allowed) problems.push(`${name} grew from ${first} to ${last}`)
  }
  compare('descriptors', 0)
  compare('helperDescriptors', 0)
  compare('threads', 0)
  compare('privateMib', MEMORY_MIB, median)
  compare('helperMib', 1, median)
  if ((warm.at(-1)?.zombies ?? 0) > 0) problems.push(`${warm.at(-1)?.zombies} zombies at the end`)
  return problems
}

/** What a process that is just ending adds for a moment does not count. */
function lowest(values: readonly number[]): number {
  return Math.min(...values)
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}

/** Ends the daemon; nothing of it may be left, and its log must name no mistake of its own. */
async function end(daemon: Daemon, folder: string): Promise<string[]> {
  const { helper } = daemon.pids()
  const below = tree(helper).flatMap((pid): Known[] => [know(pid)].filter((one) => one !== undefined))
  const code = await daemon.stop()
  const left = below.filter(isAlive)
  const log = join(folder, 'kahi.log')
  const mistake = existsSync(log) ? /.*internal error.*/.exec(readFileSync(log, 'utf8'))?.[0] : undefined
  return [
    ...(code === 0 ? [] : [`the daemon ended with ${code}`]),
    ...(left.length === 0 ? [] : [`${left.length} processes are left`]),
    ...(mistake === undefined ? [] : [mistake]),
  ]
}
