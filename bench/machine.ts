// The machine that the figures come from, in one line, and the compiled service.

import { spawnSync } from 'node:child_process'
import { cpus, loadavg, release, totalmem } from 'node:os'
import { join } from 'node:path'
import type { Peer } from './peers.ts'

/** The properties of the machine that affect the figures. */
export interface Machine {
  readonly cpu: string
  readonly cores: number
  readonly memoryMib: number
  readonly kernel: string
  readonly node: string
  /** Load average of the last minute before the bench. */
  readonly load: number
  readonly versions: Readonly<Record<string, string>>
}

/** Describes this machine, and the versions of the supervisors. */
export function thisBench(peers: readonly Peer[]): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown CPU',
    cores: cpus().length,
    memoryMib: Math.round(totalmem() / 2 ** 20),
    kernel: release(),
    node: process.version,
    load: loadavg()[0] ?? 0,
    versions: Object.fromEntries(peers.map(({ name, version }) => [name, version])),
  }
}

/** The machine as text. */
export function describeMachine(machine: Machine): string {
  const { cpu, cores, memoryMib, kernel, node, load, versions } = machine
  const compared = Object.entries(versions).map(([name, version]) => `${name} ${version}`.trim())
  const hardware = `${cores} x ${cpu}, ${memoryMib} MiB, Linux ${kernel}, Node ${node}`
  return `${hardware}; load ${load.toFixed(2)} at the start; ${compared.join(', ')}`
}

/** Compiles bench/service.c into the folder and gives the program; throws when no compiler can. */
export function compileService(root: string, folder: string): string {
  const service = join(folder, 'kahi-bench-service')
  const source = join(root, 'bench/service.c')
  // static, so that the cost of the services does not depend on the loader
  for (const mode of [['-static'], []]) {
    const { status } = spawnSync('cc', ['-O2', '-Wall', ...mode, '-o', service, source], { stdio: 'ignore' })
    if (status === 0) return service
  }
  throw new Error('the bench needs a C compiler for its service: no "cc" could build bench/service.c (install gcc)')
}
