// The page of dist/kahi in a real Chromium with 1,000 programs: a user can find and control each program, and a row without changes
// is not rendered again.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { hasChromium, keepPicture, openBrowser, openPage } from '../helpers/browser.ts'
import { kahi, scratch, startReady } from '../helpers/kahi.ts'
import { freePort } from '../helpers/raw-http.ts'
import { eventually } from '../helpers/wait.ts'

if (!hasChromium) console.warn('chromium is not installed: the page with 1,000 programs is not tested')

const COUNT = 1000
const UP = 20

test.skipIf(!hasChromium)('a thousand programs: states, search, changes, dependencies', async () => {
  const folder = scratch()
  const port = await freePort()
  const file = join(folder, 'kahi.toml')
  const programs = Array.from({ length: COUNT }, (_, index) => {
    const needs = index % 10 === 1 ? `depends_on = ["p${String(index - 1).padStart(3, '0')}"]\n` : ''
    return `[programs.p${String(index).padStart(3, '0')}]\ncommand = "sleep 1000"\nstartsecs = 0\nautostart = ${index < UP}\n${needs}`
  })
  const servers = `[server.unix]\nfile = "${folder}/s"\n[server.http]\nenabled = true\naccess = "open"\nlisten = "127.0.0.1:${port}"\n`
  writeFileSync(file, servers + programs.join(''))
  await startReady(file)
  const ctl = (...words: string[]) => kahi(['ctl', '-c', file, ...words])
  const browser = await openBrowser()
  onTestFinished(() => browser.close())
  const { page, problems } = await openPage(browser, `http://127.0.0.1:${port}/`)
  const rows = page.locator('.programs tbody tr')
  const row = (name: string) => rows.filter({ has: page.getByRole('link', { name, exact: true }) })

  await page.getByRole('button', { name: `${COUNT - UP} down` }).waitFor()
  expect(await rows.count()).toBe(COUNT)
  await ctl('start', 'p999')
  await row('p999').getByText('running').waitFor()
  await page.keyboard.press('/')
  await page.keyboard.type('p99')
  await eventually(async () => (await rows.count()) === 10)
  await page.getByLabel('Search programs').fill('')
  await eventually(async () => (await rows.count()) === COUNT)

  await page.evaluate(`(() => {
    globalThis.drawn = 0
    const quiet = [...document.querySelectorAll('.programs tbody tr')].slice(500, 900)
    const watch = new MutationObserver((records) => { globalThis.drawn += records.length })
    for (const one of quiet) watch.observe(one, { childList: true, subtree: true, characterData: true, attributes: true })
  })()`)
  await ctl('stop', 'p999')
  await row('p999').getByText('stopped').waitFor()
  expect(await page.evaluate('globalThis.drawn')).toBe(0)
  await keepPicture(page, 'thousand')

  await page.getByRole('navigation').getByRole('link', { name: 'Dependencies' }).click()
  await page.getByRole('link', { name: 'p001, running, needs p000' }).waitFor()
  await page.getByRole('navigation').getByRole('link', { name: 'Start' }).click()
  await page.locator('svg title', { hasText: 'p019: ' }).waitFor({ state: 'attached' })
  expect(problems).toEqual([])
})
