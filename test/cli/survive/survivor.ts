// A kahi whose programs keep running when its daemon process dies.

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { type Daemon, kahi, kahiPath, root, scratch, startDaemon } from '../../helpers/kahi.ts'

import { eventually } from '../../helpers/wait.ts'

export const shim = join(root, 'dist/kahi-shim')
export const SLEEPER = '[programs.p]\ncommand = "/bin/sleep 1000"\n'

export interface Run {
  readonly folder: string
  readonly daemon: Daemon
  ctl(...args: string[]): Promise<{ stdout: string; exitCode: number | undefined }>
  /** Processes by name as `kahi ctl status --json` has them. */
  status(): Promise<Record<string, { state: string; pid: number; exitstatus: number; start: number }>>
  /** Pids of the Node process. */
  nodePid(): number
  /** Sends SIGKILL to the Node process; resolves when the next one has started or adopted all programs. */
  crash(): Promise<void>
}

/** Starts kahi so that it survives: by the option, or below a helper started by hand, where the file alone is enough. */
export async function survivor(toml: string, { byHand = false, dist = join(root, 'dist') } = {}): Promise<Run> {
  const folder = scratch()
  const file = join(folder, 'kahi.toml')
  const table = toml.includes('[supervisor]') ? '' : '[supervisor]\n'
  const text = `${table}${toml}`.replace(
    '[supervisor]\n',
    `[supervisor]\nchildlogdir = "DIR"\n${byHand ? 'survive = true\n' : ''}`,
  )
  writeFileSync(file, `${text}[server.unix]\nfile = "DIR/k.sock"\n`.replaceAll('DIR', folder))
  const words = ['daemon', '-c', file, ...(byHand ? [] : ['--survive'])]
  const daemon = byHand
    ? startDaemon(['parent', kahiPath, ...words], { program: shim, cwd: folder })
    : startDaemon(words, { program: join(dist, 'kahi'), cwd: folder })
  await daemon.line('kahi started with pid')
  const ctl = (...args: string[]) => kahi(['ctl', '-c', file, ...args], { cwd: folder })
  const status: Run['status'] = async () => {
    const processes: { name: string }[] = JSON.parse((await ctl('status', '--json')).stdout)
    return Object.fromEntries(processes.map((process) => [process.name, process])) as never
  }
  const nodePid = () => children(daemon.pid).find((pid) => commandName(pid) === 'node') ?? 0
  const starts = () => daemon.output().split('kahi started with pid').length
  const crash = async () => {
    const before = starts()
    process.kill(nodePid(), 'SIGKILL')
    await eventually(() => starts() > before, 'another daemon process has started')
    await status()
  }
  return { folder, daemon, ctl, status, nodePid, crash }
}

export function children(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number)
}

export function commandName(pid: number): string {
  return readFileSync(`/proc/${pid}/comm`, 'utf8').trim()
}

export async function end({ daemon }: Run): Promise<void> {
  daemon.signal('SIGTERM')
  expect(await daemon.ended()).toMatchObject({ exitCode: 0 })
}
