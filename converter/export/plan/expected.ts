// What a unit must be, in the words that all second readers use. The proof compares it with what they read.

import { signalName } from '../../../config/values/signal.ts'
import { showText } from './variables.ts'
import type { Unit } from './unit.ts'
import type { ReadUnit } from './target.ts'

/** The values of a unit; a reader gives those of its format, so only the common ones are compared. */
export function expectedOf(unit: Unit): ReadUnit {
  const { settings, down, kind, user, boots, timeoutUp, timeoutDown } = unit
  const { argv, directory, umask, environment, stopsignal, timeout_kill: kill, stopwaitsecs, autorestart } = settings
  const shown = (words: readonly string[] | undefined): readonly string[] | null => words?.map(showText) ?? null
  return {
    kind,
    argv: shown(argv),
    down: shown(down?.argv),
    directory: directory === undefined ? null : showText(directory),
    umask: umask ?? null,
    user: user === undefined ? null : showText(user),
    nice: settings.nice ?? null,
    environment: Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, showText(value)])),
    stopsignal: signalName(stopsignal),
    killAfter: kill ?? stopwaitsecs,
    autorestart,
    exitcodes: settings.exitcodes,
    needs: [...new Set([...unit.needs.map(({ name }) => name), ...unit.after])].toSorted(),
    boots,
    timeoutUp,
    timeoutDown,
    readyFd: settings.ready?.check.kind === 'fd' ? settings.ready.check.fd : null,
    finishAfter: settings.timeout_finish,
    essential: settings.essential,
    killsGroup: settings.killasgroup,
  }
}
