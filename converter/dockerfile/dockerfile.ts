// `kahi migrate Dockerfile`: what the build of an image has to change so that kahi runs what supervisord, s6-overlay
// or flush-manager ran.

import { ConfigError, type Diagnostic, hasErrors } from '../../config/model/diagnostic.ts'
import { planConverted } from './converted.ts'
import { planDropIn, type Wishes } from './drop-in.ts'
import { type Answers, examine, type Facts } from './facts.ts'
import { shellIsFirst } from './first-process.ts'
import { type Build, readBuild } from './instructions.ts'
import type { WAYS } from './options.ts'
import type { Plan } from './plan.ts'
import { STAGE } from './release.ts'

/** `drop-in`: under the names of the old programs; `converted`: with a kahi.toml. */
export type Way = (typeof WAYS)[number]

/** What is asked for. */
export interface Request extends Answers, Wishes {
  readonly way: Way
  /** Values of ARG. */
  readonly args: ReadonlyMap<string, string>
}

const NO_DROP_IN: Diagnostic = {
  severity: 'error',
  message: 'kahi does not take the place of s6-svscan under its name',
  hint: '--as converted converts its services',
}

/** Reads a Dockerfile and plans its changes. Throws ConfigError with all errors, also about what has to be asked for. */
export async function planDockerfile(
  file: string,
  text: string,
  request: Request,
): Promise<{ readonly facts: Facts; readonly plan: Plan }> {
  const build = await readBuild(file, text, request.args)
  const facts = examine(build, request)
  refuseStage(build)
  if (request.way === 'drop-in' && facts.daemon === 's6')
    throw new ConfigError([{ ...NO_DROP_IN, place: facts.start.entry?.place }])
  const { planner, origin } = request.way === 'drop-in' ? planDropIn(facts, request) : planConverted(facts, request)
  const plan = planner.finish(origin)
  // The converted way writes a start in shell form anew.
  const isRewritten = request.way === 'converted' && facts.start.entry?.written.in === 'shell'
  const first = isRewritten ? [] : shellIsFirst(build, facts.start)
  const diagnostics = [...facts.diagnostics, ...unseen(facts), ...first, ...plan.diagnostics]
  if (hasErrors(diagnostics)) throw new ConfigError(diagnostics)
  return { facts, plan: { ...plan, diagnostics } }
}

/** A stage with this name is added, and two stages with one name would take each other's place. */
function refuseStage({ stages }: Build): void {
  const own = stages.find(({ name }) => name === STAGE)
  if (own === undefined) return
  const message = `This stage has the name ${STAGE}, which the stage with kahi will have`
  throw new ConfigError([{ severity: 'error', message, place: own.head.place, hint: 'give it another name' }])
}

/** A configuration that a command makes during the build cannot be tried here. */
function unseen({ conf }: Facts): readonly Diagnostic[] {
  if (conf?.known === undefined || conf.known.text !== undefined) return []
  const { path, place } = conf.known
  const message = `A command of RUN makes ${path}: what is in it cannot be seen here`
  return [{ severity: 'note', message, place, hint: 'try it in a container with kahi migrate --dry-run' }]
}
