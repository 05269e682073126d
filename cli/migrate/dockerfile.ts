// `kahi migrate Dockerfile`: shows as a diff, and with -o writes, what the build of an image has to change.

import { existsSync, statSync } from 'node:fs'
import { basename, dirname, join, relative, resolve as resolvePath } from 'node:path'
import { ConfigError, type Diagnostic } from '../../config/model/diagnostic.ts'
import { readText } from '../../config/values/read-text.ts'
import { planDockerfile, type Request } from '../../converter/dockerfile/dockerfile.ts'
import { applyEdits, unifiedDiff } from '../../converter/dockerfile/edits.ts'
import type { FileChange, Plan } from '../../converter/dockerfile/plan.ts'
import { inputsOf } from '../../converter/dockerfile/read-files.ts'
import { type MachineName, MACHINES, neededFiles } from '../../converter/dockerfile/release.ts'
import { thisMachine } from '../../runtime/system/users.ts'
import { type Arguments, listOf, textOf } from '../command.ts'
import { VERSION } from '../version.ts'
import { WriteError, writeWhole } from '../write-file.ts'
import { checkInput, type InputReport } from './dockerfile-inputs.ts'

/** What became of a Dockerfile. */
export interface Dockerfile {
  readonly file: string
  readonly request: Request
  readonly daemon: string
  readonly plan: Plan
  /** The diffs of all files. */
  readonly diff: string
  readonly inputs: readonly InputReport[]
  /** Files that the build context needs. */
  readonly needs: readonly string[]
}

/** Plans the changes of a Dockerfile. Throws ConfigError with all errors, and with what has to be asked for. */
export async function readDockerfile(file: string, args: Arguments): Promise<Dockerfile> {
  const text = readText(file)
  const request = requestOf(file, text, args)
  const { facts, plan } = await planDockerfile(file, text, request)
  const inputs = inputsOf(facts).map((input) => checkInput(input, thisMachine()))
  const diff = plan.files.map((one) => unifiedDiff(one.file, one.text, one.edits)).join('')
  const needs = neededFiles(plan.origin)
  return { file, request, daemon: facts.daemon, plan, diff, inputs, needs }
}

/**
 * Writes the changed Dockerfile to a path, and changed scripts beside it, in the folders that they have beside the old
 * Dockerfile: all or none. Gives the paths. Throws WriteError.
 */
export function writeDockerfile({ file, plan }: Dockerfile, output: string, force: boolean): readonly string[] {
  const targetOf = (change: FileChange, index: number): string =>
    index === 0 ? output : join(dirname(output), relative(dirname(resolvePath(file)), resolvePath(change.file)))
  const targets = plan.files.map(targetOf)
  const existing = targets.filter((target) => existsSync(target))
  if (existing.length > 0 && !force)
    throw new WriteError(
      `${existing.join(' and ')} exist${existing.length === 1 ? 's' : ''}`,
      'use --force to replace it',
    )
  for (const [index, { file: source, text, edits }] of plan.files.entries())
    writeWhole(targets[index] ?? output, applyEdits(text, edits), { force, mode: statSync(source).mode & 0o777 })
  return targets
}

function requestOf(file: string, text: string, args: Arguments): Request {
  const { values, errors } = buildArgs(listOf(args, 'build-arg'), listOf(args, 'path').length === 0)
  const machines = machinesOf(textOf(args, 'platform'), text)
  if ('message' in machines) errors.push(machines)
  if (errors.length > 0) throw new ConfigError(errors)
  return {
    way: textOf(args, 'as') === 'converted' ? 'converted' : 'drop-in',
    context: textOf(args, 'context') ?? dirname(file),
    target: textOf(args, 'target'),
    conf: textOf(args, 'conf'),
    runs: runsOf(textOf(args, 'runs')),
    args: values,
    version: VERSION,
    origin: textOf(args, 'kahi'),
    machines: 'message' in machines ? [] : machines,
    base: textOf(args, 'base-image'),
  }
}

function runsOf(text: string | undefined): Request['runs'] {
  return text === 'supervisord' || text === 's6-overlay' || text === 's6' ? text : undefined
}

/** With `hasPath` the path was taken for one of the words. */
function buildArgs(
  all: readonly string[],
  hasPath: boolean,
): { readonly values: Map<string, string>; readonly errors: Diagnostic[] } {
  const words = hasPath ? all.slice(0, -1) : all
  const values = new Map<string, string>()
  const errors: Diagnostic[] = []
  for (const word of words) {
    const at = word.indexOf('=')
    if (at > 0) values.set(word.slice(0, at), word.slice(at + 1))
    else errors.push({ severity: 'error', message: `Cannot read --build-arg ${word}`, hint: 'write NAME=VALUE' })
  }
  return { values, errors }
}

/** The machines of --platform, or of the Dockerfile, or this one. */
function machinesOf(platform: string | undefined, text: string): readonly MachineName[] | Diagnostic {
  const isKnown = (name: string): name is MachineName => name in MACHINES
  const own: MachineName = process.arch === 'arm64' ? 'arm64' : 'amd64'
  if (platform === undefined) {
    if (/\bTARGET(?:ARCH|PLATFORM)\b/.test(text)) return ['amd64', 'arm64']
    const named = /^FROM\s+--platform=linux\/(\w+)/im.exec(text)?.[1]
    return [named !== undefined && isKnown(named) ? named : own]
  }
  const names = platform.split(',').map((one) => one.trim().replace(/^linux\//, ''))
  if (names.every(isKnown)) return names
  return {
    severity: 'error',
    message: `Cannot read --platform ${platform}`,
    hint: 'kahi is released for linux/amd64 and linux/arm64',
  }
}

/** The name of the file for messages about the next step. */
export function buildCommand({ file, request }: Dockerfile, output: string | undefined): string {
  const path = output ?? file
  const target = request.target === undefined ? '' : ` --target ${request.target}`
  const isUsual = basename(path) === 'Dockerfile' && resolvePath(dirname(path)) === resolvePath(request.context)
  return `docker build${isUsual ? '' : ` -f ${path}`}${target} ${request.context}`
}
