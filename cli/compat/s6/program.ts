// What the programs of s6 have in common: short options can be combined and end at the first word that is none,
// messages begin with the program's name, and scripts know their exit codes.

import { ConfigError } from '../../../config/model/diagnostic.ts'
import { type Client, openClient, Refused, Unreachable } from '../../ctl/client.ts'
import { findTarget } from '../../ctl/target.ts'

/** Exit codes. Source: s6-rc 0.5.4.1, s6-rc and s6-rc-db. */
export const CODES = { failed: 1, timeout: 2, unknown: 3, invalid: 4, wrongType: 5, usage: 100, system: 111 } as const

/** Ends the program with a message on stderr: `s6-rc: fatal: …`. */
export class Fatal extends Error {
  readonly code: number

  constructor(code: number, message: string) {
    super(message)
    this.code = code
  }
}

/** Invalid arguments. */
export class Usage extends Error {}

/** What was typed: the options in order, and the words after them. */
export interface Words {
  readonly options: readonly { readonly letter: string; readonly value: string }[]
  readonly words: readonly string[]
}

/** Parses options; in `letters` a colon follows each option that takes a value. Throws Usage. */
export function readWords(argv: readonly string[], letters: string): Words {
  const options: { letter: string; value: string }[] = []
  const words = [...argv]
  while (words[0]?.startsWith('-') === true && words[0] !== '-') {
    const bunch = words.shift() ?? ''
    if (bunch === '--') break
    for (let index = 1; index < bunch.length; index += 1) {
      const letter = bunch.charAt(index)
      const place = letter === ':' ? -1 : letters.indexOf(letter)
      if (place === -1) throw new Usage()
      if (letters[place + 1] !== ':') {
        options.push({ letter, value: '' })
        continue
      }
      const value = bunch.slice(index + 1) || words.shift()
      if (value === undefined) throw new Usage()
      options.push({ letter, value })
      break
    }
  }
  return { options, words }
}

/** A whole number without sign, as s6 requires. Throws Usage. */
export function readNumber(text: string): number {
  if (!/^\d{1,10}$/.test(text) || Number(text) > 0xffffffff) throw new Usage()
  return Number(text)
}

/** Runs a program that asks the daemon. Gives its exit code. */
export async function runProgram(
  name: string,
  usage: string,
  run: (daemon: () => Promise<Client>) => Promise<number>,
): Promise<number> {
  const say = (text: string): void => void process.stderr.write(`${name}: ${text}\n`)
  try {
    return await run(async () => openClient(await findTarget({})))
  } catch (error) {
    if (error instanceof Usage) {
      say(`usage: ${usage}`)
      return CODES.usage
    }
    if (error instanceof ConfigError) say(`fatal: ${error.diagnostics[0]?.message ?? error.message}`)
    else if (error instanceof Unreachable) say(`fatal: unable to reach the kahi daemon: ${error.code}`)
    else if (error instanceof Refused) say(`fatal: ${error.message}`)
    else if (error instanceof Fatal) say(`fatal: ${error.message}`)
    else throw error
    return error instanceof Fatal ? error.code : CODES.system
  }
}
