// How `npm test` runs: builds dist/ when it is old, gives all files a folder that is removed at the end, measures coverage,
// ends with what failed and one line that says how it went.

import { defineConfig } from 'vitest/config'
import { SummaryReporter } from './test/helpers/summary-reporter.ts'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/helpers/set-up.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Many tests start daemons and wait for them; more at once only makes each of them slower.
    maxWorkers: 2,
    // Tests wait for real daemons and real peers: on a busy machine a time-out may say nothing of kahi. What passed only
    // at its second attempt is named at the end.
    retry: process.env['CI'] === undefined ? 0 : 1,
    reporters: ['default', new SummaryReporter()],
    coverage: {
      provider: 'v8',
      include: ['config/**/*.ts', 'converter/**/*.ts', 'runtime/**/*.ts', 'cli/**/*.ts'],
      reporter: ['text-summary'],
      reportOnFailure: true,
    },
  },
})
