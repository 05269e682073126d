// A daemon whose programs write to a file when they start and end, for tests of their order.

import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { type Daemon, kahi, type Result, scratch, startDaemon } from './kahi.ts'

/** A daemon that runs, and the file that it reads. */
export interface Run {
  readonly folder: string
  readonly daemon: Daemon
  ctl(...args: string[]): Promise<Result>
  /** The lines that the programs wrote into the file `order`. */
  order(): string[]
  rewrite(toml: string): void
}

/** Starts a daemon; `DIR` in the text is the folder of the test. */
export async function run(toml: string): Promise<Run> {
  const folder = scratch()
  const file = join(folder, 'kahi.toml')
  const rewrite = (text: string) =>
    writeFileSync(file, `[server.unix]\nfile = "${folder}/k.sock"\n${text.replaceAll('DIR', folder)}`)
  rewrite(toml)
  const daemon = startDaemon(['daemon', '-c', file], { cwd: folder })
  await daemon.line('kahi started with pid')
  const ctl = (...args: string[]) => kahi(['ctl', '-c', file, ...args])
  const log = join(folder, 'order')
  const order = () => (existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : [])
  return { folder, daemon, ctl, order, rewrite }
}

/** A program that writes a note at its start and, when it gets TERM, at its end. After the first note it prints `up`: see AFTER_NOTE. */
export function noting(name: string, more = ''): string {
  const script = `trap "echo -${name} >>DIR/order; exit 0" TERM; echo +${name} >>DIR/order; echo up; while :; do sleep 0.02; done`
  return `[programs.${name}]\ncommand = ["/bin/sh", "-c", '''${script}''']\nstartsecs = 0\n${more}\n`
}

/** Makes dependents of a program wait for its note. Otherwise they may write their notes earlier. */
export const AFTER_NOTE = 'ready = { log = "^up" }'

/** A oneshot that writes `+NAME` when it comes up and `-NAME` when it goes down. */
export function oneshot(name: string, more = ''): string {
  const does = (sign: string) => `["/bin/sh", "-c", "echo ${sign}${name} >>DIR/order"]`
  return `[oneshots.${name}]\nup = ${does('+')}\ndown = ${does('-')}\n${more}\n`
}

/** Ends the daemon and checks that it succeeds. */
export async function end({ daemon }: Run): Promise<void> {
  daemon.signal('SIGTERM')
  expect(await daemon.ended()).toMatchObject({ exitCode: 0 })
}
