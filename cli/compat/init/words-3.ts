// The lines of version 3: those of s6-rc about its services, and those of the scripts of cont-init.d, services.d and
// cont-finish.d. Source: s6-overlay 3.2.3.2, cont-init, services-up and cont-finish; s6-rc 0.7, s6-rc.

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { PLACES } from '../../../converter/s6-rc/overlay-places.ts'
import type { Image } from '../../../converter/s6-overlay/image.ts'
import type { Announcer } from '../../../runtime/daemon/options.ts'
import type { OneshotEvent, ProcessStateEvent, RuntimeEvent } from '../../../runtime/events/event.ts'
import { codeIn, namesIn, scriptOf } from './scripts.ts'

/** Services of s6-overlay itself. */
const OWN = ['fix-attrs', 'legacy-cont-init', 'legacy-services']

/** The words of version 3. */
export function newOverlayWords(image: Image): Announcer {
  const words = new NewWords(image)
  return { stream: 'stderr', linesFor: (event) => words.linesFor(event), lastLines: () => [] }
}

class NewWords {
  readonly #image: Image
  readonly #begun = new Set<string>()
  readonly #up = new Set<string>()
  #isEnding = false

  constructor(image: Image) {
    this.#image = image
  }

  linesFor(event: RuntimeEvent): readonly string[] {
    if (event.type === 'supervisor-state') this.#isEnding ||= event.state === 'stopping'
    if (event.type === 'process-state' && this.#isOfRc(event.name)) return this.#ofService(event)
    if (event.type === 'readiness' && event.ready) return this.#isUp(event.name)
    if (event.type === 'oneshot-began' || event.type === 'oneshot-ended') return this.#ofScript(event)
    return []
  }

  #ofService({ name, to }: ProcessStateEvent): readonly string[] {
    if (this.#isEnding) return this.#ofEnd(name, to)
    if (to === 'starting') return this.#begins(name)
    if (to === 'exited') return [...this.#begins(name), ...this.#isUp(name)]
    if (to === 'running' && this.#notifies(name) === undefined) return this.#isUp(name)
    return []
  }

  #ofEnd(name: string, to: ProcessStateEvent['to']): readonly string[] {
    if (!this.#up.has(name) || (to !== 'stopping' && to !== 'stopped')) return []
    const isFirst = this.#begun.delete(name)
    if (to === 'stopped') this.#up.delete(name)
    return [
      ...(isFirst ? [`s6-rc: info: service ${name}: stopping`] : []),
      ...(to === 'stopped' ? [`s6-rc: info: service ${name} successfully stopped`] : []),
    ]
  }

  #ofScript({ type, name, way, failure }: OneshotEvent): readonly string[] {
    if (this.#isOfRc(name) && type === 'oneshot-ended' && way === 'up' && failure !== '')
      return [`s6-rc: warning: unable to start service ${name}: command exited ${codeIn(failure)}`]
    if (name === 'legacy-services' && type === 'oneshot-began' && way === 'up') return this.#copies()
    const script = scriptOf(name)
    if (script === undefined) return []
    const path = join(this.#image.etc, `${script.folder}.d`, script.file)
    if (type === 'oneshot-ended') return [`${script.folder}: info: ${path} exited ${codeIn(failure)}`]
    const before = script.folder === 'cont-init' ? this.#begins('legacy-cont-init') : []
    return [...before, `${script.folder}: info: running ${path}`]
  }

  #copies(): readonly string[] {
    const services = join(this.#image.etc, 'services.d')
    return (namesIn(this.#image, 'services.d', 'directory') ?? []).map((name) => {
      const end = existsSync(join(services, name, 'notification-fd')) ? '' : ' (no readiness notification)'
      return `services-up: info: copying legacy longrun ${name}${end}`
    })
  }

  #begins(name: string): readonly string[] {
    if (this.#begun.has(name)) return []
    this.#begun.add(name)
    return [`s6-rc: info: service ${name}: starting`]
  }

  #isUp(name: string): readonly string[] {
    if (!this.#isOfRc(name) || this.#up.has(name)) return []
    this.#up.add(name)
    return [`s6-rc: info: service ${name} successfully started`]
  }

  /** The definition directory of a service of s6-rc. */
  #definition(name: string): string | undefined {
    const { sources, packaged } = this.#image
    return [...sources, ...(packaged === undefined ? [] : [packaged])]
      .map((source) => join(source, name))
      .find((path) => existsSync(join(path, 'type')))
  }

  #isOfRc(name: string): boolean {
    return OWN.includes(name) || this.#definition(name) !== undefined
  }

  #notifies(name: string): string | undefined {
    return [join(PLACES[3].servicedirs, name), this.#definition(name) ?? '']
      .map((path) => join(path, 'notification-fd'))
      .find((path) => existsSync(path))
  }
}
