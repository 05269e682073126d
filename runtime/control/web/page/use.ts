// CPU and memory over the last minutes, from the metrics of the daemon. They are asked for only while the page can be seen.

import { askText } from './api.ts'

/** One moment. */
export interface Use {
  readonly atMs: number
  /** Share of one processor since the moment before. */
  readonly cpu: number
  readonly memoryBytes: number
}

/** The daemon reads the figures of all processes each time, so with many of them it is asked more seldom. */
const EVERY_MS = 5000
const EVERY_MS_OF_MANY = 15_000
const MANY = 200
const KEPT = 60

const LINE =
  /^kahi_process_(cpu_seconds_total|resident_memory_bytes|starts_total)\{group="((?:[^"\\]|\\.)*)",process="((?:[^"\\]|\\.)*)"\} (\S+)$/gm

/** Figures of the last five minutes. */
export class UseHistory {
  readonly #all = new Map<string, Use[]>()
  readonly #cpu = new Map<string, number>()
  readonly #starts = new Map<string, number>()
  #atMs = 0

  of(name: string): readonly Use[] {
    return this.#all.get(name) ?? []
  }

  starts(name: string): number | undefined {
    return this.#starts.get(name)
  }

  /** Asks now and from time to time. */
  begin(changed: () => void): void {
    const look = async (): Promise<void> => {
      if (document.visibilityState === 'visible') {
        await this.#read().catch(() => {})
        changed()
      }
      setTimeout(() => void look(), this.#all.size < MANY ? EVERY_MS : EVERY_MS_OF_MANY)
    }
    void look()
  }

  async #read(): Promise<void> {
    const text = await askText('metrics')
    const atMs = performance.now()
    const elapsedSeconds = (atMs - this.#atMs) / 1000
    const memory = new Map<string, number>()
    const cpu = new Map<string, number>()
    for (const [, family, group = '', process = '', value] of text.matchAll(LINE)) {
      const name = group === process ? process : `${group}:${process}`
      if (family === 'starts_total') this.#starts.set(name, Number(value))
      else (family === 'resident_memory_bytes' ? memory : cpu).set(name, Number(value))
    }
    for (const [name, memoryBytes] of memory) {
      const before = this.#cpu.get(name)
      const now = cpu.get(name) ?? 0
      const share = before === undefined || this.#atMs === 0 ? 0 : Math.max(0, now - before) / elapsedSeconds
      const known = this.#all.get(name) ?? []
      known.push({ atMs, cpu: share, memoryBytes })
      if (known.length > KEPT) known.shift()
      this.#all.set(name, known)
    }
    for (const name of this.#all.keys()) if (!memory.has(name)) this.#all.delete(name)
    this.#cpu.clear()
    for (const [name, value] of cpu) this.#cpu.set(name, value)
    this.#atMs = atMs
  }
}
