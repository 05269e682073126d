// The way "drop-in": kahi in, under the names of the old programs; CMD and all files stay as they are.

import { posix } from 'node:path'
import type { Facts } from './facts.ts'
import { hasNoLibrary, hasOldLibrary, isMusl, isOldAlpine } from './images.ts'
import { type Install, usesPython } from './installs.ts'
import type { Stage, Step } from './instructions.ts'
import { replaceManager } from './manager.ts'
import { asRoot, numbered, Planner, type Put, userAt } from './plan.ts'
import { HOME, type MachineName, type Origin, PROGRAM, STAGE, stageLines } from './release.ts'
import { removeOverlay } from './remove-overlay.ts'
import { removeFrom } from './removal.ts'

/** What a user decides. */
export interface Wishes {
  readonly version: string
  /** An image, or a tarball of the build context, that has kahi. */
  readonly origin: string | undefined
  readonly machines: readonly MachineName[]
  /** The image to begin with instead. */
  readonly base: string | undefined
}

/** Plans the changes; what cannot be known is an error in the plan. */
export function planDropIn(facts: Facts, wishes: Wishes): { readonly planner: Planner; readonly origin: Origin } {
  const planner = new Planner(facts.build)
  const put = putOf(facts, planner)
  const stage = facts.chain.find(({ steps }) => put.step !== undefined && steps.includes(put.step)) ?? facts.target
  const image = wishes.base ?? facts.image
  checkBase(facts, wishes, planner)
  if (facts.isInherited && facts.daemon !== 's6')
    planner.diagnostics.push({
      severity: 'note',
      message: `No instruction here installs ${facts.daemon}: ${facts.image} or a script brings it, and it stays in the image`,
      place: facts.chain[0]?.head.place,
    })
  const origin: Origin = {
    version: wishes.version,
    named: wishes.origin,
    machines: wishes.machines,
    isMusl: usesMusl(facts, image),
  }
  planner.insert(planner.above(stage.head), [...stageLines(origin), ''], originReason(origin))
  checkNumbers(facts, stage, planner)
  const node = origin.isMusl ? ['RUN apk add --no-cache nodejs'] : []
  const install = put.install === undefined ? [] : [run(['install', ...put.install])]
  const lines = [...node, `COPY --from=${STAGE} ${HOME} ${HOME}`, ...install, ...put.lines]
  const at = put.step?.start ?? endOf(facts)
  const rooted = asRoot(userAt(facts, at), lines)
  if (put.isBehind) planner.append(put.step?.end ?? at, rooted, put.reason)
  else if (put.step === undefined && !isBeforeStart(facts, at)) planner.append(at, rooted, put.reason)
  else planner.insert(at, rooted, put.reason)
  return { planner, origin }
}

/** `RUN` of kahi, in the form that needs no shell. */
export function run(args: readonly string[]): string {
  return `RUN [${[PROGRAM, ...args].map((word) => JSON.stringify(word)).join(', ')}]`
}

function putOf(facts: Facts, planner: Planner): Put {
  if (facts.daemon === 'supervisord') return replaceSupervisor(facts, planner)
  if (facts.daemon === 's6-overlay') return replaceOverlay(facts, planner)
  if (facts.daemon === 'manager') return replaceManager(facts, planner)
  const reason = 'takes the place of s6-svscan'
  return { step: undefined, isBehind: false, install: undefined, lines: [], reason }
}

function replaceSupervisor(facts: Facts, planner: Planner): Put {
  const { installs, conf, start } = facts
  const as = ['--as', 'supervisord']
  const reason = 'supervisord, supervisorctl and their like are kahi'
  const [first] = installs
  if (first === undefined) return { step: undefined, isBehind: false, install: as, lines: [], reason }
  const kept = keptBecause(facts)
  if (kept !== undefined)
    return {
      step: installs.at(-1)?.step,
      isBehind: true,
      install: as,
      lines: [],
      reason: `${reason}; the package stays, because ${kept}`,
    }
  const listsUntil = lastUserOfLists(facts)
  const bySteps = new Map<Step, Install[]>()
  for (const one of installs) bySteps.set(one.step, [...(bySteps.get(one.step) ?? []), one])
  for (const [step, own] of bySteps) {
    const removed = own.map(({ command, words, isAlone }) => (isAlone ? { command } : { command, words }))
    planner.change(
      step,
      removeFrom(facts.build, step, removed, step.start > listsUntil),
      'supervisor is not installed: kahi takes its place',
    )
  }
  const [program = ''] = start.entry?.argv ?? []
  const folder = program.startsWith('/') ? posix.dirname(program) : first.by === 'pip' ? '/usr/local/bin' : '/usr/bin'
  const isDebian = installs.some(({ by }) => by === 'apt')
  const isPackaged = conf !== undefined && conf.known === undefined && conf.path === first.main
  const lines = !isDebian
    ? []
    : isPackaged
      ? debianMain(facts.build.escape)
      : ['RUN mkdir -p /etc/supervisor/conf.d /var/log/supervisor']
  const files =
    lines.length === 0
      ? ''
      : isPackaged
        ? ', with the main file of Debian’s package'
        : ', with the directories of Debian’s package'
  return { step: first.step, isBehind: false, install: [...as, '--dir', folder], lines, reason: `${reason}${files}` }
}

/** Why the package of supervisor stays, as the end of a sentence; undefined when it goes. */
function keptBecause({ installs, conf, chain, files, image }: Facts): string | undefined {
  const own = installs.filter(({ by }) => by !== 'pip')
  const isPackaged = conf === undefined || (conf.known === undefined && own.some(({ main }) => main === conf.path))
  const guest = own.find(({ by }) => by !== 'apt')
  if (guest !== undefined && isPackaged) return `its ${conf?.path ?? 'main file'} may be used`
  const texts =
    conf === undefined
      ? []
      : [
          conf.path,
          ...['/etc/supervisor/conf.d', '/etc/supervisor.d'].flatMap((one) => files.list(one).map(({ path }) => path)),
        ]
  const inside = texts.map((path) => files.find(path)?.text ?? '')
  if (own.length > 0 && usesPython(image, chain, inside)) return 'it brings the Python that the image uses'
  return installs.some(needsPackage) ? 'other packages build on it' : undefined
}

/** superlance and plug-ins import supervisor. */
function needsPackage({ command, words }: Install): boolean {
  return command.words.some(
    (word) =>
      !words.some(({ start }) => start === word.start) &&
      /^(?:superlance|supervisor[-_.]\w|\S+[-_]supervisor)/.test(word.text),
  )
}

/**
 * The offset of the last instruction whose packages come from lists that an earlier one fetches: lists are kept before
 * it.
 */
function lastUserOfLists({ chain }: Facts): number {
  const steps = chain.flatMap((stage) => stage.steps)
  const isUser = ({ commands }: Step): boolean => {
    const words = commands.map((command) => command.words.map(({ text }) => text).join(' '))
    return (
      words.some((text) => /\bapt(?:-get)?\b/.test(text)) &&
      !words.some((text) => /\bapt(?:-get)? .*\bupdate\b/.test(text))
    )
  }
  return steps.findLast(isUser)?.start ?? -1
}

function replaceOverlay(facts: Facts, planner: Planner): Put {
  const first = removeOverlay(facts, planner)
  const { version } = facts.overlay
  const generation = version === undefined || version > 2 || facts.isInherited ? [] : ['--overlay', '2']
  const reason = '/init and the commands of s6-overlay are kahi'
  return {
    step: first?.step,
    isBehind: first?.isBehind ?? false,
    install: ['--as', 's6-overlay', ...generation],
    lines: [],
    reason,
  }
}

function checkBase({ image, chain, target }: Facts, { base }: Wishes, planner: Planner): void {
  const head = chain[0]?.head ?? target.head
  const [word] = head.words
  if (base !== undefined && word !== undefined) {
    planner.change(
      head,
      [{ start: word.start, end: word.end, text: base }],
      `begins with ${base}, as --base-image says`,
    )
    return
  }
  const hint = 'name a newer base image with --base-image IMAGE'
  const ask = (severity: 'error' | 'note', message: string, what = hint): void => {
    planner.diagnostics.push({ severity, message, place: head.place, hint: what })
  }
  const isOld = isOldAlpine(image)
  if (hasNoLibrary(image) && !hasWholeRoot(chain))
    ask(
      'error',
      `${image} has no libraries for Node.js, which needs glibc and libstdc++`,
      'name an image that has them, with --base-image debian:12-slim or --base-image gcr.io/distroless/cc-debian12',
    )
  else if (hasOldLibrary(image)) ask('error', `The C library of ${image} is older than glibc 2.28, which Node.js needs`)
  else if (isOld === true) ask('error', `The Node.js of ${image} is older than 20.19, which kahi needs`)
  else if (isOld === undefined && isMusl(image))
    ask('note', `kahi needs Node.js 20.19: Alpine has it from 3.21 on, and ${image} does not say which Alpine it has`)
}

/** Whether the image is filled with the root directory of another one. */
function hasWholeRoot(chain: Facts['chain']): boolean {
  const steps = chain.flatMap((stage) => stage.steps)
  return steps.some(
    ({ keyword, words, json }) =>
      /^(?:COPY|ADD)$/.test(keyword) && (json ?? words.map(({ text }) => text)).at(-1) === '/',
  )
}

/** Whether the image needs Node.js of its own packages. */
function usesMusl({ chain }: Facts, image: string): boolean {
  const commands = chain.flatMap((stage) => stage.steps).flatMap((step) => step.commands)
  return (
    isMusl(image) || commands.some(({ words }) => words[0]?.text === 'apk' && words.some(({ text }) => text === 'add'))
  )
}

function originReason({ version, named }: Origin): string {
  if (named === undefined) return `version ${version}, from the release in the build context`
  return `from ${named}`
}

function checkNumbers({ build }: Facts, stage: Stage, planner: Planner): void {
  for (const step of numbered(build, stage.index)) {
    const message = `--from=${step.flags.get('from')} counts stages, and a stage is added before that one`
    planner.diagnostics.push({
      severity: 'error',
      message,
      place: step.place,
      hint: 'give the stage a name (FROM IMAGE AS NAME) and use it in --from',
    })
  }
}

/** Where the start of the container is defined in the target stage, or its end. */
function endOf({ target, start }: Facts): number {
  const steps = [start.entrypoint, start.cmd].filter((step) => step !== undefined && target.steps.includes(step))
  const starts = steps.map((step) => step?.start ?? 0)
  return starts.length > 0 ? Math.min(...starts) : (target.steps.at(-1) ?? target.head).end
}

function isBeforeStart({ target }: Facts, at: number): boolean {
  return target.steps.some(({ start }) => start === at)
}

/** Source: Debian's package supervisor 4.2.5-1, /etc/supervisor/supervisord.conf. */
const DEBIAN_MAIN = [
  '[unix_http_server]',
  'file=/var/run/supervisor.sock',
  'chmod=0700',
  '[supervisord]',
  'logfile=/var/log/supervisor/supervisord.log',
  'pidfile=/var/run/supervisord.pid',
  'childlogdir=/var/log/supervisor',
  '[rpcinterface:supervisor]',
  'supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface',
  '[supervisorctl]',
  'serverurl=unix:///var/run/supervisor.sock',
  '[include]',
  'files = /etc/supervisor/conf.d/*.conf',
]

function debianMain(escape: string): readonly string[] {
  const lines = DEBIAN_MAIN.map((line) => `      '${line}' ${escape}`)
  return [
    `RUN mkdir -p /etc/supervisor/conf.d /var/log/supervisor ${escape}`,
    `    && printf '%s\\n' ${escape}`,
    ...lines,
    '      > /etc/supervisor/supervisord.conf',
  ]
}
