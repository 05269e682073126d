// Programs whose only purpose is to wait for another one and then to run a command: wait-for-it and similar ones.

import { basename } from 'node:path'

/** A wait. */
export interface Wait {
  /** The command that waits and does nothing else. */
  readonly command: readonly string[]
  /** What it waits for, in the form of the key `ready`; empty when that is unknown. */
  readonly for: Readonly<Record<string, string>>
}

const WAITERS = /^(?:wait[-_]for(?:[-_]it)?|wait4ports|dockerize)(?:\.sh)?$/

/** A waiting command and the command that it runs afterwards; undefined for any other command. */
export function readWait(
  argv: readonly string[],
): { readonly wait: Wait; readonly rest: readonly string[] } | undefined {
  const [waiter = ''] = argv
  if (!WAITERS.test(basename(waiter))) return undefined
  const end = basename(waiter) === 'dockerize' ? endOfDockerize(argv) : endOf(argv)
  if (end === undefined || end.rest.length === 0) return undefined
  const command = argv.slice(0, end.index)
  const address = command.map((word) => /^(?:tcp:\/\/|--host=)?([\w.-]+:\d+)$/.exec(word)?.[1]).find(Boolean)
  const url = command.find((word) => /^https?:\/\//.test(word))
  const wanted = address !== undefined ? { tcp: address } : url !== undefined ? { http: url } : undefined
  return { wait: { command, for: wanted ?? {} }, rest: end.rest }
}

interface End {
  /** Number of words that belong to the waiting command. */
  readonly index: number
  readonly rest: readonly string[]
}

function endOf(argv: readonly string[]): End | undefined {
  const dashes = argv.indexOf('--')
  if (dashes > 0) return { index: dashes, rest: argv.slice(dashes + 1) }
  return argv.at(-1) === 'true' ? { index: argv.length - 1, rest: ['true'] } : undefined
}

/** dockerize has options, most of them with a value, followed by the command. */
function endOfDockerize(argv: readonly string[]): End | undefined {
  let index = 1
  while (argv[index]?.startsWith('-') === true)
    index += /=/.test(argv[index] ?? '') || argv[index] === '-wait-skip-redirect' ? 1 : 2
  const isWaiting = argv.slice(1, index).some((word) => /^--?wait(?:=|$)/.test(word))
  return isWaiting ? { index, rest: argv.slice(index) } : undefined
}
