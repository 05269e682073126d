// The real supervisorctl, unchanged, cannot tell kahi from supervisord: every command prints the same and ends the same.

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
