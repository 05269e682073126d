// Reading a kahi.toml, and writing it again.

import { isDeepStrictEqual } from 'node:util'
import { resolveDocument } from '../../config/resolve/resolve.ts'
import { readConfig, readDocument } from '../../config/toml/read.ts'
import { layOut } from '../../config/toml/write.ts'
import { thisMachine } from '../../runtime/system/users.ts'
import { refusal } from '../conversions.ts'
import { mutated } from '../mutate.ts'
import { seedTexts } from '../seeds.ts'
import { target } from '../target.ts'

const WORDS = [
  '[programs.a]',
  '[programs."a.b"]',
  '[oneshots.o]',
  '[bundles.b]',
  '[groups.g]',
  '[[server.http]]',
  '[server.unix]',
  '[event_listeners.e]',
  '[programs.a.ready]',
  'depends_on = ["a", "b"]',
  'command = ["x", "y"]',
  'ready = { tcp = "127.0.0.1:1" }',
  'a.b.c.d.e.f = 1',
  "environment = { A = '1' }",
  'restart = { delay = 1 }',
  'x = 1979-05-27T07:32:00Z',
  'numprocs = 1e9',
  'limits = { nofile = "1:2" }',
  '"""',
  "'''",
]
const FILE = 'kahi.toml'

/** Mutated results of the fixtures. */
export const toml = target<string>({
  name: 'toml',
  about: 'kahi check on a kahi.toml; what it accepts is written and read again',
  inputs: (root) => mutated(seedTexts(root, 'fixtures', /\.toml$/), WORDS),
  async open() {
    const machine = thisMachine()
    return {
      async check(text) {
        try {
          const { config } = readConfig(text, FILE, machine)
          const written = layOut({ ...readDocument(text, FILE, machine), header: [] }).text
          const again = resolveDocument(readDocument(written, FILE, machine), machine).config
          if (!isDeepStrictEqual(again, config)) throw new Error('written and read again, it is another configuration')
          return 'accepted'
        } catch (error) {
          return refusal(error)
        }
      },
      close: async () => {},
    }
  },
})
