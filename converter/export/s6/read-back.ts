// The second reader of what the s6 targets write. It reads the files of a tree by itself, and the scripts of sh and
// execline word by word, without the code that wrote them.

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { signalName, readSignal } from '../../../config/values/signal.ts'
import type { Plan } from '../plan/plan.ts'
import { adoptedFile } from '../plan/scripts.ts'
import type { Unit } from '../plan/unit.ts'
import type { ReadUnit } from '../plan/target.ts'
import { readScript } from './read-script.ts'
import { type Flavour, readyDeadline } from './service.ts'
import { nameIn } from './tree.ts'

/** Reads all units of a tree, by the names of the plan. */
export function readTree(directory: string, { units, sources }: Plan, flavour: Flavour): ReadonlyMap<string, ReadUnit> {
  const tree = join(directory, flavour.tree)
  const bundle = join(tree, flavour.isOverlay ? 'user' : 'default', 'contents.d')
  const booted = new Set(existsSync(bundle) ? readdirSync(bundle) : [])
  const prefixed = new Map(units.map((unit) => [nameIn(unit.name, flavour), unit.name]))
  return new Map(
    units
      .filter((unit) => existsSync(join(tree, nameIn(unit.name, flavour), 'type')))
      .map((unit) => {
        const reader = new ServiceReader(join(tree, nameIn(unit.name, flavour)), directory, unit)
        const needs = reader.needs(flavour).map((name) => prefixed.get(name) ?? name)
        const script = reader.script(flavour, sources)
        return [
          unit.name,
          { ...reader.settings(), ...script, needs, boots: booted.has(nameIn(unit.name, flavour)) },
        ] as const
      }),
  )
}

class ServiceReader {
  readonly #folder: string
  readonly #root: string
  readonly #unit: Unit

  constructor(folder: string, root: string, unit: Unit) {
    this.#folder = folder
    this.#root = root
    this.#unit = unit
  }

  settings(): ReadUnit {
    const kind = this.#read('type') === 'longrun' ? 'program' : 'oneshot'
    const { settings, timeoutUp } = this.#unit
    const up = this.#seconds('timeout-up', 0)
    const common = {
      kind,
      timeoutUp: timeoutUp === 0 && up === readyDeadline(settings) ? 0 : up,
      timeoutDown: this.#seconds('timeout-down', 0),
      essential: this.#read('flag-essential') !== undefined,
    }
    if (kind === 'oneshot') return common
    const fd = this.#read('notification-fd')
    const hasOwnFd = this.#unit.settings.ready?.check.kind === 'fd'
    return {
      ...common,
      stopsignal: signalName(readSignal(this.#read('down-signal') ?? 'TERM') ?? 0),
      killAfter: this.#seconds('timeout-kill', 0),
      finishAfter: this.#seconds('timeout-finish', 5),
      killsGroup: this.#read('flag-timeout-killpg') !== undefined,
      ...(hasOwnFd ? { readyFd: fd === undefined ? null : Number(fd) } : {}),
    }
  }

  needs({ isOverlay }: Flavour): readonly string[] {
    const folder = join(this.#folder, 'dependencies.d')
    const names = existsSync(folder) ? readdirSync(folder) : []
    return names.filter((name) => !isOverlay || name !== 'base').toSorted()
  }

  /** What the scripts say; those of the source are copies. The usual directory counts as none. */
  script({ directory }: Flavour, sources: ReadonlySet<string>): ReadUnit {
    const { settings, down } = this.#unit
    const own = this.#read('type') === 'longrun' ? this.#read('run') : this.#commandLine('up')
    const taken = this.#commandLine('down')
    const isOwn =
      settings.argv !== undefined && settings.argv.length > 0 && adoptedFile(settings.argv, sources) === undefined
    const isOwnDown = taken !== undefined && adoptedFile(down?.argv, sources) === undefined
    const undone = isOwnDown ? { down: readScript(taken).argv } : {}
    if (!isOwn || own === undefined) return undone
    const facts = readScript(own)
    return {
      argv: facts.argv,
      directory: facts.directory === directory && settings.directory !== directory ? null : (facts.directory ?? null),
      umask: facts.umask ?? null,
      user: facts.user ?? null,
      nice: facts.nice ?? null,
      environment: facts.environment,
      ...undone,
    }
  }

  /** The text of `up` or `down`, or of the script that it names. */
  #commandLine(file: 'up' | 'down'): string | undefined {
    const line = this.#read(file)?.replace(/^foreground \{ (.*) \}$/s, '$1')
    const path = line === undefined ? undefined : join(this.#root, line)
    return path !== undefined && line?.startsWith('/etc/s6-overlay/scripts/') === true && existsSync(path)
      ? readFileSync(path, 'utf8')
      : line
  }

  #seconds(file: string, usual: number): number {
    const text = this.#read(file)
    return text === undefined ? usual : Number(text) / 1000
  }

  #read(file: string): string | undefined {
    const path = join(this.#folder, file)
    return existsSync(path) ? readFileSync(path, 'utf8').replace(/\n$/, '') : undefined
  }
}
