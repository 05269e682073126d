// A scene: one kind of run, which gives the figures of one or more rows of the table.

import type { Peer, PeerName } from './peers.ts'
import { Running, type Place } from './running.ts'
import type { Work } from './setup.ts'

/** kahi's goal: the highest ratio to the figure of the compared supervisor, or a fixed figure. */
export type Goal = { readonly ratio: number } | { readonly value: number }

/** A row of the table. Less is better in all of them. */
export interface Row {
  readonly id: string
  readonly title: string
  readonly unit: 'ms' | 's' | 'MiB' | '/s' | ''
  readonly goal?: Goal
  /** The supervisor of the ratio, when it is not supervisord. */
  readonly against?: PeerName
}

/** Figures of one run, by row. */
export type Figures = Readonly<Record<string, number>>

/** Figures of all runs of all supervisors. */
export type Samples = ReadonlyMap<PeerName, readonly Figures[]>

/** The context that a scene gets. */
export interface Stage {
  readonly place: Place
  readonly root: string
  readonly runs: number
  readonly programs: number
  readonly mib: number
  /** Whether a row, or the part of its name before the first dash, was selected; true when none was named. */
  wants(id: string): boolean
  /** Fewer repetitions and shorter rests. */
  readonly isQuick: boolean
  /** Prints progress on stderr. */
  progress(text: string): void
  /** Adds a sentence below the table. */
  note(text: string): void
}

/** One kind of run. */
export interface Scene {
  /** Names for `--only`. */
  readonly names: readonly string[]
  readonly peers: readonly PeerName[]
  /** Only with `--long`, or when asked for by name. */
  readonly isLong?: boolean
  /** Not with `--quick`, unless asked for by name. */
  readonly isSlow?: boolean
  rows(stage: Stage): readonly Row[]
  measure(stage: Stage, peers: readonly Peer[]): Promise<Samples>
}

/** Runs the scene several times for each supervisor, one run at a time. A run that fails is reported and left out. */
export async function alternate(
  stage: Stage,
  peers: readonly Peer[],
  title: string,
  measure: (peer: Peer) => Promise<Figures>,
): Promise<Samples> {
  const samples = new Map<PeerName, Figures[]>(peers.map(({ name }) => [name, []]))
  for (let run = 1; run <= stage.runs; run += 1) {
    for (const peer of peers) {
      stage.progress(`${title}: ${peer.name}, run ${run} of ${stage.runs}`)
      try {
        samples.get(peer.name)?.push(await measure(peer))
      } catch (error) {
        stage.note(`${title}: a run of ${peer.name} failed: ${error instanceof Error ? error.message : String(error)}`)
      }
    }
  }
  return samples
}

/** Starts the supervisor, calls `use`, and always ends the supervisor. Gives how many milliseconds the end took. */
export async function withRunning(
  stage: Stage,
  peer: Peer,
  work: Work,
  use: (running: Running) => Promise<void>,
): Promise<number> {
  const running = new Running(peer, stage.place, work)
  try {
    await use(running)
    return await running.stop()
  } finally {
    running.remove()
  }
}
