// All commands of kahi, in the order of the help.

import type { Command } from '../command.ts'
import { checkCommand } from './check.ts'
import { completionCommand } from './completion.ts'
import { ctlCommand } from './ctl.ts'
import { daemonCommand } from './daemon.ts'
import { exportCommand } from './export.ts'
import { graphCommand } from './graph.ts'
import { hashPasswordCommand } from './hash-password.ts'
import { healthcheckCommand } from './healthcheck.ts'
import { initCommand } from './init.ts'
import { keysCommand } from './keys.ts'
import { migrateCommand } from './migrate.ts'
import { planCommand } from './plan.ts'
import { installCommand } from './install.ts'
import { otherPrograms } from './other-programs.ts'
import { runCommand } from './run.ts'
import { schemaCommand } from './schema.ts'
import { supervisordCommand } from './supervisord.ts'
import { versionCommand } from './version.ts'

/** The commands. */
export const commands: readonly Command[] = [
  daemonCommand,
  runCommand,
  ctlCommand,
  healthcheckCommand,
  migrateCommand,
  exportCommand,
  checkCommand,
  planCommand,
  graphCommand,
  initCommand,
  keysCommand,
  schemaCommand,
  hashPasswordCommand,
  completionCommand,
  installCommand,
  supervisordCommand,
  ...otherPrograms,
  versionCommand,
]
