// The bench: finds the supervisors, runs the scenes, prints the table. All its files are in one folder. It ends every
// process that it started, by pid, also after an error or Ctrl-C.

import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compileService, describeMachine, thisBench } from './machine.ts'
import { helpText, type Options, parseOptions, UsageError } from './options.ts'
import { findPeers, type Peer } from './peers.ts'
import { type Place, removeAll } from './running.ts'
import type { Scene, Stage } from './scene.ts'
import { checks } from './scenes/checks.ts'
import { conversion } from './scenes/convert.ts'
import { crowd } from './scenes/crowd.ts'
import { longFlood, throughput, underFlood } from './scenes/flood.ts'
import { health } from './scenes/health.ts'
import { healthcheck } from './scenes/healthcheck.ts'
import { hundred } from './scenes/hundred.ts'
import { launcher } from './scenes/launcher.ts'
import { idle } from './scenes/idle.ts'
import { cycles, graph, thousand } from './scenes/large.ts'
import { formatTable, measured, type Measured } from './table.ts'

const SCENES: readonly Scene[] = [
  hundred,
  throughput,
  underFlood,
  crowd,
  idle,
  thousand,
  graph,
  conversion,
  health,
  checks,
  healthcheck,
  launcher,
  cycles,
  longFlood,
]
const NAMES = SCENES.flatMap(({ names }) => names)
const SIGNALS = { SIGINT: 2, SIGTERM: 15, SIGHUP: 1 } as const

/** Runs the bench of the checkout `root`; gives the exit code. A missed goal is reported, but is not an error. */
export async function main(argv: readonly string[], root: string): Promise<number> {
  try {
    const options = parseOptions(argv, NAMES)
    if (options.help) process.stdout.write(helpText(NAMES))
    else await bench(options, root)
    return 0
  } catch (error) {
    process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`)
    return error instanceof UsageError ? 2 : 1
  }
}

async function bench(options: Options, root: string): Promise<void> {
  const { peers, missing } = findPeers(root, options)
  const machine = thisBench(peers)
  const notes = [...missing]
  for (const sentence of missing) process.stderr.write(`bench: ${sentence}\n`)
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'kahi-bench-')))
  const place = { folder, service: join(folder, 'kahi-bench-service') }
  const stopListening = cleanOnSignals(place)
  try {
    compileService(root, folder)
    const stage = stageFor(options, { root, place, notes })
    const rows = await play(chosen(options), stage, peers)
    if (options.json) process.stdout.write(`${JSON.stringify({ machine, options, rows, notes }, null, 2)}\n`)
    else process.stdout.write(`${describeMachine(machine)}\n\n${formatTable(rows)}${notes.map(noteLine).join('')}`)
  } finally {
    clean(place)
    stopListening()
  }
}

function noteLine(note: string, index: number): string {
  return `${index === 0 ? '\n' : ''}- ${note}\n`
}

function stageFor(options: Options, { root, place, notes }: { root: string; place: Place; notes: string[] }): Stage {
  const { only } = options
  return {
    place,
    root,
    runs: options.runs,
    programs: options.programs,
    mib: options.mib,
    isQuick: options.quick,
    wants: (id) => only.length === 0 || only.some((name) => id === name || id.startsWith(`${name}-`)),
    progress: (text) => process.stderr.write(`bench: ${text} (${Math.round(process.uptime())} s)\n`),
    note: (text) => notes.push(text),
  }
}

function chosen({ only, quick, long }: Options): readonly Scene[] {
  if (only.length > 0) return SCENES.filter(({ names }) => names.some((name) => only.includes(name)))
  return SCENES.filter(({ isLong, isSlow }) => (long || isLong !== true) && !(quick && isSlow === true))
}

async function play(scenes: readonly Scene[], stage: Stage, peers: readonly Peer[]): Promise<Measured[]> {
  const rows: Measured[] = []
  for (const scene of scenes) {
    const samples = await scene.measure(
      stage,
      peers.filter(({ name }) => scene.peers.includes(name)),
    )
    for (const row of scene.rows(stage)) {
      const line = stage.wants(row.id) ? measured(row, samples) : undefined
      if (line !== undefined) rows.push(line)
    }
  }
  return rows
}

/** After Ctrl-C and similar signals, ends all started processes and then the bench. */
function cleanOnSignals(place: Place): () => void {
  const handlers = Object.entries(SIGNALS).map(([name, number]) => {
    const handler = () => {
      clean(place)
      process.exit(128 + number)
    }
    process.on(name, handler)
    return () => process.removeListener(name, handler)
  })
  return () => {
    for (const stop of handlers) stop()
  }
}

function clean(place: Place): void {
  removeAll(place)
  rmSync(place.folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 })
}
