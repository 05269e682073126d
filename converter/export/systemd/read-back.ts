// The second reader of units. It reads the lines, words and escapes of unit files by itself, without the code that wrote
// them.

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Plan } from '../plan/plan.ts'
import type { Read, ReadUnit } from '../plan/target.ts'
import type { Unit } from '../plan/unit.ts'
import { placesOf, UNITS } from './places.ts'
import { type ReadCommand, readCommand, readEnvironmentFile, readWords } from './read-words.ts'

type Lines = ReadonlyMap<string, readonly string[]>

/** Reads all services, by the names of the plan. */
export function readUnits(directory: string, plan: Plan): Read {
  const places = placesOf(plan)
  const units = join(directory, UNITS)
  const names = new Map(plan.units.map(({ name }) => [`${places.unitName(name)}.service`, name]))
  const whole = readLines(join(units, `${places.whole}.target`))
  const booted = new Set(whole?.get('Wants') ?? [])
  return new Map(
    [...names].flatMap(([file, name]) => {
      const lines = readLines(join(units, file))
      const unit = plan.units.find((one) => one.name === name)
      if (lines === undefined || unit === undefined) return []
      const reader = new UnitReader(lines, directory, unit)
      const after = (lines.get('After') ?? []).flatMap((value) => value.split(' '))
      const needs = [...new Set(after.flatMap((one) => names.get(one) ?? []))].toSorted()
      return [[name, { ...reader.read(), needs, boots: booted.has(file) }] as const]
    }),
  )
}

function readLines(path: string): Lines | undefined {
  if (!existsSync(path)) return undefined
  const found = new Map<string, string[]>()
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    const match = /^(\w+)=(.*)$/.exec(line)
    if (match === null) continue
    const [, key = '', value = ''] = match
    found.set(key, [...(found.get(key) ?? []), value])
  }
  return found
}

class UnitReader {
  readonly #lines: Lines
  readonly #root: string
  readonly #unit: Unit

  constructor(lines: Lines, root: string, unit: Unit) {
    this.#lines = lines
    this.#root = root
    this.#unit = unit
  }

  read(): ReadUnit {
    const isOneshot = this.#text('Type') === 'oneshot'
    const command = this.#command('ExecStart')
    const [name, group] = [this.#text('User'), this.#text('Group')]
    const umask = this.#text('UMask')
    const nice = this.#text('Nice')
    return {
      kind: isOneshot ? 'oneshot' : 'program',
      ...this.#argv('argv', command.argv),
      ...this.#directory(command.directory ?? this.#text('WorkingDirectory')),
      umask: umask === undefined ? null : Number.parseInt(umask, 8),
      user: command.user ?? (name === undefined ? null : group === undefined ? name : `${name}:${group}`),
      nice: nice === undefined ? null : Number(nice),
      environment: this.#environment(command.environment),
      ...(isOneshot ? this.#oneshot() : this.#program()),
    }
  }

  /** A service directory of s6 is not written. */
  #directory(found: string | undefined): ReadUnit {
    return found === undefined && this.#unit.settings.directory === undefined ? {} : { directory: found ?? null }
  }

  #oneshot(): ReadUnit {
    const stop = this.#text('ExecStop')
    const down = stop === undefined ? { down: null } : this.#argv('down', this.#command('ExecStop').argv)
    return { ...down, timeoutUp: seconds(this.#text('TimeoutStartSec') ?? 'infinity') }
  }

  #program(): ReadUnit {
    const essential = this.#text('RefuseManualStop') === 'yes'
    return {
      stopsignal: this.#text('KillSignal') ?? 'SIGTERM',
      killAfter: seconds(this.#text('TimeoutStopSec') ?? ''),
      essential,
    }
  }

  /** Further words of `sh -c` that the script does not look at are left out; a copied script says nothing here. */
  #argv(key: 'argv' | 'down', argv: readonly string[]): ReadUnit {
    const [first = ''] = argv
    const wanted = (key === 'argv' ? this.#unit.settings : this.#unit.down)?.argv ?? []
    const [name = '', option, ...rest] = wanted
    const path = join(this.#root, first)
    if (first.startsWith('/usr/local/lib/') && existsSync(path)) {
      if (option !== '-c') return {}
      const [head = '', ...lines] = readFileSync(path, 'utf8').split('\n')
      const text = lines.slice(this.#unit.comments.length).join('\n')
      return { [key]: [head.endsWith(`/${name}`) ? name : head.slice(2), '-c', text, ...rest.slice(1)] }
    }
    if (wanted.length === 0) return {}
    if (option === '-c' && argv.length === 3) return { [key]: [...argv, ...rest.slice(1)] }
    const isPlaced = name.includes('/') && !name.startsWith('/') && first.endsWith(name.replace(/^\.\//, ''))
    return { [key]: isPlaced ? [name, ...argv.slice(1)] : argv }
  }

  #environment(inCommand: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
    const words = (this.#lines.get('Environment') ?? []).flatMap((value) => readWords(value))
    const plain = words.map((word) => [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)] as const)
    const files = (this.#lines.get('EnvironmentFile') ?? []).filter((path) => !path.endsWith('/variables.env'))
    const written = files.map((path) => join(this.#root, path)).filter((path) => existsSync(path))
    const secret = written.flatMap((path) => readEnvironmentFile(readFileSync(path, 'utf8')))
    const { environment } = this.#unit.settings
    const inherited = Object.keys(environment).filter(
      (name) => /^\uE000(\w+)[^\uE001]*\uE001$/.exec(environment[name] ?? '')?.[1] === name,
    )
    const found: Record<string, string> = { ...Object.fromEntries([...plain, ...secret]), ...inCommand }
    const all = inherited.map((name) => [name, found[name] ?? `\${${name}}`] as const)
    return { ...found, ...Object.fromEntries(all) }
  }

  /** A command; variables have the defaults that the file of variables gives them. */
  #command(key: string): ReadCommand {
    const file = this.#lines.get('EnvironmentFile')?.find((path) => path.endsWith('/variables.env'))
    const path = file === undefined ? undefined : join(this.#root, file)
    const usual = path === undefined ? [] : readEnvironmentFile(readFileSync(path, 'utf8'))
    const defaults = new Map(usual.filter(([, value]) => value !== ''))
    const line = this.#lines.get(key)?.at(-1) ?? ''
    const shown = (all: string, name: string): string => {
      const value = defaults.get(name)
      return value === undefined ? all : `\${${name}:-${value}}`
    }
    const { environment, ...rest } = readCommand(line)
    const fill = (text: string): string => text.replaceAll(/\$\{(\w+)\}/g, shown)
    const set = Object.entries(environment).map(([name, value]) => [name, fill(value)] as const)
    return { ...rest, argv: rest.argv.map(fill), environment: Object.fromEntries(set) }
  }

  #text(key: string): string | undefined {
    return this.#lines.get(key)?.at(-1)?.replaceAll('%%', '%')
  }
}

function seconds(text: string): number {
  return text === 'infinity' ? 0 : Number(text)
}
