// Time, behind one interface: no other code reads a clock or sets a timer. Durations come from the monotonic clock, so
// a change of the machine's time neither ends nor restarts a service. The wall clock is only for times that people
// read. There are no interval timers: an idle daemon does not wake up.

/** A timer that fires once, unless it is cancelled before. */
export interface Timer {
  /** Cancels the timer; allowed at any time, also after it has fired. */
  cancel(): void
}

/** The source of time for the runtime. */
export interface Clock {
  /** Monotonic milliseconds; only differences have a meaning. */
  nowMs(): number
  /** Milliseconds since 1970. */
  wallMs(): number
  /** Calls `fn` once after `delayMs`. A negative delay counts as 0; any length is allowed. */
  after(delayMs: number, fn: () => void): Timer
}

/** The longest delay that Node.js supports; with a longer one setTimeout fires at once. */
const LONGEST_MS = 2 ** 31 - 1

/** The clock of this machine. */
export function systemClock(): Clock {
  return { nowMs: monotonicMs, wallMs: () => Date.now(), after: startTimer }
}

/** Not performance.now(): that would load a module. */
function monotonicMs(): number {
  const [seconds, nanoseconds] = process.hrtime()
  return seconds * 1000 + nanoseconds / 1e6
}

function startTimer(delayMs: number, fn: () => void): Timer {
  let handle: NodeJS.Timeout
  const arm = (restMs: number): void => {
    const stepMs = Math.min(Math.max(restMs, 0), LONGEST_MS)
    handle = setTimeout(() => (restMs > stepMs ? arm(restMs - stepMs) : fn()), Math.ceil(stepMs))
  }
  arm(delayMs)
  return { cancel: () => clearTimeout(handle) }
}
