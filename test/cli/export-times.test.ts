// The key `schedule` and `--image NAME=IMAGE` of `kahi export` to containers, through dist/kahi.

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { describe, expect, test } from 'vitest'
import { exported, filesIn, manifestsIn, mistakesIn } from '../helpers/container-files.ts'
import { kahi, scratch } from '../helpers/kahi.ts'

describe('times and images', () => {
  const TIMED = `[programs.web]
command = "/srv/web"
numprocs = 2
process_name = "w%(process_num)d"

[programs.nightly]
command = "/srv/nightly"
schedule = { cron = "30 3 * * 1-5,7", timezone = "Europe/Berlin" }

[programs.often]
command = "/srv/often"
schedule = { cron = "*/10 * * * * *", overlap = "queue" }
`
  function lay(): string {
    const cwd = scratch()
    writeFileSync(join(cwd, 'timed.toml'), TIMED)
    return cwd
  }

  test('a schedule is a CronJob, or a periodic job of Nomad', async () => {
    const cwd = lay()
    const manifests = filesIn(await exported('kubernetes', 'timed.toml', cwd)).flatMap(({ text }) => manifestsIn(text))
    expect(manifests.map(({ kind, metadata: { name } }) => `${kind} ${name}`)).toEqual([
      'Deployment w0',
      'Deployment w1',
      'CronJob nightly',
      'CronJob often',
    ])
    expect(manifests[2]).toMatchObject({
      spec: {
        schedule: '30 3 * * 0,1,2,3,4,5',
        timeZone: 'Europe/Berlin',
        concurrencyPolicy: 'Forbid',
        jobTemplate: { spec: { template: { spec: { restartPolicy: 'Never' } } } },
      },
    })
    const jobs = filesIn(await exported('nomad', 'timed.toml', cwd))
    expect(mistakesIn('nomad', jobs)).toEqual([])
    expect(jobs.map(({ path }) => path).toSorted()).toEqual([
      'shop-nightly.nomad.json',
      'shop-often.nomad.json',
      'shop.nomad.json',
    ])
    const often = jobs.find(({ path }) => path.startsWith('shop-often'))
    expect(JSON.parse(often?.text ?? '')).toMatchObject({
      Job: { Type: 'batch', Periodic: { Specs: ['*/10 * * * * * *'], ProhibitOverlap: true } },
    })
    const strict = await kahi(['export', 'kubernetes', 'timed.toml', '--strict'], { cwd })
    expect(strict).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('its times have no seconds') })
  })

  test('--image NAME=IMAGE is for a program or one of its processes', async () => {
    const cwd = lay()
    const images = ['--image', 'shop:1', '--image', 'web=web:2', '--image', 'w1=web:3']
    const directory = await exported('compose', 'timed.toml', cwd, ...images)
    const { services } = parse(readFileSync(join(directory, 'compose.yaml'), 'utf8')) as {
      services: Record<string, { image: string }>
    }
    expect(
      Object.entries(services)
        .map(([name, { image }]) => `${name} ${image}`)
        .toSorted(),
    ).toEqual(['nightly shop:1', 'often shop:1', 'w0 web:2', 'w1 web:3'])
    const unknown = await kahi(['export', 'nomad', 'timed.toml', '--image', 'wep=a', '-o', 'none'], { cwd })
    expect(unknown).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('did you mean web?') })
    const single = await kahi(['export', 'compose', 'timed.toml', '--single', ...images, '-o', 'none'], { cwd })
    expect(single).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('--single has one image') })
  })
})
