// What a Dockerfile says about its image: which daemon runs, what installs it, which files it reads, and what cannot be
// known from the Dockerfile and the build context.

import { posix } from 'node:path'
import { ConfigError, type Diagnostic } from '../../config/model/diagnostic.ts'
import { searchedBySupervisord } from '../supervisord/search.ts'
import { type Daemon, type Start, startOf } from './entry.ts'
import { chainOf, Files, type Known } from './files.ts'
import { daemonOfImage } from './images.ts'
import type { Build, Stage, Step } from './instructions.ts'
import { findInstalls, type Install } from './installs.ts'
import { findOverlay, type Overlay } from './overlay.ts'
import { HOME, STAGE } from './release.ts'

/** What a user says about a Dockerfile. */
export interface Answers {
  /** The folder of the build context. */
  readonly context: string
  /** The stage that is built; the last one by default. */
  readonly target?: string | undefined
  /** The path of supervisord's configuration in the image. */
  readonly conf?: string | undefined
  /** The daemon, when it cannot be seen. */
  readonly runs?: Daemon | undefined
}

/** The configuration of supervisord. */
export interface Conf {
  /** Its path in the image. */
  readonly path: string
  /** The instruction that puts it there, and its text; undefined when the package of supervisor brings it. */
  readonly known: Known | undefined
}

/** All that is known. */
export interface Facts {
  readonly build: Build
  readonly target: Stage
  /** The stages that the target is built on, itself last. */
  readonly chain: readonly Stage[]
  readonly files: Files
  readonly start: Start
  readonly daemon: Daemon
  readonly installs: readonly Install[]
  readonly overlay: Overlay
  /** Nothing in the file installs the daemon: an image below has it, or a script does it. */
  readonly isInherited: boolean
  /** The image that the first stage begins with. */
  readonly image: string
  readonly conf: Conf | undefined
  readonly health: Step | undefined
  /** Variables named S6_… that ENV sets. */
  readonly variables: readonly string[]
  readonly diagnostics: readonly Diagnostic[]
}

/** Nothing in a Dockerfile is about one of the daemons. */
export class NotConcerned extends ConfigError {}

/** Examines a Dockerfile. Throws ConfigError when it has no such stage, or when nothing in it is about one of the daemons. */
export function examine(build: Build, answers: Answers): Facts {
  const target = targetOf(build, answers.target)
  const chain = chainOf(target)
  const files = new Files(build, target, answers.context)
  const start = startOf(build, target, files, answers.runs)
  const sources = sourcesOf(build, chain)
  const installs = chain.flatMap(findInstalls)
  const overlay = joinOverlays(sources.map(findOverlay))
  const image = chain[0]?.from ?? ''
  const fromImage = daemonOfImage(image)
  const daemon =
    answers.runs ??
    start.entry?.daemon ??
    (overlay.parts.length > 0 ? 's6-overlay' : installs.length > 0 ? 'supervisord' : fromImage)
  const present = chain
    .flatMap((stage) => stage.steps)
    .find(({ flags, words }) => flags.get('from') === STAGE && words.at(-1)?.text === HOME)
  if (present !== undefined)
    throw new ConfigError([
      {
        severity: 'error',
        message: 'kahi is in this image already',
        place: present.place,
        hint: 'start with the Dockerfile as it was before',
      },
    ])
  if (daemon === undefined) throw new NotConcerned([nothing(build, start, answers.context)])
  const brought = daemon === 'supervisord' ? installs : overlay.parts
  const steps = chain.flatMap((stage) => stage.steps)
  const facts = { build, target, chain, files, start, daemon, installs, overlay, image }
  return {
    ...facts,
    isInherited: daemon !== 'manager' && brought.length === 0,
    conf: daemon === 'supervisord' ? confOf(facts, answers.conf) : undefined,
    health: steps.findLast(({ keyword, isOnbuild }) => keyword === 'HEALTHCHECK' && !isOnbuild),
    variables: steps
      .filter(({ keyword }) => keyword === 'ENV')
      .flatMap(({ words }) => words.map(({ text }) => text.split('=')[0] ?? ''))
      .filter((name) => name.startsWith('S6_')),
    diagnostics: [...build.diagnostics, ...overlay.questions, ...onbuilds(chain)],
  }
}

function targetOf(build: Build, name: string | undefined): Stage {
  const last = build.stages.at(-1)
  const target = name === undefined ? last : build.stages.find((stage) => stage.name === name.toLowerCase())
  if (target !== undefined) return target
  const names = build.stages.flatMap((stage) => stage.name ?? [])
  const message = `${build.file} has no stage ${name}`
  throw new ConfigError([
    { severity: 'error', message, hint: names.length === 0 ? 'no stage has a name' : `it has ${names.join(', ')}` },
  ])
}

/** The stages of a chain, and those that files are copied from, in the order of the file. */
function sourcesOf(build: Build, chain: readonly Stage[]): readonly Stage[] {
  const found = new Set(chain)
  for (const stage of found) {
    for (const { flags } of stage.steps) {
      const from = flags.get('from')
      const source =
        from === undefined
          ? undefined
          : build.stages.find(({ name, index }) => name === from.toLowerCase() || String(index) === from)
      if (source !== undefined) for (const one of chainOf(source)) found.add(one)
    }
  }
  return build.stages.filter((stage) => found.has(stage))
}

function joinOverlays(all: readonly Overlay[]): Overlay {
  return {
    parts: all.flatMap(({ parts }) => parts),
    version: all.map(({ version }) => version).find((version) => version !== undefined),
    questions: all.flatMap(({ questions }) => questions),
  }
}

function confOf(
  { start, files, installs }: Pick<Facts, 'start' | 'files' | 'installs'>,
  named: string | undefined,
): Conf | undefined {
  const given = named ?? optionOf(start.entry?.argv ?? [])
  const directory = (start.cmd ?? start.entrypoint)?.directory ?? '/'
  if (given !== undefined) {
    const path = posix.resolve(directory, given)
    return { path, known: files.find(path) }
  }
  const isPip = installs.length > 0 && installs.every(({ by }) => by === 'pip')
  const searched = searchedBySupervisord(isPip ? '/usr/local/bin/supervisord' : '/usr/bin/supervisord')
  for (const one of searched) {
    const path = posix.resolve(directory, one)
    const known = files.find(path)
    if (known !== undefined) return { path, known }
  }
  const usual = installs.find(({ main }) => main !== undefined)?.main
  return usual === undefined ? undefined : { path: usual, known: undefined }
}

/** The value of -c, --configuration. Source: supervisor 4.2.5, Options. */
function optionOf(argv: readonly string[]): string | undefined {
  const at = argv.findIndex((word) => /^(?:-[nst]*c|--configuration)$/.test(word))
  if (at > 0) return argv[at + 1]
  return argv.flatMap((word) => /^(?:-[nst]*c|--configuration=)(.+)$/.exec(word)?.[1] ?? [])[0]
}

function nothing(build: Build, { unknown }: Start, context: string): Diagnostic {
  const { file } = build
  const message = 'Nothing here installs or starts supervisord, s6-overlay or flush-manager'
  const other = build.stages.find(
    (stage) =>
      stage.name !== undefined &&
      (findInstalls(stage).length > 0 || startOf(build, stage, new Files(build, stage, context)).entry !== undefined),
  )
  if (other !== undefined)
    return {
      severity: 'error',
      message: `${message} in the last stage`,
      place: other.head.place,
      hint: `the stage ${other.name} does: --target ${other.name}`,
    }
  const unknownBase = chainOf(build.stages.at(-1) as Stage)[0]
  const variable = /\$\{?(\w+)/.exec(unknownBase?.from ?? '')?.[1]
  if (unknown === undefined && variable !== undefined)
    return {
      severity: 'error',
      message: `${message}, and the base image is not known`,
      place: unknownBase?.head.place,
      hint: `name the base image with --build-arg ${variable}=IMAGE`,
    }
  if (unknown === undefined)
    return {
      severity: 'error',
      message,
      place: { file, line: 1, column: 1 },
      hint: 'with another stage: --target STAGE; if the base image has it: --runs supervisord or --runs s6-overlay',
    }
  const hint = `${unknown.path} is not known: name the folder that has it with --context DIR, or say what it runs with --runs supervisord or --runs s6-overlay`
  return { severity: 'error', message, place: unknown.place, hint }
}

function onbuilds(chain: readonly Stage[]): readonly Diagnostic[] {
  const steps = chain.flatMap((stage) => stage.steps).filter(({ isOnbuild }) => isOnbuild)
  return steps.map(({ place, keyword }) => ({
    severity: 'note',
    message: `ONBUILD ${keyword} runs in builds of other images, so what it does is not known here; it stays as it is`,
    place,
  }))
}
