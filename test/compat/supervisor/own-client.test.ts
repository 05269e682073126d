// kahi's supervisorctl with the real supervisord: its output and exit codes are those of the real supervisorctl.

import { expect, test } from 'vitest'
import { STEPS } from './commands.ts'
import { isInstalled, runSteps } from './pair.ts'

test.skipIf(!isInstalled)(
  'kahi supervisorctl drives supervisord as supervisorctl drives it (needs supervisor installed)',
  async () => {
    const [real, mixed] = await Promise.all([
      runSteps({ daemon: 'supervisord', client: 'supervisorctl' }, STEPS),
      runSteps({ daemon: 'supervisord', client: 'kahi' }, STEPS),
    ])
    expect(mixed).toEqual(real)
  },
)
