// Whole images whose first process is supervisord. They run under Debian's supervisord, under kahi in its place, and under
// `kahi daemon` with the TOML of `kahi migrate`. The output and the states must be the same.

import { describe, expect, test } from 'vitest'
import { bootImage } from '../../helpers/image.ts'
import { hasPrograms, LAID, live, type Lived, realImage } from '../../helpers/real-images.ts'
import { supervisordImages, type SupervisordImage } from './supervisord-images.ts'

const ENV = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  HOME: '/root',
  APP_ENV: 'production',
}

interface Way {
  readonly entry: string
  readonly command: (conf: string) => readonly string[]
  readonly prepare: (conf: string) => string
}

const REAL: Way = { entry: '/usr/bin/supervisord', command: (conf) => ['-n', '-c', conf], prepare: () => ':' }

const WAYS: Readonly<Record<string, Way>> = {
  'kahi as supervisord': { ...REAL, prepare: () => '/kahi/kahi install --as supervisord >/install.log' },
  'kahi daemon on the TOML': {
    entry: '/kahi/kahi',
    command: () => ['daemon', '-c', '/kahi.toml'],
    prepare: (conf) => `/kahi/kahi migrate ${conf} -o /kahi.toml 2>/kahi.report || { cat /kahi.report; exit 1; }`,
  },
}

function play(image: SupervisordImage, layers: readonly string[], way: Way): Promise<Lived> {
  const before = [image.before, way.prepare(image.conf), LAID].join('; ')
  const daemon = bootImage(image.files, way.command(image.conf), {
    entry: way.entry,
    env: ENV,
    layers,
    before,
    pipes: true,
  })
  return live(daemon, image)
}

const hasReal = hasPrograms('supervisord', 'supervisorctl')

describe.each(supervisordImages.map((image) => [image.name, image] as const))('%s', (_, image) => {
  const layers = hasReal ? realImage(...image.layers) : undefined
  const real = layers === undefined ? undefined : { layers, lived: (): Promise<Lived> => play(image, layers, REAL) }
  test.runIf(real !== undefined)('lives as with supervisord', async () => {
    if (real === undefined) return
    const expected = await real.lived()
    for (const [name, way] of Object.entries(WAYS)) {
      expect({ name, ...(await play(image, real.layers, way)) }).toEqual({ name, ...expected })
    }
    expect(Object.values(expected.steps).join('')).not.toBe('')
  })
})
