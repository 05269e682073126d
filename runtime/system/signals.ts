// Signals: what supervisord calls them in its messages, and the only place that listens for them. Reading
// names from files and requests is config/signal.ts.

import { constants } from 'node:os'

/** First and last real-time signal that programs may use; the only two of them with a name. */
const RTMIN = 34
const RTMAX = 64

/** Second names, which messages do not use. */
const ALIASES: ReadonlySet<string> = new Set(['SIGIOT', 'SIGCLD', 'SIGIO', 'SIGUNUSED'])

const NAMES: ReadonlyMap<number, string> = signalNames()

/** Numbers of signals that kahi itself sends. */
export const [SIGHUP, SIGKILL, SIGCONT, SIGSTOP] = [1, 9, 18, 19]

/** 15 → `SIGTERM`; numbers without a name become `signal 37`. Source: supervisor 4.2.5, options.signame. */
export function signalName(number: number): string {
  return NAMES.get(number) ?? `signal ${number}`
}

/** Calls a function when the daemon itself gets a signal. Returns what undoes it. */
export function onSignals(table: Readonly<Partial<Record<NodeJS.Signals, () => void>>>): () => void {
  const entries = Object.entries(table) as [NodeJS.Signals, () => void][]
  for (const [name, handler] of entries) process.on(name, handler)
  return () => {
    for (const [name, handler] of entries) process.off(name, handler)
  }
}

function signalNames(): Map<number, string> {
  const names = new Map<number, string>([
    [RTMIN, 'SIGRTMIN'],
    [RTMAX, 'SIGRTMAX'],
  ])
  for (const [name, number] of Object.entries(constants.signals)) if (!ALIASES.has(name)) names.set(number, name)
  return names
}
