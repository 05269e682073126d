// The way "converted": as drop-in, and a stage converts the files to one kahi.toml, which `kahi daemon` runs.

import { posix } from 'node:path'
import type { Entry } from './entry.ts'
import type { Facts } from './facts.ts'
import type { Step } from './instructions.ts'
import { planDropIn, run, type Wishes } from './drop-in.ts'
import { runInstead } from './manager.ts'
import { type Planner, userAt } from './plan.ts'
import { CONFIG, PROGRAM } from './release.ts'
import { removeStep } from './removal.ts'

const DAEMON = [PROGRAM, 'daemon', '-c', CONFIG]
const START = 'kahi runs the converted configuration'

/** Plans the changes; what cannot be known is an error in the plan. */
export function planConverted(facts: Facts, wishes: Wishes): ReturnType<typeof planDropIn> {
  const { planner, origin } = planDropIn(facts, wishes)
  if (facts.daemon === 'manager') {
    runInstead(facts, planner)
    return { planner, origin }
  }
  const command = startDaemon(facts, planner)
  const migrate = migration(facts, command, planner)
  changeHealth(facts, planner)
  if (migrate !== undefined) addStages(facts, migrate, planner)
  return { planner, origin }
}

/** Changes what the container runs. Gives the command of the container, which ran beside the services of s6-overlay. */
function startDaemon(facts: Facts, planner: Planner): readonly string[] {
  const { start, build } = facts
  const { entry, cmd } = start
  if (entry === undefined) {
    startUnknown(facts, planner)
    return []
  }
  const { step, edit } = rewritten(entry, planner)
  if (step !== undefined && edit !== undefined) planner.change(step, [edit], START)
  const isFollowed = step !== undefined && step === start.entrypoint && cmd !== undefined && cmd !== step
  if (isFollowed && cmd.keyword === 'CMD')
    planner.change(
      cmd,
      [removeStep(build, cmd)],
      entry.daemon === 'supervisord'
        ? 'the options of supervisord are in the configuration'
        : 'the command of the container is in the configuration',
    )
  warnAboutOptions(entry, planner)
  return isFollowed && entry.daemon === 's6-overlay' ? wordsOf(cmd) : []
}

function wordsOf(step: Step): readonly string[] {
  return step.json ?? (step.words.length === 0 ? [] : ['/bin/sh', '-c', step.words.map(({ raw }) => raw).join(' ')])
}

function rewritten(entry: Entry, planner: Planner) {
  const { written, before } = entry
  const command = DAEMON.join(' ')
  if (written.in === 'script') {
    const { script, start, end } = written
    const { source, text = '' } = script
    if (source === undefined)
      planner.diagnostics.push({
        severity: 'error',
        message: `${script.path} starts the daemon, and this instruction writes it`,
        place: entry.place,
        hint: `write ${command} there, and run kahi migrate again with --as drop-in`,
      })
    else planner.scripts.push({ file: source, text, edits: [{ start, end, text: command }] })
    if (source !== undefined) planner.changes.push({ line: entry.place.line, reason: `${source}: ${START}` })
    return { step: undefined, edit: undefined }
  }
  const { step } = written
  if (written.in === 'shell') return { step, edit: { start: written.start, end: written.end, text: command } }
  const words =
    written.in === 'json'
      ? [...before, ...DAEMON]
      : (step.json ?? []).map((word) =>
          word === written.text ? word.slice(0, written.start) + command + word.slice(written.end) : word,
        )
  const [start, end] = [step.words[0]?.start ?? step.end, step.words.at(-1)?.end ?? step.end]
  return { step, edit: { start, end, text: `[${words.map((word) => JSON.stringify(word)).join(', ')}]` } }
}

function startUnknown({ start, isInherited, target, daemon }: Facts, planner: Planner): void {
  const { unknown } = start
  if (unknown !== undefined) {
    planner.diagnostics.push({
      severity: 'error',
      message: `What ${unknown.path} runs is not known`,
      place: unknown.place,
      hint: `name the folder that has it with --context DIR; it has to end with: exec ${DAEMON.join(' ')}`,
    })
    return
  }
  if (!isInherited || daemon === 's6') return
  const last = target.steps.at(-1) ?? target.head
  const keyword = daemon === 's6-overlay' ? 'ENTRYPOINT' : 'CMD'
  planner.append(last.end, [`${keyword} [${DAEMON.map((word) => JSON.stringify(word)).join(', ')}]`], START)
}

/** Options that a configuration has keys for. Source: supervisor 4.2.5, supervisord --help. */
function warnAboutOptions({ daemon, argv, place }: Entry, planner: Planner): void {
  if (daemon !== 'supervisord') return
  const rest = argv
    .slice(1)
    .filter(
      (word, index, all) =>
        !/^(?:-[ns]*n?|--nodaemon|-[ns]*c.*|--configuration.*|--silent)$/.test(word) &&
        !/^(?:-[ns]*c|--configuration)$/.test(all[index - 1] ?? ''),
    )
  if (rest.length === 0) return
  planner.diagnostics.push({
    severity: 'warning',
    message: `Options of supervisord are left out: ${rest.join(' ')}`,
    place,
    hint: 'kahi.toml has a key for each in [supervisor]: kahi keys',
  })
}

/** The arguments of `kahi migrate`; undefined when they cannot be known. */
function migration(facts: Facts, command: readonly string[], planner: Planner): readonly string[] | undefined {
  const { daemon, conf, start, target } = facts
  const out = ['-o', CONFIG]
  if (daemon === 's6')
    return [
      'migrate',
      start.entry?.argv.slice(1).find((word) => !word.startsWith('-')) ?? '/service',
      '--format',
      's6',
      ...out,
    ]
  if (daemon === 's6-overlay') {
    planner.diagnostics.push({
      severity: 'note',
      message:
        'A command after the name of the image (docker run IMAGE COMMAND) is no longer run beside the services: kahi daemon takes none',
      place: (start.entrypoint ?? target.head).place,
    })
    return [
      'migrate',
      '/',
      '--format',
      's6-overlay',
      ...(command.length === 0 ? [] : ['--command', JSON.stringify(command)]),
      ...out,
    ]
  }
  if (conf !== undefined) return ['migrate', conf.path, ...out]
  planner.diagnostics.push({
    severity: 'error',
    message: 'The configuration that supervisord reads is not known',
    place: (start.cmd ?? start.entrypoint ?? target.head).place,
    hint: 'name its path in the image with --conf PATH',
  })
  return undefined
}

function addStages(facts: Facts, migrate: readonly string[], planner: Planner): void {
  const { target } = facts
  const [image, , name] = target.head.words
  if (image === undefined) return
  const before = `${target.name ?? 'image'}-before-kahi`
  const edit =
    name === undefined
      ? { start: image.end, end: image.end, text: ` AS ${before}` }
      : { start: name.start, end: name.end, text: before }
  planner.change(target.head, [edit], 'the image without its converted configuration')
  const last = target.steps.at(-1) ?? target.head
  const root = userAt(facts, Infinity) === undefined ? [] : ['USER root']
  const lines = [
    `FROM ${before} AS kahi-config`,
    ...root,
    run(migrate),
    '',
    `FROM ${before}${target.name === undefined ? '' : ` AS ${target.name}`}`,
    `COPY --from=kahi-config ${CONFIG} ${CONFIG}`,
  ]
  planner.append(
    last.end,
    lines,
    'converts the configuration; docker build --target kahi-config --output DIR shows the result',
    true,
  )
}

/** A check by supervisorctl or s6-svstat alone becomes one by kahi, which looks at readiness. */
function changeHealth({ health, conf, daemon, installs }: Facts, planner: Planner): void {
  const check = [PROGRAM, 'healthcheck', ...(daemon === 'supervisord' ? socketOf(conf, installs) : [])]
  for (const command of health?.commands ?? []) {
    const isPiped = [command.joint, command.next].some((sign) => sign?.raw === '|')
    const names = isPiped ? undefined : namesChecked(command.words.map(({ text }) => text))
    if (health === undefined || names === undefined) continue
    const text = [...check, ...names].join(' ')
    planner.change(
      health,
      [{ start: command.start, end: command.words.at(-1)?.end ?? command.end, text }],
      'kahi healthcheck looks at readiness',
    )
  }
  const names = health?.json === undefined ? undefined : namesChecked(health.json)
  if (health === undefined || names === undefined) return
  const [start, end] = [health.words[0]?.start ?? health.end, health.words.at(-1)?.end ?? health.end]
  const text = `[${[...check, ...names].map((word) => JSON.stringify(word)).join(', ')}]`
  planner.change(health, [{ start, end, text }], 'kahi healthcheck looks at readiness')
}

function namesChecked([program = '', first, ...rest]: readonly string[]): readonly string[] | undefined {
  const name = posix.basename(program)
  if (name === 'supervisorctl' && first === 'status') return rest.filter((word) => word !== 'all')
  if (name !== 's6-svstat' || first === undefined || rest.length > 0) return undefined
  return [posix.basename(first)]
}

/**
 * The option that says where the daemon listens: the socket of [unix_http_server], or the configuration that names it,
 * which is slower. s6-overlay has no socket of its own, so kahi listens on its default one.
 */
function socketOf(conf: Facts['conf'], installs: Facts['installs']): readonly string[] {
  const isDebian = conf?.known === undefined && installs.some(({ by }) => by === 'apt')
  const section = /^\[unix_http_server\][^\n]*\n((?:(?!\[).*\n?)*)/m.exec(conf?.known?.text ?? '')?.[1] ?? ''
  const named = /^file\s*[=:]\s*([^\s;%]+)/m.exec(section)?.[1]
  const socket = isDebian ? '/var/run/supervisor.sock' : named
  return socket === undefined ? ['-c', CONFIG] : ['-s', socket]
}
