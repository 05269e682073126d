// Converting trees of s6-rc and images of s6-overlay, execline scripts included.

import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import fc, { type Arbitrary } from 'fast-check'
import { thisMachine } from '../../runtime/system/users.ts'
import { checkConversion } from '../conversions.ts'
import { mutated } from '../mutate.ts'
import { seedTrees, type Tree } from '../seeds.ts'
import { type Target, target } from '../target.ts'

const WORDS = [
  'longrun',
  'oneshot',
  'bundle',
  '#!/command/execlineb -P',
  '#!/command/with-contenv sh',
  'foreground { echo a }',
  'if -t { test -f x }',
  'importas -D d V V',
  's6-setuidgid nobody',
  'fdmove -c 2 1',
  'redirfd -w 1 file',
  'ifelse { a } { b } c',
  'exec s6-log n3 s100 /log',
  '${V}',
  '$@',
  '3',
  '-1',
  '/data true daemon:daemon 0640 0750',
]
const NAMES = [
  'type',
  'run',
  'up',
  'down',
  'finish',
  'dependencies',
  'contents',
  'notification-fd',
  'timeout-up',
  'env/A',
]

/** Mutated fixtures of s6-rc. */
export const s6Rc = treeTarget('s6-rc', 'kahi migrate on a tree of s6-rc', 'fixtures/s6-rc')

/** Mutated fixtures of s6-overlay. */
export const s6Overlay = treeTarget('s6-overlay', 'kahi migrate on an image of s6-overlay', 'fixtures/s6-overlay')

function treeTarget(name: string, about: string, fixtures: string): Target<unknown> {
  return target<Tree>({
    name,
    about,
    inputs: (root) => mutatedTree(seedTrees(root, fixtures)),
    async open({ folder }) {
      const base = join(folder, name)
      const machine = thisMachine()
      return {
        async check(tree) {
          layOutTree(base, tree)
          return checkConversion(base, machine, name)
        },
        close: async () => {},
      }
    },
  })
}

/** A tree in which one file has another text, one is missing, and one is new. */
function mutatedTree(trees: readonly Tree[]): Arbitrary<Tree> {
  return fc.constantFrom(...trees).chain((tree) => {
    const folders = [...new Set(tree.map(([path]) => dirname(path)))]
    const texts = tree.map(([, text]) => text)
    const added = fc.tuple(fc.constantFrom(...folders), fc.constantFrom(...NAMES), mutated(texts, WORDS))
    const changed = fc.tuple(fc.nat(tree.length - 1), mutated(texts, WORDS))
    return fc
      .tuple(fc.array(changed, { maxLength: 2 }), fc.option(fc.nat(tree.length - 1)), fc.option(added))
      .map(([changes, gone, more]) => {
        const files = new Map(tree)
        for (const [index, text] of changes) files.set(tree[index]?.[0] ?? '', text)
        if (gone !== null) files.delete(tree[gone]?.[0] ?? '')
        if (more !== null) files.set(join(more[0], more[1]), more[2])
        return [...files].filter(([path]) => path !== '')
      })
  })
}

function layOutTree(base: string, tree: Tree): void {
  rmSync(base, { recursive: true, force: true })
  mkdirSync(base)
  for (const [path, text] of tree) {
    const file = join(base, path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text, { mode: 0o755 })
  }
}
