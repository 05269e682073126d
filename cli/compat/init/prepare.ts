// What is done once before the files of an image are read: directories in /run, the container's variables, the hook.
// Source: s6-overlay 3.2.3.2, preinit, stage0 and the first part of rc.init; v1.21, init-stage1.

import type { Image } from '../../../converter/s6-overlay/image.ts'
import { endsInNewline, placesOf } from '../../../converter/s6-overlay/places.ts'
import { readVariables } from '../../../converter/s6-overlay/variables.ts'
import { keptEnvironment, writeEnvironment } from '../../../runtime/daemon/environment-directory.ts'
import { runAttached } from '../../../runtime/system/run-program.ts'
import { EXIT } from '../../exit-codes.ts'
import { preparePlaces, refusalOfRun } from './places.ts'
import { signalTable } from './signals.ts'

/**
 * Prepares the image; `directory` is where the command will run. Gives an exit code when the hook fails and that is
 * fatal.
 */
export async function prepareImage(image: Image, directory: string): Promise<number | undefined> {
  const refusal = refusalOfRun(image.generation)
  const troubles =
    refusal === undefined ? preparePlaces(image.generation, directory, signalTable(process.env, image)) : [refusal]
  const unwritten = refusal === undefined ? writeVariables(image, directory) : ''
  if (unwritten !== undefined) Object.assign(process.env, keptEnvironment({}))
  for (const trouble of [...troubles, unwritten]) if (trouble) process.stderr.write(`kahi: warning: ${trouble}\n`)
  return runHook(image)
}

/** Done before the hook, which may change the variables. Gives the reason when they could not be written. */
function writeVariables(image: Image, directory: string): string | undefined {
  if (keepsEnvironment(image)) return undefined
  const environment_newline = endsInNewline(image)
  const ofInit = image.generation === 3 ? {} : { CWD: directory }
  return writeEnvironment({ ...process.env, ...ofInit }, { ...placesOf(image), environment_newline })
}

/** The hook has the same variables as programs. */
async function runHook(image: Image): Promise<number | undefined> {
  const words = (process.env.S6_STAGE2_HOOK ?? '').split(/[ \t\n]+/).filter((word) => word !== '')
  if (words.length === 0) return undefined
  const code = await runAttached(words, keepsEnvironment(image) ? process.env : { PATH: process.env.PATH })
  if (code === 0) return undefined
  process.stderr.write(`kahi: warning: the hook ${words.join(' ')} ended with ${code}\n`)
  const isFatal = Number(process.env.S6_BEHAVIOUR_IF_STAGE2_FAILS ?? 0) >= 2
  return isFatal ? (image.generation === 3 ? code : EXIT.no) : undefined
}

function keepsEnvironment(image: Image): boolean {
  return readVariables(process.env, image).keepsEnvironment
}
