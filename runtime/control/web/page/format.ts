// Numbers and times for people.

/** Seconds as two units at most: `3 d 4 h`, `12 min`, `8 s`. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds))
  const units: readonly (readonly [number, string])[] = [
    [86_400, 'd'],
    [3600, 'h'],
    [60, 'min'],
    [1, 's'],
  ]
  const first = units.findIndex(([size]) => whole >= size)
  if (first < 0) return '0 s'
  const parts: string[] = []
  let rest = whole
  for (const [size, unit] of units.slice(first, first + 2)) {
    const count = Math.floor(rest / size)
    rest %= size
    if (count > 0) parts.push(`${count} ${unit}`)
  }
  return parts.join(' ')
}

/** Seconds as one unit below an hour, so that it changes seldom. */
export function roughDuration(seconds: number): string {
  return seconds < 60 || seconds >= 3600 ? duration(seconds) : `${Math.floor(seconds / 60)} min`
}

/** Milliseconds: `340 ms`, `2.31 s`. */
export function milliseconds(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(2)} s`
}

/** Bytes: `12 MB`. */
export function bytes(count: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  let value = count
  let unit = 0
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1024
    unit += 1
  }
  return `${value < 10 && unit > 0 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`
}

/** The share of one processor: `0.4 %`. */
export function percent(share: number): string {
  const value = share * 100
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} %`
}

/** A time of today as `13:05:09`, another one with its date. */
export function time(ms: number): string {
  const at = new Date(ms)
  const isToday = at.toDateString() === new Date().toDateString()
  return isToday ? at.toLocaleTimeString(undefined, { hour12: false }) : at.toLocaleString(undefined, { hour12: false })
}
