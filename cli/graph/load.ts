// The configuration that `kahi plan` and `kahi graph` are asked about.

import type { Config } from '../../config/config.ts'
import { ConfigError } from '../../config/diagnostic.ts'
import { thisMachine } from '../../runtime/system/users.ts'
import { findConfigFile, SEARCHED } from '../config-file.ts'
import { EXIT } from '../exit-codes.ts'
import { loadAny } from '../load.ts'
import { printDiagnostics, printProblem } from '../print.ts'

/** Loads the file, else the one that is found; users and directories may be missing here. Gives the exit code of `show`. */
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
