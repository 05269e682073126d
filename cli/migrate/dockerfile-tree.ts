// `kahi migrate DIR --out DIR`: changes every Dockerfile below a directory that is about supervisord, s6-overlay or flush-manager.

import { mkdirSync } from 'node:fs'
import { dirname, join, relative, resolve as resolvePath } from 'node:path'
import { ConfigError, type Diagnostic } from '../../config/model/diagnostic.ts'
import { NotConcerned } from '../../converter/dockerfile/facts.ts'
import type { Arguments } from '../command.ts'
import { WriteError } from '../write-file.ts'
import { type Dockerfile, readDockerfile, writeDockerfile } from './dockerfile.ts'

/** The result for one Dockerfile. */
export type DockerfileOutcome = { readonly path: string } & (
  | { readonly kind: 'changed'; readonly target: string; readonly found: Dockerfile }
  | { readonly kind: 'failed'; readonly diagnostics: readonly Diagnostic[] }
)

/** Options of writing. */
export interface DockerfileTree {
  readonly out: string
  readonly force: boolean
  readonly isDry: boolean
}

/** Changes those of the files that are concerned; each is written into its folder below `out`. */
export async function changeDockerfiles(
  directory: string,
  files: readonly string[],
  args: Arguments,
  options: DockerfileTree,
): Promise<readonly DockerfileOutcome[]> {
  const outcomes: DockerfileOutcome[] = []
  for (const file of files) {
    const outcome = await changeOne(file, relative(directory, file), args, options)
    if (outcome !== undefined) outcomes.push(outcome)
  }
  return outcomes
}

async function changeOne(
  file: string,
  path: string,
  args: Arguments,
  { out, force, isDry }: DockerfileTree,
): Promise<DockerfileOutcome | undefined> {
  const target = join(resolvePath(out), path)
  try {
    const found = await readDockerfile(file, args)
    if (!isDry) {
      for (const { file: own } of found.plan.files)
        mkdirSync(dirname(join(dirname(target), relative(dirname(file), own))), { recursive: true })
      writeDockerfile(found, target, force)
    }
    return { path, kind: 'changed', target, found }
  } catch (error) {
    if (error instanceof NotConcerned) return undefined
    if (error instanceof ConfigError) return { path, kind: 'failed', diagnostics: error.diagnostics }
    if (!(error instanceof WriteError)) throw error
    return { path, kind: 'failed', diagnostics: [{ severity: 'error', message: error.message, hint: error.hint }] }
  }
}
