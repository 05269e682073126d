// `kahi install --as supervisord`: makes links under which kahi is called in place of supervisor's programs; with `--as
// s6-overlay`, in place of those of s6-overlay (cli/install).

import { type Command, flagOf, textOf } from '../command.ts'
import { launcherPath } from '../shim-path.ts'

const OVERLAY = 's6-overlay'

/** Makes the links, or removes them. */
export const installCommand: Command = {
  name: 'install',
  usage: '--as supervisord|s6-overlay [--dir DIR] [--overlay 1|2|3] [--undo]',
  summary: 'Make links to kahi under the names of the programs of supervisor, or of s6-overlay',
  options: {
    as: {
      type: 'string',
      summary: 'The programs that kahi replaces',
      choices: ['supervisord', OVERLAY],
      default: 'supervisord',
    },
    dir: {
      type: 'string',
      summary:
        'Directory of the links; by default /usr/local/bin and every directory with an original; for s6-overlay the root of an image: /',
    },
    overlay: {
      type: 'string',
      choices: ['1', '2', '3'],
      summary: 'The version of s6-overlay that an image without its files was made for; seen by default',
    },
    undo: { type: 'boolean', summary: 'Remove the links, and put the originals back' },
  },
  positionals: [],
  examples: [
    ['kahi install --as supervisord', 'links supervisord, supervisorctl …; originals are kept'],
    ['kahi install --as supervisord --undo', 'removes the links and puts the originals back'],
    ['kahi install --as s6-overlay', '/init and all commands of s6-overlay; originals are kept'],
  ],
  run: async (args) => {
    const undo = flagOf(args, 'undo')
    if (textOf(args, 'as') !== OVERLAY) {
      const { installSupervisord } = await import('../install/supervisord.ts')
      return installSupervisord(launcherPath(), textOf(args, 'dir'), undo)
    }
    const { installOverlay } = await import('../install/s6-overlay.ts')
    return installOverlay(launcherPath(), textOf(args, 'dir') ?? '/', undo, textOf(args, 'overlay'))
  },
}
