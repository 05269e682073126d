// Loads the configuration for `kahi plan` and `kahi graph`.

import type { Config } from '../../config/settings/config.ts'
import { ConfigError } from '../../config/model/diagnostic.ts'
import { thisMachine } from '../../runtime/system/users.ts'
import { findConfigFile, SEARCHED } from '../config-file.ts'
import { EXIT } from '../exit-codes.ts'
import { loadAny } from '../load.ts'
import { printDiagnostics, printProblem } from '../print.ts'

/**
 * Loads the named file, else the one that is found. Users and directories need not exist. Gives the exit code of
 * `show`.
 */
export function withConfig(named: string | undefined, show: (config: Config) => number): number {
  const file = named ?? findConfigFile(process.env)
  if (file === undefined) {
    printProblem(
      `There is no configuration: none of ${SEARCHED.join(', ')} exists`,
      'name one: kahi plan -c FILE, kahi graph FILE',
    )
    return EXIT.usage
  }
  try {
    return show(loadAny(file, thisMachine(), { assumeImage: true }).config)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    printDiagnostics(error.diagnostics)
    return EXIT.usage
  }
}
