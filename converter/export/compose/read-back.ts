// The second reader of a Compose file. It parses the YAML, and takes the escapes of variables back.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { plainNames } from '../plan/container.ts'
import { adoptedFile, plainWords } from '../plan/scripts.ts'
import type { Plan } from '../plan/plan.ts'
import type { Read, ReadUnit } from '../plan/target.ts'
import type { Unit } from '../plan/unit.ts'
import { FILE } from './file.ts'

type Fields = Readonly<Record<string, unknown>>

/** Reads all services, by the names of the plan. */
export function readCompose(directory: string, { units, sources }: Plan): Read {
  const nameOf = plainNames({ units } as Plan)
  const names = new Map(units.map((unit) => [nameOf(unit.name), unit.name]))
  const text: unknown = parse(readFileSync(join(directory, FILE), 'utf8'))
  const services = fields(fields(text).services)
  return new Map(
    units.flatMap((unit) => {
      const service = services[nameOf(unit.name)]
      if (service === undefined) return []
      const needs = Object.keys(fields(fields(service).depends_on)).flatMap((name) => names.get(name) ?? [])
      return [[unit.name, { ...readService(unit, fields(service), sources), needs: needs.toSorted() }] as const]
    }),
  )
}

function readService(unit: Unit, service: Fields, sources: ReadonlySet<string>): ReadUnit {
  const { settings, kind } = unit
  const wanted = settings.argv ?? []
  let argv = list(service.command).map(plain)
  const masked = /^umask (\d+); exec "\$@"$/.exec(argv[2] ?? '')
  if (masked !== null) argv = argv.slice(4)
  const nice = argv[0] === 'nice' && settings.nice !== undefined ? Number(argv[2]) : null
  if (nice !== null) argv = argv.slice(3)
  const rest = wanted.slice(plainWords(wanted).length)
  const isCopied = adoptedFile(wanted, sources) !== undefined && wanted[1] !== '-c'
  const directory = { directory: text(service.working_dir) }
  return {
    ...(isCopied || wanted.length === 0 ? {} : { argv: [...argv, ...rest] }),
    ...(settings.directory === undefined && directory.directory === null ? {} : directory),
    umask: masked === null ? null : Number.parseInt(masked[1] ?? '', 8),
    nice,
    user: text(service.user),
    boots: service.profiles === undefined,
    stopsignal: typeof service.stop_signal === 'string' ? service.stop_signal : 'SIGTERM',
    ...(kind === 'oneshot' ? {} : { killAfter: seconds(service.stop_grace_period) }),
  }
}

function seconds(value: unknown): number {
  return value === '24h' ? 0 : Number.parseFloat(String(value))
}

function text(value: unknown): string | null {
  return typeof value === 'string' ? plain(value) : null
}

function plain(text: string): string {
  return text.replaceAll('$$', '$')
}

function list(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : []
}

function fields(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {}
}
