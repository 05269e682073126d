// Lines that another init would write while the system comes up and goes down, for clients that wait for them in the output
// of a container. The caller knows the words; this part delivers the events and writes the lines.

import type { Part } from './part.ts'

/** Writes the lines of the announcer, if there is one. */
export const announcements: Part = {
  name: 'announcements',
  open: ({ options: { announcer }, logs, bus }) => {
    if (announcer === undefined) return
    const write = (lines: readonly string[]): void => {
      for (const line of lines) logs[announcer.stream].write(Buffer.from(`${line}\n`))
    }
    const stop = bus.on((event) => write(announcer.linesFor(event)))
    return {
      close: () => {
        stop()
        write(announcer.lastLines())
      },
    }
  },
}
