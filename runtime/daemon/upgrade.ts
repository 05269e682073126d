// Replaces the running program by the one that is on disk now. Before anything ends, three checks are made: the new
// program reports its version, it accepts the configuration, and its helper speaks the same protocol as the running
// helper, which stays.

import { ControlError } from '../control/operations/errors.ts'
import type { Upgrade } from '../control/operations/supervised.ts'
import type { Ending } from './ending.ts'
import type { Metrics } from './metrics.ts'
import type { Logger } from '../log/sink.ts'
import { PROTOCOL_VERSION } from '../shim/client/frames.ts'
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
}

/**
 * Checks the new program, then ends this daemon process without ending what it runs. Throws ControlError; then nothing
 * has changed.
 */
export async function beginUpgrade({ succession, options, log, ending, metrics }: UpgradeParts): Promise<Upgrade> {
  if (!succession.isPossible) throw refused(`this kahi cannot be replaced: ${succession.remedy}`)
  const to = await ask(options.program, ['version'], 'the new program does not start')
  await ask([options.shimPath], ['--version'], 'the new helper does not start').then((line) => {
    if (line === `kahi-shim protocol ${PROTOCOL_VERSION}`) return
    throw refused(`the new helper speaks another protocol (${line}): stop kahi and start the new version`)
  })
  await ask(options.program, options.check, 'the new program does not accept the configuration')
  log.log('warn', `version ${to} replaces ${options.version}; programs keep running`)
  metrics.leaveTo(succession)
  await succession.handOver()
  return { from: options.version, to, proceed: () => ending.resolve(0) }
}

async function ask(program: readonly string[], words: readonly string[], otherwise: string): Promise<string> {
  const { code, stdout, stderr } = await runProgram([...program, ...words])
  if (code === 0) return stdout.trim()
  const [first = ''] = stderr.trim().split('\n')
  throw refused(first === '' ? otherwise : `${otherwise}: ${first}`)
}

function refused(message: string): ControlError {
  return new ControlError('CONFLICT', message)
}
