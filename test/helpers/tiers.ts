// The tiers of tests with their folders below test/. `npm run test:fast` and similar commands run one tier.

/** One tier. */
export interface Tier {
  readonly folders: readonly string[]
  /** Run in each worker before a test file. */
  readonly setupFiles: readonly string[]
  /** Run once before the tier. */
  readonly globalSetup: readonly string[]
}

const BUILT = ['test/helpers/built.ts']

/** Each folder below test/ with test files is in exactly one tier; test/structure/tiers.test.ts checks this. */
export const tiers = {
  /** Starts no process: functions, with a clock and a helper made for tests. */
  fast: {
    folders: ['config', 'control', 'converter', 'docs', 'runtime', 'structure'],
    setupFiles: ['test/helpers/no-processes.ts'],
    globalSetup: [],
  },
  /** Starts our own programs: dist/kahi, the native helper, the benchmark. */
  front: { folders: ['bench', 'cli', 'fuzz', 'image', 'processes'], setupFiles: [], globalSetup: BUILT },
  /** Runs the same on the real tools and on ours: supervisord, s6, execline. */
  peers: { folders: ['compat'], setupFiles: [], globalSetup: BUILT },
  /** Types, form and lint of the sources. */
  gate: { folders: ['gate'], setupFiles: [], globalSetup: [] },
} as const satisfies Readonly<Record<string, Tier>>
