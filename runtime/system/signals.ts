// The only place that sets signal handlers. Names and numbers are in config/values/signal.ts.

/** Calls a function when the daemon gets a signal. Gives a function that removes the handlers. */
export function onSignals(table: Readonly<Partial<Record<NodeJS.Signals, () => void>>>): () => void {
  const entries = Object.entries(table) as [NodeJS.Signals, () => void][]
  for (const [name, handler] of entries) process.on(name, handler)
  return () => {
    for (const [name, handler] of entries) process.off(name, handler)
  }
}
