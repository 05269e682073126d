// `kahi ctl`: controls a running daemon. Each verb has a file in cli/ctl; this is their list.

import type { Command } from '../command.ts'
import { addCommand } from '../ctl/add.ts'
import { applyCommand } from '../ctl/apply.ts'
import { blameCommand } from '../ctl/blame.ts'
import { clearCommand } from '../ctl/clear.ts'
import { eventsCommand } from '../ctl/events.ts'
import { waitCommand } from '../ctl/wait.ts'
import { logsCommand } from '../ctl/logs.ts'
import { envCommand } from '../ctl/env.ts'
import { reloadCommand } from '../ctl/reload.ts'
import { attachCommand } from '../ctl/attach.ts'
import { ctlOptions } from '../ctl/options.ts'
import { pidCommand } from '../ctl/pid.ts'
import { removeCommand } from '../ctl/remove.ts'
import { restartCommand } from '../ctl/restart.ts'
import { scaleCommand } from '../ctl/scale.ts'
import { shutdownCommand } from '../ctl/shutdown.ts'
import { signalCommand } from '../ctl/signal.ts'
import { startCommand } from '../ctl/start.ts'
import { statusCommand } from '../ctl/status.ts'
import { stopCommand } from '../ctl/stop.ts'
import { tailCommand } from '../ctl/tail.ts'
import { timelineCommand } from '../ctl/timeline.ts'
import { topCommand } from '../ctl/top.ts'
import { downCommand, upCommand } from '../ctl/transition.ts'
import { upgradeCommand } from '../ctl/upgrade.ts'
import { versionCommand } from '../ctl/version.ts'
import { logTargetCommand, webhookCommand } from '../ctl/webhook.ts'
import { EXIT } from '../exit-codes.ts'

/** Controls a running daemon. */
export const ctlCommand: Command = {
  name: 'ctl',
  usage: '[-c FILE] [-s SOCKET] COMMAND',
  summary: 'Look at and control the programs of a running daemon',
  options: ctlOptions,
  positionals: [],
  examples: [
    ['kahi ctl status', 'all processes and their states'],
    ['kahi ctl restart web', 'stop and start one'],
    ["kahi ctl stop 'workers:*'", 'stop all of a group'],
    ['kahi ctl tail -f web stderr', 'follow its output'],
  ],
  commands: [
    statusCommand,
    topCommand,
    startCommand,
    stopCommand,
    restartCommand,
    upCommand,
    downCommand,
    applyCommand,
    blameCommand,
    clearCommand,
    eventsCommand,
    webhookCommand,
    logTargetCommand,
    timelineCommand,
    waitCommand,
    signalCommand,
    reloadCommand,
    logsCommand,
    tailCommand,
    attachCommand,
    envCommand,
    pidCommand,
    addCommand,
    removeCommand,
    scaleCommand,
    shutdownCommand,
    upgradeCommand,
    versionCommand,
  ],
  run: async () => EXIT.usage,
}
