// The real supervisorctl, unchanged, with kahi and with supervisord: every command has the same output and exit code.

import { expect, test } from 'vitest'
import { STEPS } from './commands.ts'
import { isInstalled, runSteps } from './pair.ts'

test.skipIf(!isInstalled)(
  'supervisorctl drives kahi as it drives supervisord (needs supervisor installed)',
  async () => {
    const [real, ours] = await Promise.all([
      runSteps({ daemon: 'supervisord', client: 'supervisorctl' }, STEPS),
      runSteps({ daemon: 'kahi', client: 'supervisorctl' }, STEPS),
    ])
    expect(ours).toEqual(real)
  },
)
