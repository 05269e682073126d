// Checks once whether a program is ready, for each kind of check that has to be repeated.

import { statSync } from 'node:fs'
import { connect } from 'node:net'
import type { ReadyCheck } from '../../../config/model/dependencies.ts'
import { errnoCode } from '../../system/files.ts'

/** Checks that have to be repeated. For the other kinds the program reports by itself. */
export type Probe = Exclude<ReadyCheck, { readonly kind: 'fd' | 'notify' | 'log' }>

/** What a check needs. */
export interface ProbeParts {
  /** Aborting it ends the check. */
  readonly signal: AbortSignal
  /**
   * Runs a command with the user and environment of the program. Gives undefined when it exited with 0, else how it
   * ended.
   */
  run(command: string | readonly string[]): Promise<string | undefined>
}

/** Checks once. Gives undefined when the program is ready, else what is missing. */
export async function look(check: Probe, { signal, run }: ProbeParts): Promise<string | undefined> {
  switch (check.kind) {
    case 'tcp':
      return reach({ host: check.host, port: check.port }, signal)
    case 'unix':
      return reach({ path: check.path }, signal)
    case 'http':
      return get(check.url, signal)
    case 'exec':
      return run(check.command)
    case 'file':
      return statSync(check.path, { throwIfNoEntry: false }) === undefined ? `no file ${check.path}` : undefined
    default:
      return check satisfies never
  }
}

/** A text such as `tcp 127.0.0.1:80`. */
export function describeCheck(check: ReadyCheck): string {
  const [, ...values] = Object.values(check) as (string | number | readonly string[])[]
  const shown = values.map((value) => (typeof value === 'object' ? value.join(' ') : value)).join(':')
  return `${check.kind} ${shown}`.trimEnd()
}

type Address = { readonly host: string; readonly port: number } | { readonly path: string }

function reach(address: Address, signal: AbortSignal): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ ...address })
    const end = (problem: string | undefined): void => {
      socket.destroy()
      resolve(problem)
    }
    signal.addEventListener('abort', () => end('no answer'), { once: true })
    socket.once('connect', () => end(undefined))
    socket.once('error', (error) => end(errnoCode(error)))
  })
}

async function get(url: string, signal: AbortSignal): Promise<string | undefined> {
  const { request } = url.startsWith('https:') ? await import('node:https') : await import('node:http')
  return new Promise((resolve) => {
    const asked = request(url, { signal, agent: false, headers: { connection: 'close' } }, (answer) => {
      const { statusCode = 0 } = answer
      answer.destroy()
      resolve(statusCode >= 200 && statusCode < 400 ? undefined : `status ${statusCode}`)
    })
    asked.once('error', (error) => resolve(signal.aborted ? 'no answer' : errnoCode(error)))
    asked.end()
  })
}
