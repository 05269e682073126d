// Encodes a SpawnRequest as a SPAWN frame. Most of it is the environment. A service that is started again usually has
// the same environment object, so the encoded bytes are cached with that object.

import { append } from '../../../config/model/append.ts'
import { encodeFields, type Field } from './frames.ts'
import type { Attributes, SpawnRequest } from '../shim.ts'

const environments = new WeakMap<object, Buffer>()

/**
 * The bytes after the header: settings and arguments, then the environment. `cgroups` are the paths of the cgroup.procs
 * files into which the helper writes the pid. Throws FrameError for a NUL character.
 */
export function encodeSpawn(request: SpawnRequest, cgroups: readonly string[] = []): readonly Buffer[] {
  const { attributes, argv, environment } = request
  const fields = [...settingsOf(request), ...cgroups.map((path): Field => ['cgroup', path])]
  if (attributes !== undefined) append(fields, attributesOf(attributes))
  return [encodeFields([...fields, ...argv.map(argument)]), environmentOf(environment)]
}

function attributesOf({ resources, ...one }: Attributes): Field[] {
  const fields: Field[] = Object.entries(resources).map(([name, { soft, hard }]) => [
    'rlimit',
    `${name}:${soft}:${hard}`,
  ])
  if (one.nice !== undefined) fields.push(['nice', `${one.nice}`])
  if (one.oomScoreAdj !== undefined) fields.push(['oom-score-adj', `${one.oomScoreAdj}`])
  if (one.capabilities !== undefined) fields.push(['capabilities', one.capabilities.join(',')])
  if (one.noNewPrivs) fields.push(['no-new-privs', 'yes'])
  if (one.deathSignal !== undefined) fields.push(['pdeathsig', `${one.deathSignal}`])
  return fields
}

function settingsOf(request: SpawnRequest): Field[] {
  const fields: Field[] = [
    ['id', request.id],
    ['file', request.file],
    ['isolation', request.isolation],
    ['stdin', request.stdin],
    ['stdout', request.stdout],
    ['stderr', request.stderr],
  ]
  for (const stream of request.journals ?? []) fields.push(['journal', stream])
  if (request.listen !== undefined) fields.push(['listen', request.listen])
  if (request.reads !== undefined) fields.push(['reads', request.reads])
  if (request.writes !== undefined) fields.push(['writes', request.writes])
  if (request.notify !== undefined) fields.push(['notify', `${request.notify}`])
  if (request.directory !== undefined) fields.push(['directory', request.directory])
  if (request.umask !== undefined) fields.push(['umask', request.umask.toString(8)])
  if (request.user !== undefined) {
    fields.push(
      ['uid', `${request.user.uid}`],
      ['gid', `${request.user.gid}`],
      ['groups', request.user.groups.join(',')],
    )
  }
  return fields
}

function argument(value: string): Field {
  return ['arg', value]
}

function environmentOf(environment: SpawnRequest['environment']): Buffer {
  const known = environments.get(environment)
  if (known !== undefined) return known
  const bytes = encodeFields(Object.entries(environment).map(([name, value]) => ['env', `${name}=${value}`]))
  environments.set(environment, bytes)
  return bytes
}
