// The differential test: every scene of scenes/ runs under the real supervisord and under kahi, with the same results.

import { existsSync } from 'node:fs'
import { expect, test, vi } from 'vitest'
import { kahiPath } from '../../helpers/kahi.ts'
import { play } from './play.ts'
import { scenes } from './scenes/all.ts'

const REAL = '/usr/bin/supervisord'

/** The real supervisord sometimes sees the end of a process a second late (its pipes close first); its events then differ. */
const OPTIONS = { retry: 1 }

// Nearly all of the time is spent waiting for the second in which the real one acts.
vi.setConfig({ maxConcurrency: 8 })

for (const { theme, scene } of scenes) {
  test
    .skipIf(!existsSync(REAL))
    .concurrent(`${theme}: ${scene.about} (needs supervisor installed)`, OPTIONS, async () => {
      const [real, ours] = await Promise.allSettled([play(scene, [REAL]), play(scene, [kahiPath, 'supervisord'])])
      expect(real.status).toBe('fulfilled')
      if (scene.differs === undefined) expect(ours).toEqual(real)
      else expect(ours, 'no longer differs').not.toEqual(real)
    })
}
