// The lines of versions 1 and 2, which end with those of the shutdown. Source: s6-overlay v1.22 and v2.2, init-stage2 and
// init-stage3.

import { OWN_PREFIX } from '../../../config/model/names.ts'
import type { Image, LegacyFolder } from '../../../converter/s6-overlay/image.ts'
import type { Announcer } from '../../../runtime/daemon/options.ts'
import type { OneshotEvent, RuntimeEvent } from '../../../runtime/events/event.ts'
import { codeIn, namesIn, scriptOf } from './scripts.ts'

const COMMAND = `${OWN_PREFIX}cmd`
/** Versions 1 and 2 add it to the number of a signal. */
const SIGNAL_BASE = 256

/** The words of versions 1 and 2. */
export function oldOverlayWords(image: Image, program: string): Announcer {
  const words = new OldWords(image, program)
  return { stream: 'stdout', linesFor: (event) => words.linesFor(event), lastLines: () => words.lastLines() }
}

class OldWords {
  readonly #image: Image
  readonly #program: string
  readonly #said = new Set<string>()

  constructor(image: Image, program: string) {
    this.#image = image
    this.#program = program
  }

  linesFor(event: RuntimeEvent): readonly string[] {
    const first = this.#once(
      '[s6-init] making user provided files available at /var/run/s6/etc...exited 0.',
      '[s6-init] ensuring user provided files have correct perms...exited 0.',
    )
    return [...first, ...this.#about(event)]
  }

  #about(event: RuntimeEvent): readonly string[] {
    if (event.type === 'oneshot-began' || event.type === 'oneshot-ended') return this.#ofScript(event)
    if (event.type === 'process-state') return this.#ofState(event.name, event.to)
    if (event.type === 'process-exited' && event.name === COMMAND) {
      const code = event.code ?? SIGNAL_BASE + (event.signal ?? 0)
      return [`[cmd] ${this.#program} exited ${code}`]
    }
    return []
  }

  lastLines(): readonly string[] {
    return [
      ...this.#head('cont-finish.d'),
      ...this.#tail('cont-finish.d'),
      '[s6-finish] waiting for services.',
      '[s6-finish] sending all processes the TERM signal.',
      '[s6-finish] sending all processes the KILL signal and exiting.',
    ]
  }

  #ofState(name: string, to: string): readonly string[] {
    const isOver = to === 'exited' || to === 'fatal'
    if (name === 'fix-attrs' && isOver) return [...this.#fixes(), ...this.#tail('fix-attrs.d')]
    if (name === 'legacy-cont-init' && isOver) return [...this.#head('cont-init.d'), ...this.#tail('cont-init.d')]
    if (name === 'legacy-services' && to === 'starting') return this.#head('services.d')
    if (name === 'legacy-services' && isOver) return [...this.#head('services.d'), ...this.#tail('services.d')]
    return []
  }

  #fixes(): readonly string[] {
    const files = namesIn(this.#image, 'fix-attrs.d', 'file') ?? []
    const each = files.flatMap((file) => [`[fix-attrs.d] ${file}: applying... `, `[fix-attrs.d] ${file}: exited 0.`])
    return [...this.#head('fix-attrs.d'), ...each]
  }

  #ofScript({ type, name, failure }: OneshotEvent): readonly string[] {
    const script = scriptOf(name)
    if (script === undefined) return []
    const start = `[${script.folder}.d] ${script.file}:`
    if (type === 'oneshot-ended') return [`${start} exited ${codeIn(failure)}.`]
    return [...this.#head(`${script.folder}.d`), `${start} executing... `]
  }

  #head(folder: LegacyFolder): readonly string[] {
    const does = {
      'fix-attrs.d': 'applying ownership & permissions fixes...',
      'cont-init.d': 'executing container initialization scripts...',
      'services.d': 'starting services',
      'cont-finish.d': 'executing container finish scripts...',
    }
    return this.#has(folder) ? this.#once(`[${folder}] ${does[folder]}`) : []
  }

  #tail(folder: LegacyFolder): readonly string[] {
    return this.#has(folder) ? this.#once(`[${folder}] done.`) : []
  }

  #has(folder: LegacyFolder): boolean {
    return namesIn(this.#image, folder, 'file') !== undefined
  }

  /** Those of the lines that were not given before. */
  #once(...lines: readonly string[]): readonly string[] {
    const fresh = lines.filter((line) => !this.#said.has(line))
    for (const line of fresh) this.#said.add(line)
    return fresh
  }
}
