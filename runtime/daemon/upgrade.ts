// Replaces the running program by the one that is on disk now. Before anything ends, three checks are made: the new
// program reports its version, it accepts the configuration, and its helper speaks the same protocol as the running
// helper, which stays.

import { ControlError } from '../control/operations/errors.ts'
import type { Upgrade } from '../control/operations/supervised.ts'
import type { Ending } from './ending.ts'
import type { Metrics } from './metrics.ts'
import type { Logger } from '../log/sink.ts'
import { PROTOCOL_VERSION } from '../shim/client/frames.ts'
import type { Supervisor } from '../supervisor/supervisor.ts'
import type { Succession } from '../supervisor/succession.ts'
import { runProgram } from '../system/run-program.ts'

/** What an upgrade needs. */
export interface UpgradeParts {
  readonly succession: Succession
  readonly options: {
    readonly program: readonly string[]
    readonly check: readonly string[]
    readonly shimPath: string
    readonly version: string
  }
  readonly log: Logger
  readonly ending: Ending
  readonly metrics: Metrics
  readonly supervisor: Pick<Supervisor, 'phase'>
}

/** What a message takes over from the output of the new program, in characters. */
const LONGEST_REASON = 300

/** Upgrades of one daemon, one at a time: each check is a process of its own. */
export class Upgrades {
  readonly #parts: UpgradeParts
  #isBusy = false

  constructor(parts: UpgradeParts) {
    this.#parts = parts
  }

  /**
   * Checks the new program, then ends this daemon process without ending what it runs. Throws ControlError; then
   * nothing has changed.
   */
  async begin(): Promise<Upgrade> {
    if (this.#isBusy) throw refused('another upgrade has begun')
    this.#isBusy = true
    try {
      const upgrade = await check(this.#parts)
      return { ...upgrade, proceed: () => this.#parts.ending.resolve(0) }
    } catch (error) {
      this.#isBusy = false
      throw error
    }
  }
}

async function check({
  succession,
  options,
  log,
  metrics,
  supervisor,
}: UpgradeParts): Promise<Omit<Upgrade, 'proceed'>> {
  if (!succession.isPossible) throw refused(`this kahi cannot be replaced: ${succession.remedy}`)
  const to = await ask(options.program, ['version'], 'the new program does not start')
  if (!/^\d+\.\d+\.\d+[\w.+-]{0,50}$/.test(to)) throw refused(`the new program has no version: ${short(to)}`)
  await ask([options.shimPath], ['--version'], 'the new helper does not start').then((line) => {
    if (line === `kahi-shim protocol ${PROTOCOL_VERSION}`) return
    throw refused(`the new helper speaks another protocol (${short(line)}): stop kahi and start the new version`)
  })
  await ask(options.program, options.check, 'the new program does not accept the configuration')
  // the checks take a while, in which a shutdown or a restart may have begun
  if (supervisor.phase === 'stopping') throw new ControlError('SHUTTING_DOWN')
  log.log('warn', `version ${to} replaces ${options.version}; programs keep running`)
  metrics.leaveTo(succession)
  await succession.handOver()
  return { from: options.version, to }
}

async function ask(program: readonly string[], words: readonly string[], otherwise: string): Promise<string> {
  const { code, stdout, stderr } = await runProgram([...program, ...words])
  if (code === 0) return stdout.trim()
  const first = short(stderr.trim())
  throw refused(first === '' ? otherwise : `${otherwise}: ${first}`)
}

/** The first line of what a program wrote, as far as a message has room for it and without control characters. */
function short(text: string): string {
  const [first = ''] = text.split('\n')
  return first.slice(0, LONGEST_REASON).replaceAll(/\p{Cc}/gu, '?')
}

function refused(message: string): ControlError {
  return new ControlError('CONFLICT', message)
}
