// The differential: every scene of scenes/ is played with the real supervisord and with kahi, and comes to the same.

import { existsSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { kahiPath } from '../../helpers/kahi.ts'
import { play } from './play.ts'
import { scenes } from './scenes/all.ts'

const REAL = '/usr/bin/supervisord'

/** One more try: the real one sometimes sees an end a second late (its pipes close first) and tells another story then. */
const OPTIONS = { timeout: 90_000, retry: 1 }

describe.skipIf(!existsSync(REAL)).for(Object.entries(scenes))('%s (needs Debian’s supervisor)', ([, those]) => {
  for (const scene of those) {
    test.concurrent(scene.about, OPTIONS, async () => {
      const [real, ours] = await Promise.allSettled([play(scene, [REAL]), play(scene, [kahiPath, 'supervisord'])])
      expect(ours).toEqual(real)
      expect(real.status).toBe('fulfilled')
    })
  }
})
