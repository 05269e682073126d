// The golden cases of supervisord: a folder each, with its input.

import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './kahi.ts'

/** A case and its main file. */
interface Fixture {
  readonly name: string
  readonly file: string
}

/** All cases below fixtures/supervisord: `input` is a directory with a supervisord.conf, or a file `input.conf`. */
export function supervisordFixtures(): readonly Fixture[] {
  const folder = join(root, 'fixtures/supervisord')
  return readdirSync(folder).map((name) => {
    const alone = join(folder, name, 'input.conf')
    return { name, file: existsSync(alone) ? alone : join(folder, name, 'input/supervisord.conf') }
  })
}
