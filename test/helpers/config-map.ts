// A ConfigMap as kubelet keeps it in a pod: KEY → ..data/KEY, ..data → ..TIMESTAMP. An update writes a new directory and
// renames a new link over `..data`; then the old directory is removed. Source: Kubernetes 1.31, pkg/volume/util,
// AtomicWriter.

import { mkdirSync, readlinkSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** The directory of one ConfigMap. */
export class ConfigMap {
  readonly #directory: string
  #updates = 0

  /** Makes the directory with these keys. */
  constructor(directory: string, data: Readonly<Record<string, string>>) {
    this.#directory = directory
    mkdirSync(directory, { recursive: true })
    this.update(data)
    for (const key of Object.keys(data)) symlinkSync(`..data/${key}`, join(directory, key))
  }

  /** Replaces all values at once. */
  update(data: Readonly<Record<string, string>>): void {
    this.#updates += 1
    const fresh = `..2026_11_29_20_00_${String(this.#updates).padStart(6, '0')}`
    mkdirSync(join(this.#directory, fresh))
    for (const [key, value] of Object.entries(data)) writeFileSync(join(this.#directory, fresh, key), value)
    const old = this.#updates === 1 ? undefined : readlinkSync(join(this.#directory, '..data'))
    symlinkSync(fresh, join(this.#directory, '..data_tmp'))
    renameSync(join(this.#directory, '..data_tmp'), join(this.#directory, '..data'))
    if (old !== undefined) rmSync(join(this.#directory, old), { recursive: true })
  }
}
