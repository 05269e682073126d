// Signals by name and number, as Linux counts them on x86 and arm.

const NAMES =
  'HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS'.split(
    ' ',
  )

const ALIASES: Readonly<Record<string, number>> = { IOT: 6, CLD: 17, POLL: 29 }

const RTMIN = 34
const RTMAX = 64

/** The number of a signal given as name (any case, with or without SIG, `RTMIN+3` too) or number 0 to 64; undefined for anything else. */
export function readSignal(value: string): number | undefined {
  const word = value.trim().toUpperCase()
  if (/^\d+$/.test(word)) return Number(word) <= RTMAX ? Number(word) : undefined
  const name = word.startsWith('SIG') ? word.slice(3) : word
  const index = NAMES.indexOf(name)
  if (index >= 0) return index + 1
  return ALIASES[name] ?? readRealTime(name)
}

/** `SIGTERM`, `SIGRTMIN+3`; the bare number for those without a name. */
export function signalName(number: number): string {
  const name = NAMES[number - 1]
  if (name !== undefined) return `SIG${name}`
  if (number === RTMIN) return 'SIGRTMIN'
  if (number === RTMAX) return 'SIGRTMAX'
  return number > RTMIN && number < RTMAX ? `SIGRTMIN+${number - RTMIN}` : String(number)
}

function readRealTime(name: string): number | undefined {
  const match = /^RT(MIN|MAX)(?:([+-])(\d+))?$/.exec(name)
  if (match === null) return undefined
  const base = match[1] === 'MIN' ? RTMIN : RTMAX
  const number = base + (match[2] === '-' ? -1 : 1) * Number(match[3] ?? 0)
  return number >= RTMIN && number <= RTMAX ? number : undefined
}
