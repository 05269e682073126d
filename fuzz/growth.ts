// Measures how the work of each reader of foreign input grows. Each input is doubled until the reader takes long or the input is
// large. A reader whose time doubles with its input has the exponent 1. A reader that compares all parts with each other has 2.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Case } from './growth/case.ts'
import { dockerfileCases } from './growth/dockerfile.ts'
import { supervisordCases } from './growth/supervisord.ts'
import { textCases } from './growth/texts.ts'
import { tomlCases } from './growth/toml.ts'
import { treeCases } from './growth/trees.ts'

const cases = [...supervisordCases, ...treeCases, ...tomlCases, ...dockerfileCases, ...textCases]
const LONG_MS = 2000
const MOST_CHARACTERS = 4_000_000
/** A measurement below this time is not exact enough. */
const LEAST_MS = 60

/** Measures all cases, or the cases whose names contain one of the words. Gives 1 if an exponent is above 1.5. */
export async function main(words: readonly string[]): Promise<number> {
  const chosen = cases.filter(({ name }) => words.length === 0 || words.some((word) => name.includes(word)))
  let bad = 0
  for (const one of chosen) {
    const line = await measure(one)
    process.stdout.write(`${line.text}\n`)
    if (line.exponent > 1.5) bad += 1
  }
  process.stdout.write(`${chosen.length} measured, ${bad} grow faster than their input\n`)
  return bad === 0 ? 0 : 1
}

async function measure({
  name,
  first,
  input,
  read,
}: Case): Promise<{ readonly text: string; readonly exponent: number }> {
  const times: { readonly size: number; readonly ms: number }[] = []
  let outcome = ''
  for (let count = first; ; count *= 2) {
    const folder = mkdtempSync(join(tmpdir(), 'kahi-growth-'))
    try {
      const files = input(count)
      const size = files.reduce((sum, [, text]) => sum + text.length, 0)
      if (size > MOST_CHARACTERS) break
      for (const [path, text] of files) {
        mkdirSync(dirname(join(folder, path)), { recursive: true })
        writeFileSync(join(folder, path), text)
      }
      const begun = process.cpuUsage()
      outcome = await outcomeOf(() => read(join(folder, files[0]?.[0] ?? ''), files[0]?.[1] ?? '', folder))
      const { user, system } = process.cpuUsage(begun)
      times.push({ size, ms: (user + system) / 1000 })
    } finally {
      rmSync(folder, { recursive: true })
    }
    if ((times.at(-1)?.ms ?? 0) > LONG_MS) break
  }
  const last = times.at(-1) ?? { size: 0, ms: 0 }
  const before = times.at(-3) ?? times[0] ?? last
  const grown = Math.log(last.ms / Math.max(1, before.ms)) / Math.log(last.size / Math.max(1, before.size))
  const exponent = last.ms < LEAST_MS || !Number.isFinite(grown) ? 0 : grown
  const mark = exponent > 1.5 ? '  <<<' : ''
  const figures = `${(last.size / 1000).toFixed(0).padStart(6)} KB ${last.ms.toFixed(0).padStart(6)} ms  ^${exponent.toFixed(2)}`
  return { text: `${name.padEnd(44)}${figures}  ${outcome.slice(0, 70)}${mark}`, exponent }
}

async function outcomeOf(work: () => unknown): Promise<string> {
  try {
    await work()
    return 'accepted'
  } catch (error) {
    return error instanceof Error
      ? (error.message.split('\n')[0]?.replace(/^.*?(?:error|warning): /, '') ?? '')
      : 'refused'
  }
}
