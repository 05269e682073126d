// Exports a source: reads it as `kahi migrate` does, makes the files of a target, and gathers all that is lost.

import type { Machine } from '../../config/model/machine.ts'
import type { Diagnostic } from '../../config/model/diagnostic.ts'
import { inherit } from '../../config/resolve/inherit.ts'
import { resolveDocument } from '../../config/resolve/resolve.ts'
import { advise } from '../advice/find.ts'
import type { Given, Source } from '../format.ts'
import { replaceCalls } from './plan/control-calls.ts'
import { makePlan, type Plan } from './plan/plan.ts'
import { proveOutput } from './plan/proof.ts'
import { reportLosses } from './plan/report.ts'
import type { OutputFile, Target, TargetRow } from './plan/target.ts'
import { withoutOverlay } from './plan/scripts.ts'
import { withTomlComments } from './plan/toml-comments.ts'
import { markVariables } from './plan/variables.ts'

/** What the user asked for. */
export interface ExportAsked {
  /** Name of the whole. */
  readonly name: string
  /** Whether advice that is certain is followed. */
  readonly modernize: boolean
  /** Values of the target's options. */
  readonly given: Given
}

/** A result that is not written yet. */
export interface Exported {
  readonly target: Target
  readonly plan: Plan
  readonly given: Given
  readonly files: readonly OutputFile[]
  /** Warnings are losses; notes are none. */
  readonly diagnostics: readonly Diagnostic[]
  /** The files that were read. */
  readonly sources: readonly string[]
}

/** Options of formats with which a source is read for a target. */
export function readingFor({ translates }: TargetRow): Given {
  return translates ? { translate: true, inline: true } : {}
}

/** Exports. Throws ConfigError when the source is invalid. */
export async function exportSource(
  source: Source,
  given: Machine,
  row: TargetRow,
  asked: ExportAsked,
): Promise<Exported> {
  const target = await row.load()
  const { machine } = source.prepare?.(given) ?? { machine: given }
  const conversion = source.convert(machine, { absoluteHere: true })
  const commented = withTomlComments(conversion.document, machine.workingDirectory)
  const document = markVariables(advise(inherit(commented), asked.modernize).document)
  const { config, diagnostics: found } = resolveDocument(document, machine, { assumeImage: true })
  const control = (verb: string, unit: string): string | undefined =>
    target.control(verb, unit, { ...asked.given, name: asked.name })
  const about = { name: asked.name, sources: new Set(conversion.files) }
  const made = makePlan(document, config, about)
  const hasWhole = target.keepsAll?.(asked.given) === true
  const { plan, diagnostics: calls } = replaceCalls(row.translates && !hasWhole ? withoutOverlay(made) : made, control)
  const { files, diagnostics } = await target.write(plan, asked.given)
  const before = [...conversion.diagnostics, ...found].filter(({ severity }) => severity === 'warning')
  return {
    target,
    plan,
    given: asked.given,
    files,
    sources: conversion.files,
    diagnostics: [
      ...before.map((one): Diagnostic => ({ ...one, severity: 'note' })),
      ...(hasWhole ? [] : [...reportLosses(plan, target.says, target.title), ...calls]),
      ...diagnostics,
    ],
  }
}

/** Reads the written files back; an error for every difference. Without a second reader there are none. */
export async function proveFiles(directory: string, { target, plan, given }: Exported): Promise<readonly Diagnostic[]> {
  if (target.readBack === undefined || target.keepsAll?.(given) === true) return []
  return proveOutput(plan, await target.readBack(directory, plan, given))
}
