// Verbs for the configuration: read it again, and apply it. Source: supervisor 4.2.5, rpcinterface.reloadConfig.

import { ConfigError, formatDiagnostic } from '../../../config/model/diagnostic.ts'
import { showConfiguration, type WantedPart } from './configuration-object.ts'
import { ControlError } from './errors.ts'
import { type Operation, refuseWhileStopping } from './operation.ts'
import type { ConfigurationObject } from './shapes/configuration.ts'
import type { ChangesObject } from './shapes/daemon.ts'
import type { Changes, Controlled } from './supervised.ts'

/** Reads the configuration again and changes nothing. */
export const reread: Operation<object, Changes> = {
  summary: 'Reads the configuration again and lists the differences from the one in force; changes nothing',
  errors: ['CANT_REREAD', 'SHUTTING_DOWN', 'UNAVAILABLE'],
  run: (controlled) => readAgain(controlled, (configuration) => configuration.reread()),
}

/** The configuration in force, value by value. */
export const configuration: Operation<WantedPart, ConfigurationObject> = {
  summary: 'The configuration in force: each value, expanded, with the place where it is written; secrets are hidden',
  errors: ['CANT_REREAD', 'SHUTTING_DOWN', 'UNAVAILABLE'],
  run: async (controlled, wanted) => showConfiguration(await readAgain(controlled, ({ inForce }) => inForce()), wanted),
}

/** Reads the configuration again and applies it. */
export const apply: Operation<{ readonly dryRun: boolean }, ChangesObject> = {
  summary: 'Reads the configuration again and applies the differences; an invalid configuration changes nothing',
  errors: ['CANT_REREAD', 'SHUTTING_DOWN', 'UNAVAILABLE'],
  run: async (controlled, { dryRun }) => {
    const report = await readAgain(controlled, (configuration) =>
      dryRun ? configuration.preview() : configuration.apply(),
    )
    const { needsRestart, ...changes } = report
    return { ...changes, needs_restart: needsRestart }
  },
}

async function readAgain<Result>(
  controlled: Controlled,
  read: (configuration: Controlled['configuration']) => Promise<Result>,
): Promise<Result> {
  refuseWhileStopping(controlled)
  try {
    return await controlled.helper.whileAnswering(read(controlled.configuration))
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    const errors = error.diagnostics.filter(({ severity }) => severity === 'error')
    throw new ControlError('CANT_REREAD', errors.map(formatDiagnostic).join('\n'))
  }
}
