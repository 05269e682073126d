// Time, behind one interface: nothing else in kahi reads a clock or sets a timer. Durations come from the
// monotonic clock, so that a change of the machine's time neither ends nor restarts a service; the wall
// clock is only for what people read. There are no interval timers: an idle daemon does not wake up.

/** Something that will happen once, unless it is cancelled before. */
export interface Timer {
  /** Safe at any time, also after it fired. */
  cancel(): void
}

/** Where the runtime gets time from. */
export interface Clock {
  /** Monotonic milliseconds since some moment; only differences mean anything. */
  nowMs(): number
  /** Milliseconds since 1970. */
  wallMs(): number
  /** Calls `fn` once after `delayMs`; negative delays count as 0, any length is allowed. */
  after(delayMs: number, fn: () => void): Timer
}

/** Longest delay that Node takes; beyond it setTimeout fires at once. */
const LONGEST_MS = 2 ** 31 - 1

/** The machine's own time. */
export function systemClock(): Clock {
  return { nowMs: monotonicMs, wallMs: () => Date.now(), after: startTimer }
}

/** Not performance.now(): that loads a module of its own. */
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
