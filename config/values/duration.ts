// Durations as people write them: `10s`, `500ms`, `1m30s`, `2h`.

const UNITS: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86400 }

/** No duration is longer; the time to read one grows faster than its length. */
const LONGEST = 64

/** The seconds of a duration with units, from days to milliseconds; undefined for any other text. */
export function secondsOf(text: string): number | undefined {
  if (text.length > LONGEST) return undefined
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)\s*(ms|[smhd])\s*/g)]
  if (parts.length === 0 || parts.map(([part]) => part).join('') !== text.trimStart()) return undefined
  const units = parts.map(([, , unit = '']) => UNITS[unit] ?? 0)
  if (units.some((unit, index) => index > 0 && unit >= (units[index - 1] ?? 0))) return undefined
  const sum = parts.reduce((total, [, number], index) => total + Number(number) * (units[index] ?? 0), 0)
  return Math.round(sum * 1e6) / 1e6
}
