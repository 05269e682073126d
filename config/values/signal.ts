// Signals by name and number, as in Linux on x86 and arm.

import { nearest } from './nearest.ts'

const NAMES =
  'HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS'.split(
    ' ',
  )

const ALIASES: Readonly<Record<string, number>> = { IOT: 6, CLD: 17, POLL: 29 }

const RTMIN = 34
const RTMAX = 64

/**
 * The number that supervisord calls SIGIO: of two names for a number it uses the last one in Python's module signal.
 */
const SIGPOLL = 29

/** Numbers of signals that kahi itself sends. */
export const [SIGHUP, SIGKILL, SIGTERM, SIGCONT, SIGSTOP] = [1, 9, 15, 18, 19]

/**
 * The number of a signal that is given as name (any case, with or without SIG, also `RTMIN+3`) or as number from 0 to
 * 64; undefined for anything else.
 */
export function readSignal(value: string): number | undefined {
  const word = value.trim().toUpperCase()
  if (/^\d+$/.test(word)) return Number(word) <= RTMAX ? Number(word) : undefined
  const name = word.startsWith('SIG') ? word.slice(3) : word
  const index = NAMES.indexOf(name)
  if (index >= 0) return index + 1
  return ALIASES[name] ?? readRealTime(name)
}

/** `"TREM" is not a signal name or number`, with a name that was probably meant. */
export function unknownSignal(value: string): string {
  const close = nearest(value.trim().toUpperCase().replace(/^SIG/, ''), NAMES)
  return `${JSON.stringify(value)} is not a signal name or number${close === undefined ? '' : `; did you mean "${close}"?`}`
}

/** `SIGTERM`, `SIGRTMIN+3`; only the number for signals without a name. */
export function signalName(number: number): string {
  const name = NAMES[number - 1]
  if (name !== undefined) return `SIG${name}`
  if (number === RTMIN) return 'SIGRTMIN'
  if (number === RTMAX) return 'SIGRTMAX'
  return number > RTMIN && number < RTMAX ? `SIGRTMIN+${number - RTMIN}` : String(number)
}

/**
 * The name in supervisord's messages: 15 → `SIGTERM`; numbers without a name become `signal 37`. Source: supervisor
 * 4.2.5, options.signame.
 */
export function signalInMessage(number: number): string {
  if (number === SIGPOLL) return 'SIGPOLL'
  const name = signalName(number)
  return /^SIG[A-Z0-9]+$/.test(name) ? name : `signal ${number}`
}

function readRealTime(name: string): number | undefined {
  const match = /^RT(MIN|MAX)(?:([+-])(\d+))?$/.exec(name)
  if (match === null) return undefined
  const base = match[1] === 'MIN' ? RTMIN : RTMAX
  const number = base + (match[2] === '-' ? -1 : 1) * Number(match[3] ?? 0)
  return number >= RTMIN && number <= RTMAX ? number : undefined
}
