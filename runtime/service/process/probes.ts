// Checks a program once, for each kind of check that has to be repeated.

import { statSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import type { Check, HttpRules } from '../../../config/model/checks.ts'
import { hideInText } from '../../../config/values/secrets.ts'
import { errnoCode } from '../../system/files.ts'
import { askStatus, statusRequest } from './http-status.ts'
import { lineMatcher } from './line-matcher.ts'

/** Checks that have to be repeated. For the other kinds the program reports by itself. */
export type Probe = Exclude<Check, { readonly kind: 'fd' | 'notify' | 'log' }>

/** What a check needs. */
export interface ProbeParts {
  /** Aborting it ends the check. */
  readonly signal: AbortSignal
  /** Wall-clock time in milliseconds. */
  readonly wallMs: number
  /**
   * Runs a command with the user and environment of the program. Gives undefined when it exited with 0, else how it
   * ended.
   */
  run(command: string | readonly string[]): Promise<string | undefined>
}

/** How much of a body is read, in bytes. */
const LONGEST_BODY = 65_536

/** Checks once. Gives undefined when the check succeeds, else what is missing. */
export async function look(check: Probe, { signal, run, wallMs }: ProbeParts): Promise<string | undefined> {
  switch (check.kind) {
    case 'tcp':
      return reach({ host: check.host, port: check.port }, signal)
    case 'unix':
      return reach({ path: check.path }, signal)
    case 'http':
      return get(check.url, check.rules ?? {}, signal)
    case 'exec':
      return run(check.command)
    case 'file':
      return find(check, wallMs)
    default:
      return check satisfies never
  }
}

/** A text such as `tcp 127.0.0.1:80`, without secrets. */
export function describeCheck(check: Check): string {
  switch (check.kind) {
    case 'fd':
      return `fd ${check.fd}`
    case 'notify':
      return 'notify'
    case 'tcp':
      return `tcp ${check.host}:${check.port}`
    case 'unix':
    case 'file':
      return `${check.kind} ${check.path}`
    case 'http':
      return hideInText(`http ${check.url}`)
    case 'exec':
      return `exec ${hideInText(typeof check.command === 'string' ? check.command : check.command.join(' '))}`
    case 'log':
      return `log ${check.pattern}`
    default:
      return check satisfies never
  }
}

function find({ path, maxAge }: Extract<Probe, { readonly kind: 'file' }>, wallMs: number): string | undefined {
  const found = statSync(path, { throwIfNoEntry: false })
  if (found === undefined) return `no file ${path}`
  const age = (wallMs - found.mtimeMs) / 1000
  return maxAge === undefined || age <= maxAge ? undefined : `changed ${Math.round(age)} seconds ago`
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

async function get(url: string, rules: HttpRules, signal: AbortSignal): Promise<string | undefined> {
  const simple = statusRequest(url, rules)
  if (simple === undefined) return getAll(url, rules, signal)
  const status = await askStatus(simple, signal)
  return typeof status === 'string' ? status : misjudged(status, rules)
}

async function getAll(url: string, rules: HttpRules, signal: AbortSignal): Promise<string | undefined> {
  const isSecure = url.startsWith('https:')
  const { request } = isSecure ? await import('node:https') : await import('node:http')
  const ca = isSecure ? (await import('../../system/authorities.ts')).extraAuthorities() : undefined
  const { method = 'GET', headers = {} } = rules
  return new Promise((resolve) => {
    const fail = (error: unknown): void => resolve(signal.aborted ? 'no answer' : errnoCode(error))
    const options = { method, signal, ca, agent: false, headers: { ...headers, connection: 'close' } }
    const asked = request(url, options, (answer) => {
      judge(answer, rules)
        .then(resolve, fail)
        .finally(() => answer.destroy())
    })
    asked.once('error', fail)
    asked.end()
  })
}

/** What is wrong with a status; undefined when it is good. */
function misjudged(code: number, { status = [{ from: 200, to: 399 }] }: HttpRules): string | undefined {
  return status.some(({ from, to }) => code >= from && code <= to) ? undefined : `status ${code}`
}

/** What is wrong with an answer; undefined when it is good. */
async function judge(answer: IncomingMessage, rules: HttpRules): Promise<string | undefined> {
  const problem = misjudged(answer.statusCode ?? 0, rules)
  const { body } = rules
  if (problem !== undefined || body === undefined) return problem
  const fits = await lineMatcher(body, LONGEST_BODY)
  return fits(await beginningOf(answer)) ? undefined : 'another body'
}

async function beginningOf(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    chunks.push(chunk)
    length += chunk.length
    if (length >= LONGEST_BODY) break
  }
  return Buffer.concat(chunks).toString().slice(0, LONGEST_BODY)
}
