// Finds the supervisors that the bench compares.

import { spawnSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { join } from 'node:path'
import type { Setup } from './setup.ts'

/** Names of the supervisors, in the order of the table's columns. */
export const PEERS = ['kahi', 'supervisord', 's6'] as const

/** A supervisor's name. */
export type PeerName = (typeof PEERS)[number]

/** A supervisor that can be run. */
export interface Peer {
  readonly name: PeerName
  readonly version: string
  command(setup: Setup): readonly [string, ...string[]]
}

/** Paths from the command line, used instead of PATH. */
export interface Paths {
  readonly supervisord?: string | undefined
  readonly s6?: string | undefined
}

/** Gives the installed supervisors, and a sentence for each missing one. */
export function findPeers(root: string, paths: Paths): { peers: Peer[]; missing: string[] } {
  const peers: Peer[] = [kahi(root)]
  const missing: string[] = []
  const supervisord = find(paths.supervisord ?? 'supervisord')
  if (supervisord !== undefined) peers.push(supervisordAt(supervisord))
  else missing.push('supervisord is not installed (Debian package supervisor): no ratios')
  const s6 = find(paths.s6 ?? 's6-svscan')
  if (s6 !== undefined) peers.push(s6At(s6))
  else missing.push('s6-svscan is not installed (Debian package s6)')
  return { peers, missing }
}

function kahi(root: string): Peer {
  const path = join(root, 'dist/kahi')
  if (find(path) === undefined) throw new Error('dist/kahi is missing: npm run build')
  const version = firstLine(path, ['--version'])
  return { name: 'kahi', version, command: ({ conf }) => [path, 'supervisord', '-n', '-c', conf] }
}

function supervisordAt(path: string): Peer {
  return {
    name: 'supervisord',
    version: firstLine(path, ['--version']),
    command: ({ conf }) => [path, '-n', '-c', conf],
  }
}

/** Gives the version of the package, because s6 programs do not print their version. */
function s6At(path: string): Peer {
  const version = firstLine('dpkg-query', ['-W', '-f=${Version}', 's6'])
  return { name: 's6', version, command: ({ scan }) => [path, scan] }
}

function firstLine(program: string, args: string[]): string {
  const { stdout } = spawnSync(program, args, {
    encoding: 'utf8',
    timeout: 10_000,
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  return stdout?.split('\n')[0]?.trim() ?? ''
}

function find(program: string): string | undefined {
  const candidates = program.includes('/')
    ? [program]
    : (process.env.PATH ?? '').split(':').map((folder) => join(folder, program))
  return candidates.find((path) => {
    try {
      accessSync(path, constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}
