// Runs tables of tests with every parent of services: the native helper as shipped, the native helper built with sanitizers,
// and the fallback.

import { chmodSync } from 'node:fs'

import { afterAll, afterEach, beforeEach, describe } from 'vitest'

import { buildHelpers } from '../../helpers/build-native.ts'
import { type Harness, open, temporaryDirectory } from './helpers.ts'

process.env.ASAN_OPTIONS = 'detect_leaks=0'
const directory = temporaryDirectory()
const { native, sanitized } = buildHelpers(directory.path)
afterAll(() => directory.remove())
chmodSync(directory.path, 0o755)

export const isRoot = process.getuid?.() === 0
export const nobody = { uid: 65534, gid: 65534, groups: [65534, 12, 34] }

const shims = [
  { name: 'native', path: native, isNative: true, missing: native === undefined },
  { name: 'native, sanitized', path: sanitized, isNative: true, missing: sanitized === undefined },
  { name: 'fallback', path: undefined, isNative: false, missing: false },
]
if (native === undefined) console.warn('no C compiler: the native helper is not tested')
if (sanitized === undefined) console.warn('no sanitizers: the native helper is not tested with them')
if (!isRoot) console.warn('not root: users and groups are not tested')

/** One parent of services, with a harness that is new for each test. */
export interface ShimUnderTest {
  readonly isNative: boolean
  /** A directory for the tests of the file. */
  readonly directory: string
  readonly harness: Harness
  /** Another harness with the native helper. */
  another(): Promise<Harness>
}

/** Defines the tests for each parent of services. `harness` exists while a test runs. */
export function everyShim(tests: (shim: ShimUnderTest) => void): void {
  describe.each(shims.filter((shim) => !shim.missing))('$name', ({ path, isNative }) => {
    let harness: Harness
    beforeEach(async () => {
      harness = await open(path)
    })
    afterEach(() => harness.close())
    tests({
      isNative,
      directory: directory.path,
      get harness() {
        return harness
      },
      another: () => open(native),
    })
  })
}
