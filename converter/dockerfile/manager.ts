// flush-manager's `manager` in an image: one command, which is restarted when its configuration file changes. Drop-in puts kahi
// under its name; converted runs `kahi run --watch FILE -- COMMAND`, which needs no configuration.

import { posix } from 'node:path'
import { readFlags } from '../manager-flags.ts'
import type { Entry } from './entry.ts'
import type { Facts } from './facts.ts'
import type { Step } from './instructions.ts'
import type { Planner, Put } from './plan.ts'
import { PROGRAM } from './release.ts'
import { removeStep } from './removal.ts'
import { tokenize } from './words.ts'

const NAME = 'manager'
const USUAL = '/usr/local/bin'
const START = 'kahi runs the command and watches its configuration'

/** kahi under the name `manager`; a COPY that brings the original is removed. */
export function replaceManager({ build, chain, start }: Facts, planner: Planner): Put {
  const [program = ''] = start.entry?.argv ?? []
  const folder = program.startsWith('/') ? posix.dirname(program) : USUAL
  const path = posix.join(folder, NAME)
  const copy = chain.flatMap(({ steps }) => steps).find((step) => isCopyTo(step, path))
  if (copy !== undefined) planner.change(copy, [removeStep(build, copy)], 'manager is not copied: kahi takes its place')
  const install = ['--as', NAME, '--dir', folder]
  return {
    step: copy,
    isBehind: false,
    install,
    lines: [],
    reason: 'manager is kahi, with the same options and log lines',
  }
}

function isCopyTo({ keyword, words, json, directory }: Step, path: string): boolean {
  const [from = '', to = '', ...more] = json ?? words.map(({ text }) => text)
  if ((keyword !== 'COPY' && keyword !== 'ADD') || more.length > 0) return false
  return posix.resolve(directory, to.endsWith('/') ? posix.join(to, posix.basename(from)) : to) === path
}

/** The way "converted": `kahi run` in the place of manager. */
export function runInstead({ start, target }: Facts, planner: Planner): void {
  const { entry, entrypoint, cmd } = start
  if (entry === undefined) {
    const place = (cmd ?? entrypoint ?? target.head).place
    const message = 'The command that manager runs is not known'
    const hint = `write ${PROGRAM} run --watch FILE -- COMMAND there, and run kahi migrate again with --as drop-in`
    planner.diagnostics.push({ severity: 'error', message, place, hint })
    return
  }
  planner.diagnostics.push({
    severity: 'note',
    message:
      'kahi run ends with the exit code of the command; manager always ended with 0 when the command had started',
    place: entry.place,
    hint: "kahi run --set 'exit_code=0' ends with 0 too",
  })
  const { written } = entry
  if (written.in === 'script') changeScript(entry, planner)
  else if (written.in === 'json' && written.step === entrypoint && cmd?.json !== undefined && cmd !== entrypoint)
    changeBoth(entry, written.step, cmd, planner)
  else changeStep(entry, planner)
}

function changeScript({ written, place }: Entry, planner: Planner): void {
  if (written.in !== 'script') return
  const { script, start, end } = written
  const { source, text = '' } = script
  if (source === undefined) {
    const message = `${script.path} starts manager, and this instruction writes it`
    const hint = `write ${PROGRAM} run --watch FILE -- COMMAND there, and run kahi migrate again with --as drop-in`
    planner.diagnostics.push({ severity: 'error', message, place, hint })
    return
  }
  const words = tokenize(text, { start, end }, { escape: '\\', isScript: true })
  planner.scripts.push({ file: source, text, edits: [{ start, end, text: inShell(words) }] })
  planner.changes.push({ line: place.line, reason: `${source}: ${START}` })
}

/** ENTRYPOINT keeps what belongs to kahi, and CMD the command: `docker run IMAGE COMMAND` runs another one. */
function changeBoth({ argv, before }: Entry, entrypoint: Step, cmd: Step, planner: Planner): void {
  const words = inPlaceOf(argv)
  const at = words.indexOf('--') + 1
  planner.change(entrypoint, [rewrite(entrypoint, [...before, ...words.slice(0, at)])], START)
  planner.change(cmd, [rewrite(cmd, words.slice(at))], START)
  planner.diagnostics.push({
    severity: 'note',
    message: 'Words behind the name of the image (docker run IMAGE …) are now a command, not options of manager',
    place: cmd.place,
  })
}

function changeStep({ argv, before, written }: Entry, planner: Planner): void {
  if (written.in === 'script') return
  const { step } = written
  if (written.in === 'json') {
    planner.change(step, [rewrite(step, [...before, ...inPlaceOf(argv)])], START)
    return
  }
  const { start, end } = written
  const text = written.in === 'shell' ? planner.text : written.text
  const command = inShell(tokenize(text, { start, end }, { escape: '\\', isScript: true }))
  if (written.in === 'shell') planner.change(step, [{ start, end, text: command }], START)
  else {
    const words = (step.json ?? []).map((word) =>
      word === text ? text.slice(0, start) + command + text.slice(end) : word,
    )
    planner.change(step, [rewrite(step, words)], START)
  }
}

function rewrite({ words, end }: Step, json: readonly string[]) {
  const span = { start: words[0]?.start ?? end, end: words.at(-1)?.end ?? end }
  return { ...span, text: `[${json.map((word) => JSON.stringify(word)).join(', ')}]` }
}

/** Words of a shell keep their quotes and variables. */
function inShell(words: readonly { readonly raw: string }[]): string {
  return inPlaceOf(words.map(({ raw }) => raw)).join(' ')
}

/** The words of `kahi run` that do what those of manager did. */
function inPlaceOf([, ...args]: readonly string[]): readonly string[] {
  const flags = readFlags(args)
  if ('text' in flags) return [PROGRAM, NAME, ...args]
  const watch = /^(?:""|'')?$/.test(flags.config) ? [] : ['--watch', flags.config]
  return [PROGRAM, 'run', ...watch, '--', flags.command, ...flags.args]
}
