// When the daemon process gets SIGKILL, all processes that it started are killed too.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isRunning } from '../../helpers/processes.ts'
import { eventually } from '../../helpers/wait.ts'
import { buildHelpers } from '../../helpers/build-native.ts'
import { temporaryDirectory } from './helpers.ts'

const directory = temporaryDirectory()
const { native } = buildHelpers(directory.path)
const daemonFile = join(directory.path, 'daemon.mjs')
const open = fileURLToPath(new URL('../../../runtime/shim/open.ts', import.meta.url))

const DAEMON = `
import { openShim } from './open.mjs'
const events = { exited() {}, orphan() {}, lost() {} }
const shim = await openShim({ path: process.argv[2], events })
const script = 'trap "" TERM HUP INT; sleep 1000 & echo $! $$; wait'
for (let index = 0; index < 10; index++) {
  await shim.spawn({
    id: 'service:' + index, file: '/bin/sh', argv: ['sh', '-c', script + (index % 2 ? '; wait' : '')],
    environment: process.env, directory: undefined, umask: undefined, user: undefined,
    isolation: 'process-group', stdin: 'pipe', stdout: 'pipe', stderr: 'stdout',
  }).then(async (child) => {
    const { Socket } = await import('node:net')
    new Socket({ fd: child.stdout, writable: false }).on('data', (chunk) => process.stdout.write(chunk))
  })
}
process.stdout.write(shim.kind + '\\n')
`

beforeAll(async () => {
  await build({
    entryPoints: [open],
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile: join(directory.path, 'open.mjs'),
  })
  writeFileSync(daemonFile, DAEMON)
})
afterAll(() => directory.remove())

describe.each([
  ['native', native],
  ['fallback', '/no/such/kahi-shim'],
])('%s', (kind, path) => {
  test.runIf(path !== undefined)('SIGKILL on the daemon process kills every group', async () => {
    const process_ = spawn(process.execPath, [daemonFile, path as string], { stdio: ['ignore', 'pipe', 'inherit'] })
    const pids = await readPids(process_, kind)
    expect(pids.length).toBe(20)
    expect(pids.filter(isRunning)).toEqual(pids)
    process_.kill('SIGKILL')
    await once(process_, 'exit')
    await eventually(() => !pids.some(isRunning), 'all processes are dead')
  })
})

/** Gives the pids of ten services and their children after the daemon process has printed which shim it uses. */
async function readPids(process_: ChildProcess, kind: string): Promise<number[]> {
  const pids: number[] = []
  let seen = ''
  for await (const line of createInterface({ input: process_.stdout as NodeJS.ReadableStream })) {
    if (/^\d/.test(line)) pids.push(...line.split(' ').map(Number))
    else seen = line
    if (pids.length === 20 && seen !== '') break
  }
  expect(seen).toBe(kind)
  return pids
}
