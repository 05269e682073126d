// HinD's tree as its maintainers want it: consul → consul-template → caddy, and also nomad. Small programs listen on real sockets.
// Each program connects to its dependencies at its start, so the result shows whether it was started too early.

import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { expect } from 'vitest'
import { kahi, scratch, startReady } from '../../helpers/kahi.ts'
import { eventually } from '../../helpers/wait.ts'

/**
 * `node program.mjs NAME PORT NEEDED-PORT`: writes how the server that it needs has answered (0: nothing needed), waits
 * for the file NAME.may, then serves HTTP: 200, or 500 while the file NAME.broken exists. SIGUSR1 repairs it, and so does
 * a start.
 */
const PROGRAM = `import { appendFileSync, existsSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
const [name, port, needed] = process.argv.slice(2)
const repair = () => rmSync(name + '.broken', { force: true })
const status = needed === '0' ? 'nothing' : await fetch('http://127.0.0.1:' + needed).then((it) => it.status, () => 'none')
appendFileSync('starts', name + ' needed ' + status + '\\n')
repair()
process.on('SIGUSR1', repair)
process.on('SIGTERM', () => process.exit(0))
while (!existsSync(name + '.may')) await new Promise((go) => setTimeout(go, 10))
createServer((_, answer) => answer.writeHead(existsSync(name + '.broken') ? 500 : 200).end()).listen(port, '127.0.0.1')
`

export type Name = 'consul' | 'consul-template' | 'caddy' | 'nomad'
const NAMES: readonly Name[] = ['consul', 'consul-template', 'caddy', 'nomad']

/** The settings that differ between the tests. */
export interface Policies {
  /** Keys of consul. */
  readonly consul?: string
  /** The value of `on_dependency_lost` of consul-template and caddy. */
  readonly lost?: string
  /** The programs that must not listen yet. */
  readonly held?: readonly Name[]
}

interface Listed {
  readonly name: Name
  readonly state: string
  readonly pid: number
  readonly health: { readonly status: string } | null
}

export type Tree = Awaited<ReturnType<typeof startTree>>

/** Starts the tree; resolves when kahi has started, not when the programs are ready. */
export async function startTree({ consul = '', lost = '"none"', held = [] }: Policies) {
  const folder = scratch()
  const file = join(folder, 'kahi.toml')
  const ports = await freePorts(NAMES.length)
  const port = (name: Name): number => ports[NAMES.indexOf(name)] ?? 0
  const at = (name: string): string => join(folder, name)
  for (const name of NAMES) if (!held.includes(name)) writeFileSync(at(`${name}.may`), '')
  writeFileSync(at('program.mjs'), PROGRAM)
  const command = (name: Name, needed?: Name): string =>
    JSON.stringify([process.execPath, 'program.mjs', name, String(port(name)), String(needed ? port(needed) : 0)])
  const table = (name: Name, keys: string, needed?: Name): string =>
    `[programs.${name}]\ncommand = ${command(name, needed)}\ndirectory = ${JSON.stringify(folder)}\nautorestart = true\nstartsecs = 0\nstopwaitsecs = 1\n${keys}\n`
  const needs = (name: Name): string => `depends_on = ["${name}"]\non_dependency_lost = ${lost}`
  const http = (name: Name): string => `http = "http://127.0.0.1:${port(name)}/v1/status/leader"`
  writeFileSync(
    file,
    `[server.unix]\nfile = ${JSON.stringify(at('s'))}\n` +
      table(
        'consul',
        `ready = { ${http('consul')}, interval = 0.05 }\nhealth = { ${http('consul')}, interval = 0.05, timeout = 0.5, failures = 2 }\n${consul}`,
      ) +
      table(
        'consul-template',
        `ready = { tcp = "127.0.0.1:${port('consul-template')}", interval = 0.05 }\n${needs('consul')}`,
        'consul',
      ) +
      table(
        'caddy',
        `ready = { tcp = "127.0.0.1:${port('caddy')}", interval = 0.05 }\nhealth = { tcp = "127.0.0.1:${port('caddy')}", interval = 0.05 }\n${needs('consul-template')}`,
        'consul-template',
      ) +
      table('nomad', `ready = { ${http('nomad')}, interval = 0.05 }\nhealth = { ${http('nomad')}, interval = 0.05 }`),
  )
  const daemon = await startReady(file)
  const ctl = (...words: string[]) => kahi(['ctl', '-c', file, ...words])
  const list = async (): Promise<readonly Listed[]> => JSON.parse((await ctl('status', '--json')).stdout)
  const states = async (): Promise<Record<string, string>> =>
    Object.fromEntries((await list()).map(({ name, state, health }) => [name, health?.status ?? state]))
  return {
    daemon,
    ctl,
    states,
    become: (expected: Partial<Record<Name, string>>) =>
      eventually(async () => expect(await states()).toMatchObject(expected)),
    pids: async () => Object.fromEntries((await list()).map(({ name, pid }) => [name, pid])) as Record<Name, number>,
    allow: (name: Name) => writeFileSync(at(`${name}.may`), ''),
    breaks: (name: Name) => writeFileSync(at(`${name}.broken`), ''),
    repair: (name: Name) => rmSync(at(`${name}.broken`), { force: true }),
    /** What each process found at its start. */
    starts: () => (existsSync(at('starts')) ? readFileSync(at('starts'), 'utf8').trim().split('\n') : []),
    /** The events so far in words, such as `caddy>running`, `consul ready`, `consul unhealthy`. */
    events: async () => ((await eventsOf(ctl)) as readonly EventRow[]).map(wordOf),
  }
}

interface EventRow {
  readonly type: string
  readonly name: string
  readonly to?: string
  readonly ready?: boolean
  readonly healthy?: boolean
}

async function eventsOf(ctl: (...words: string[]) => Promise<{ readonly stdout: string }>): Promise<unknown> {
  const { stdout } = await ctl('events', '--json', '--types', 'process-state,readiness,health')
  return (JSON.parse(stdout) as { readonly events: unknown }).events
}

function wordOf({ type, name, to, ready, healthy }: EventRow): string {
  if (type === 'process-state') return `${name}>${to}`
  if (type === 'readiness') return `${name} ${ready === true ? 'ready' : 'not ready'}`
  return `${name} ${healthy === true ? 'healthy' : 'unhealthy'}`
}

async function freePorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer())
  await Promise.all(servers.map((server) => new Promise<void>((go) => server.listen(0, '127.0.0.1', go))))
  const ports = servers.map((server) => (server.address() as AddressInfo).port)
  await Promise.all(servers.map((server) => new Promise((go) => server.close(go))))
  return ports
}
