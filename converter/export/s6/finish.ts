// The finish script of a program: which exits are final, when restarting ends, and whether the container ends with it.
// s6-supervise restarts a program after every exit, unless its finish script exits with 125.

import type { ProcessSettings } from '../../../config/settings/process.ts'
import { splitCommand } from '../../../config/values/command.ts'
import { showText } from '../plan/variables.ts'
import type { Unit } from '../plan/unit.ts'
import { shLine } from './words.ts'

/** How a program that fails dies, for s6-permafailon. */
const EVERYTHING = '0-255,SIGABRT,SIGBUS,SIGFPE,SIGILL,SIGKILL,SIGSEGV,SIGSYS,SIGTERM'

/** How the end of a program ends the container: lines of sh, with `$code` as the exit code of the container. */
export type Halt = readonly string[]

/** The commands of s6-overlay 3 for that. */
export const OVERLAY_HALT: Halt = [
  'echo "$code" >/run/s6-linux-init-container-results/exitcode',
  'exec /run/s6/basedir/bin/halt',
]

/** Without s6-overlay the supervision tree ends, and its exit code is not that of the program. */
export const SCAN_HALT: Halt = ['exec s6-svscanctl -t "${S6_SCANDIR:-/run/service}"']

/** The finish script in sh; undefined when the rules of s6 are those of the program. */
export function finishOf({ settings }: Unit, isOverlay: boolean, halt: Halt): string | undefined {
  const own = ownCommand(settings)
  const interpreter = isOverlay && own !== undefined ? '/command/with-contenv sh' : '/bin/sh'
  const lines = [
    ...(own === undefined ? [] : [`${own} "$@" || [ $? -ne 125 ] || exit 125`]),
    ...haltLines(settings, halt),
    ...finalLines(settings),
    ...failureLines(settings, halt),
  ]
  if (lines.length === 0) return undefined
  return [`#!${interpreter}`, ...describe(settings), ...lines, ''].join('\n')
}

function ownCommand({ finish }: ProcessSettings): string | undefined {
  if (finish === undefined) return undefined
  const split = typeof finish === 'string' ? splitCommand(finish) : { words: finish }
  return 'words' in split && split.words.length > 0 ? shLine(split.words) : undefined
}

function describe({ autorestart, exitcodes }: ProcessSettings): readonly string[] {
  const when = {
    true: 'started again after every exit',
    false: 'never started again',
    unexpected: `started again unless it exits with ${showText(exitcodes.join(' or '))}`,
  }[autorestart]
  return [`# $1: exit code, or 256 after the signal $2; ${when}`]
}

/** A requested stop or restart does not end the container. */
function haltLines({ on_exit: policy, exit_code: code, exit_signal_base: base }: ProcessSettings, halt: Halt): Halt {
  if (policy !== 'shutdown') return []
  const number =
    code === undefined ? `if [ "$1" -eq 256 ]; then code=$((${base} + $2)); else code=$1; fi` : `code=${code}`
  return [
    '# its end is the end of the container',
    'if [ "$(s6-svstat -o wantedup .)" = true ]; then',
    ...[number, ...halt].map((line) => `  ${line}`),
    'fi',
  ]
}

function finalLines({ autorestart, exitcodes, on_exit: policy, restart }: ProcessSettings): readonly string[] {
  if (policy === 'shutdown') return []
  if (autorestart === 'false') return ['exit 125']
  const expected = autorestart === 'unexpected' ? exitcodes : []
  const others = restart === undefined || restart === 's6' ? [] : restart.no_restart_codes
  const codes = [...new Set([...expected, ...others])]
  return codes.length === 0 ? [] : [`case $1 in ${codes.join(' | ')}) exit 125 ;; esac`]
}

/** s6 starts a program again so many seconds after its end. Source: s6 2.15, s6-supervise. */
const DELAY = 1

/** After so many failed starts in a row it stays down. */
function failureLines(settings: ProcessSettings, halt: Halt): readonly string[] {
  const limit = deathLimit(settings)
  if (limit === undefined || settings.autorestart === 'false' || settings.on_exit === 'shutdown') return []
  const many = `# ${limit.deaths} exits within ${limit.seconds} seconds are too many`
  const check = `s6-permafailon ${limit.seconds} ${limit.deaths} ${EVERYTHING}`
  if (settings.on_fatal !== 'shutdown') return [`${many}: it stays down`, `exec ${check} true`]
  const code = settings.exit_code ?? 1
  return [`${many}: they end the container`, `${check} true && exit 0`, `code=${code}`, ...halt]
}

/**
 * How many deaths in which time are too many; undefined when there is no limit. A program that ends before startsecs each time
 * needs no more time for them, one that ends later needs more.
 */
export function deathLimit(
  settings: ProcessSettings,
): { readonly seconds: number; readonly deaths: number } | undefined {
  const { restart, startretries, startsecs } = settings
  if (restart === 's6') return undefined
  if (restart === undefined) {
    if (startsecs === 0) return undefined
    const deaths = startretries + 1
    return { deaths, seconds: Math.max(1, startretries) * (startsecs + DELAY) }
  }
  if (restart.limit === 0) return undefined
  const deaths = restart.limit + 1
  return { deaths, seconds: restart.window === 0 ? deaths * 2 : Math.ceil(restart.window) }
}
