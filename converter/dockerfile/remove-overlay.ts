// Takes the installation of s6-overlay out of the stages that an image is made of.

import type { Facts } from './facts.ts'
import type { Stage, Step } from './instructions.ts'
import type { OverlayPart } from './overlay.ts'
import type { Planner } from './plan.ts'
import { installingOf } from './programs.ts'
import { removeFrom, removeStep } from './removal.ts'

const REASON = 's6-overlay is not installed: kahi takes its place'

/**
 * Plans it. Gives the first instruction of the target's own stages that is concerned, and whether the files of the image
 * are there only behind it; undefined when there is none.
 */
export function removeOverlay(
  facts: Facts,
  planner: Planner,
): { readonly step: Step; readonly isBehind: boolean } | undefined {
  const { overlay, chain, build } = facts
  const stages = new Set(overlay.parts.map(({ stage }) => stage))
  const idle = [...stages].filter((stage) => !chain.includes(stage) && isOverlayOnly(facts, stage))
  const parts = overlay.parts.filter(({ stage }) => !idle.includes(stage))
  const touched: Step[] = []
  for (const step of new Set(parts.map((part) => part.step))) {
    planner.change(step, editsOf(facts, parts, step), REASON)
    touched.push(step)
  }
  const copies = build.stages.flatMap(({ steps }) => steps.filter((step) => isCopyOf(step, [...stages])))
  for (const step of copies) {
    if (isCopyOf(step, idle)) planner.change(step, [removeStep(build, step)], REASON)
    touched.push(step)
  }
  const own = chain.flatMap((stage) => stage.steps)
  const first = own.find((step) => touched.includes(step))
  return first && { step: first, isBehind: copies.includes(first) && !isCopyOf(first, idle) }
}

function editsOf({ build }: Facts, parts: readonly OverlayPart[], step: Step) {
  const own = parts.filter((part) => part.step === step)
  const removed = own.flatMap(({ command, words }) => (command === undefined ? [] : [{ command, words }]))
  return removed.length === 0 ? [removeStep(build, step)] : removeFrom(build, step, removed, true)
}

function isCopyOf({ keyword, flags }: Step, stages: readonly Stage[]): boolean {
  const from = flags.get('from')
  return (
    keyword === 'COPY' &&
    stages.some(({ name, index }) => from !== undefined && (from.toLowerCase() === name || from === String(index)))
  )
}

/** Whether a stage does nothing but fetch s6-overlay. */
function isOverlayOnly(facts: Facts, stage: Stage): boolean {
  const parts = facts.overlay.parts.filter((part) => part.stage === stage)
  return stage.steps.every((step) => {
    if (/^(?:ARG|ENV|WORKDIR|SHELL|LABEL|USER|MAINTAINER)$/.test(step.keyword)) return true
    const own = parts.filter((part) => part.step === step)
    if (own.some(({ command }) => command === undefined)) return true
    if (step.keyword !== 'RUN') return false
    const removed = own.flatMap(({ command, words }) => (command === undefined ? [] : [{ command, words }]))
    const tools = step.commands.filter(
      (command) => installingOf(command) !== undefined || /^mkdir$/.test(command.words[0]?.text ?? ''),
    )
    const edits = removeFrom(facts.build, step, [...removed, ...tools.map((command) => ({ command }))], true)
    return edits.length === 1 && edits[0]?.text === '' && edits[0].start <= step.start && edits[0].end >= step.end
  })
}
