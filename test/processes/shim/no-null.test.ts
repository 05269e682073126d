// A helper that cannot open /dev/null names this file in its message, because the error of the system names no file.

import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { hasHelper, root, scratch } from '../../helpers/kahi.ts'

const hasMounts = spawnSync('unshare', ['--mount', 'true']).status === 0

test.skipIf(!hasHelper || !hasMounts).each([['parent', '/bin/true'], ['child']])(
  'the message names /dev/null in mode %s (needs root and the native helper)',
  (...mode) => {
    const file = join(scratch(), 'null')
    writeFileSync(file, '', { mode: 0o600 })
    const script = 'mount --bind "$0" /dev/null; exec setpriv --reuid=65534 --regid=65534 --clear-groups "$@"'
    const helper = join(root, 'dist/kahi-shim')
    const { status, stderr } = spawnSync('unshare', ['--mount', 'sh', '-c', script, file, helper, ...mode], {
      stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
    })
    expect([status, String(stderr)]).toEqual([2, 'kahi-shim: cannot open /dev/null: Permission denied\n'])
  },
)
