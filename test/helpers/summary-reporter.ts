// Writes the last lines of a test run: the tests that failed, those that passed only at the second attempt, and `N passed,
// N failed, N skipped`. The lines are written when the process ends, after the coverage. A file that cannot run and an error
// outside of tests count as failed.

import type { Reporter, SerializedError, TestCase, TestModule } from 'vitest/node'

/** Counts the tests of a run, and names the tests that did not pass at the first attempt. */
export class SummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly SerializedError[]): void {
    const counts = { passed: 0, failed: errors.length, skipped: 0 }
    const lines = errors.map((error) => `failed: outside of tests: ${firstLine(error)}`)
    for (const module of modules) {
      const tests = [...module.children.allTests()]
      for (const test of tests) {
        const { state } = test.result()
        if (state !== 'pending') counts[state] += 1
        lines.push(...remarks(module, test))
      }
      if (module.state() === 'failed' && !tests.some((test) => test.result().state === 'failed')) {
        counts.failed += 1
        lines.push(`failed: ${module.relativeModuleId}: ${firstLine(module.errors()[0])}`)
      }
    }
    lines.push(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`)
    process.once('exit', () => {
      process.stdout.write(`\n${lines.join('\n')}\n`)
    })
  }
}

function remarks(module: TestModule, test: TestCase): string[] {
  const name = `${module.relativeModuleId}: ${test.fullName}`
  const result = test.result()
  const first = firstLine(result.errors?.[0])
  if (result.state === 'failed') return [`failed: ${name}: ${first}`]
  return test.diagnostic()?.flaky === true ? [`passed at its second attempt: ${name}: ${first}`] : []
}

function firstLine(error: SerializedError | undefined): string {
  return error?.message.split('\n')[0] ?? 'no error was told'
}
