// Puts the program that lies on disk now in the place of the running one. Before anything ends it is asked for its
// version, whether it takes the configuration, and whether its helper speaks as the one that runs: that one stays.

import { ControlError } from './control/errors.ts'
import type { Upgrade } from './control/supervised.ts'
import type { Ending } from './ending.ts'
import type { Logger } from './log/sink.ts'
import { PROTOCOL_VERSION } from './shim/frames.ts'
import type { Succession } from './succession.ts'
import { runProgram } from './system/run-program.ts'

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
}

/** Checks the new program; then ends this one without ending what it runs. Throws ControlError, and nothing has changed then. */
export async function beginUpgrade({ succession, options, log, ending }: UpgradeParts): Promise<Upgrade> {
  if (!succession.isPossible) throw refused(`this kahi cannot be replaced: ${succession.remedy}`)
  const to = await ask(options.program, ['version'], 'the new program does not start')
  await ask([options.shimPath], ['--version'], 'the new helper does not start').then((line) => {
    if (line === `kahi-shim protocol ${PROTOCOL_VERSION}`) return
    throw refused(`the new helper speaks another protocol (${line}): stop kahi and start the new version`)
  })
  await ask(options.program, options.check, 'the new program does not take the configuration')
  log.log('warn', `version ${to} takes the place of ${options.version}; programs go on`)
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
