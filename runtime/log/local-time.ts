// The time at the beginning of text lines.

/** `2026-11-21 01:50:03,042`, local time. Source: supervisor 4.2.5, loggers.LogRecord.asdict. */
export function localTime(time: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0')
  const day = `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`
  const clock = `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`
  return `${day} ${clock},${String(time.getMilliseconds()).padStart(3, '0')}`
}
