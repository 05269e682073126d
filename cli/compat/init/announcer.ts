// What s6-overlay writes while a container boots and ends, for clients that wait for such a line. Version 3 writes to standard
// error, versions 1 and 2 to standard output.

import type { Announcer } from '../../../runtime/daemon/options.ts'
import type { Image } from '../../../converter/s6-overlay/image.ts'
import type { RuntimeEvent } from '../../../runtime/events/event.ts'
import { newOverlayWords } from './words-3.ts'
import { oldOverlayWords } from './words-2.ts'

/** The announcer for an image; `program` is the first word of the container's command. */
export function announcerOf(image: Image, program: string): Announcer {
  const words = image.generation === 3 ? newOverlayWords(image) : oldOverlayWords(image, program)
  const complete = withReasons()
  return { ...words, linesFor: (event) => words.linesFor(complete(event)) }
}

/** Adds to the end of a `down` that failed the reason, which only a line of the log before it has. */
function withReasons(): (event: RuntimeEvent) => RuntimeEvent {
  const reasons = new Map<string, string>()
  return (event) => {
    if (event.type === 'log') {
      const [, name, reason] = /^(\S+): down failed: (.*)$/s.exec(event.message) ?? []
      if (name !== undefined && reason !== undefined) reasons.set(name, reason)
    }
    if (event.type !== 'oneshot-ended' || event.failure === '') return event
    return { ...event, failure: reasons.get(event.name) ?? event.failure }
  }
}
