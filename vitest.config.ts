// How `npm test` runs: gives all files a folder that is removed at the end, ends with what failed and one line that
// counts. The first folder below test/ says in which tier a test file is.

import { defineConfig } from 'vitest/config'
import { SummaryReporter } from './test/helpers/summary-reporter.ts'
import { tiers } from './test/helpers/tiers.ts'
import { TEST_LIMIT_MS } from './test/helpers/wait.ts'

export default defineConfig({
  test: {
    globalSetup: ['test/helpers/set-up.ts'],
    // Many tests start daemons and wait for them; more at once only makes each of them slower.
    maxWorkers: 2,
    // Tests run beside real daemons and real peers: one failure on a busy machine may say nothing of kahi. The last lines name
    // every test that passed only at its second attempt.
    retry: process.env['CI'] === undefined ? 0 : 1,
    reporters: ['default', new SummaryReporter()],
    projects: Object.entries(tiers).map(([name, { folders, setupFiles, globalSetup }]) => ({
      extends: true,
      test: {
        name,
        include: folders.map((folder) => `test/${folder}/**/*.test.ts`),
        setupFiles: [...setupFiles],
        globalSetup: [...globalSetup],
        testTimeout: TEST_LIMIT_MS,
        hookTimeout: TEST_LIMIT_MS,
      },
    })),
    coverage: {
      provider: 'v8',
      include: ['config/**/*.ts', 'converter/**/*.ts', 'runtime/**/*.ts', 'cli/**/*.ts'],
      reporter: ['text-summary'],
      reportOnFailure: true,
    },
  },
})
