// `kahi install --as supervisord`: makes links under which kahi is called in place of supervisor's programs; with `--as
// s6-overlay` or `--as manager`, in place of those of s6-overlay or flush-manager; `--as service` writes a unit for systemd.

import { resolve } from 'node:path'
import { type Arguments, type Command, flagOf, textOf } from '../command.ts'
import { EXIT } from '../exit-codes.ts'
import { printProblem } from '../print.ts'
import { launcherPath } from '../shim-path.ts'

const OVERLAY = 's6-overlay'
const SERVICE = 'service'
const MANAGER = 'manager'
const USUAL_CONFIG = '/etc/kahi.toml'

/** Makes the links, or removes them. */
export const installCommand: Command = {
  name: 'install',
  usage: '--as supervisord|s6-overlay|manager|service [--dir DIR] [--overlay 1|2|3] [-c FILE] [--user NAME] [--undo]',
  summary:
    'Make links to kahi under the names of the programs of supervisor, s6-overlay or flush-manager; or write a unit for systemd',
  options: {
    as: {
      type: 'string',
      summary:
        'The programs that kahi replaces; manager: that of flush-manager; service: a unit of systemd that runs kahi daemon',
      choices: ['supervisord', OVERLAY, MANAGER, SERVICE],
      default: 'supervisord',
    },
    dir: {
      type: 'string',
      summary:
        'Directory of the links; by default /usr/local/bin and every directory with an original; for s6-overlay and service the root of an image: /',
    },
    overlay: {
      type: 'string',
      choices: ['1', '2', '3'],
      summary: 'The version of s6-overlay that an image without its files was made for; seen by default',
    },
    config: {
      type: 'string',
      alias: 'c',
      summary: `With --as service: the configuration that the daemon runs; ${USUAL_CONFIG} by default`,
    },
    user: {
      type: 'string',
      summary: 'With --as service: the user that runs the daemon, made by sysusers; root by default',
    },
    undo: { type: 'boolean', summary: 'Remove what was made, and put the originals back' },
  },
  positionals: [],
  examples: [
    ['kahi install --as supervisord', 'links supervisord, supervisorctl …; originals are kept'],
    ['kahi install --as supervisord --undo', 'removes the links and puts the originals back'],
    ['kahi install --as s6-overlay', '/init and all commands of s6-overlay; originals are kept'],
    ['kahi install --as service -c /etc/kahi.toml', 'a unit kahi.service with readiness, watchdog and reload'],
  ],
  run: async (args) => {
    const undo = flagOf(args, 'undo')
    const as = textOf(args, 'as')
    const idle = ['config', 'user'].filter((name) => as !== SERVICE && args[name] !== undefined)
    if (idle.length > 0) {
      printProblem(`--${idle.join(' and --')} belong to --as ${SERVICE}`, 'kahi install --help')
      return EXIT.usage
    }
    if (as === SERVICE) return service(args, undo)
    if (as !== OVERLAY) {
      const { installPrograms } = await import('../install/programs.ts')
      return installPrograms(as === MANAGER ? as : 'supervisord', launcherPath(), textOf(args, 'dir'), undo)
    }
    const { installOverlay } = await import('../install/s6-overlay.ts')
    return installOverlay(launcherPath(), textOf(args, 'dir') ?? '/', undo, textOf(args, 'overlay'))
  },
}

async function service(args: Arguments, undo: boolean): Promise<number> {
  const { installService, removeService } = await import('../install/service.ts')
  const root = textOf(args, 'dir') ?? '/'
  if (undo) return removeService(root)
  const config = textOf(args, 'config') ?? USUAL_CONFIG
  const user = textOf(args, 'user')
  if (user !== undefined && !/^[a-z_][a-z0-9_-]{0,30}$/.test(user)) {
    printProblem(`${user} is no name for a user`, 'small letters, digits, - and _, up to 31')
    return EXIT.usage
  }
  return installService({ program: launcherPath(), config: resolve(config), user, root })
}
