// The page of dist/kahi in a real Chromium: every view, every button, by mouse and by keyboard, in both themes and on a phone.

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { execa } from 'execa'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { expectAccessible, hasChromium, keepPicture, openBrowser, openPage } from '../helpers/browser.ts'
import { kahi, scratch, startDaemon } from '../helpers/kahi.ts'
import { freePort } from '../helpers/raw-http.ts'
import { eventually } from '../helpers/wait.ts'

if (!hasChromium) console.warn('chromium is not installed: the page is not tested in a browser')

const TREE = `[programs.db]
command = "sleep 1000"
startsecs = 0
[programs.web]
command = ["/bin/sh", "DIR/web.sh"]
startsecs = 0
depends_on = ["db"]
[programs.broken]
command = "/does/not/exist"
startretries = 0
[programs.report]
command = "sleep 1000"
depends_on = ["never"]
[programs.never]
command = "sleep 1000"
ready = { file = "DIR/never" }
[oneshots.migrate]
up = "true"
`

const SCRIPT = `trap 'printf "\\\\033[1;31mreloaded\\\\033[0m <b>by a signal</b>\\n"' HUP
echo one; echo two
while :; do sleep 0.05; done
`

interface Run {
  readonly folder: string
  readonly url: string
  rewrite(toml: string): void
  ctl(...args: string[]): ReturnType<typeof kahi>
}

async function run(more = '', args: readonly string[] = []): Promise<Run> {
  const folder = scratch()
  const port = await freePort()
  const file = join(folder, 'kahi.toml')
  writeFileSync(join(folder, 'web.sh'), SCRIPT)
  const access = more.includes('password') ? '' : 'access = "open"\n'
  const server = `[server.unix]\nfile = "DIR/k.sock"\n[server.http]\nenabled = true\n${access}listen = "127.0.0.1:${port}"\n${more}\n`
  const rewrite = (toml: string): void => writeFileSync(file, `${server}${toml}`.replaceAll('DIR', folder))
  rewrite(TREE)
  const daemon = startDaemon(['daemon', '-c', file, ...args], { cwd: folder })
  await daemon.line('success: web entered RUNNING')
  return { folder, url: `http://127.0.0.1:${port}/`, rewrite, ctl: (...words) => kahi(['ctl', '-c', file, ...words]) }
}

const row = (page: Page, name: string) =>
  page.locator('.programs tbody tr', { has: page.getByRole('link', { name, exact: true }) })

describe.skipIf(!hasChromium)('the page in Chromium', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await openBrowser()
  })
  afterAll(() => browser.close())

  test('names, output and reasons of programs are text, and run nothing', async () => {
    const script = '<img src=x onerror=document.title=1><script>document.title=1</script>'
    const { url } = await run(`[programs.loud]
command = ["/bin/sh", "-c", "echo '${script}'; exec sleep 1000"]
startsecs = 0
[programs.failing]
command = ["/bin/sh", "-c", "echo '${script}' >&2; exit 3"]
startretries = 0
[oneshots."<script>"]
up = "true"
`)
    const { page, problems } = await openPage(browser, url)
    onTestFinished(() => page.context().close())
    await page.getByRole('link', { name: 'loud', exact: true }).click()
    await page.getByRole('log').getByText(script).waitFor()
    expect(await page.locator('img[src="x"]').count()).toBe(0)
    expect(await page.title()).not.toBe('1')
    expect(problems).toEqual([])
  })

  test('states come live; start, stop, restart and signals ask first where others are concerned', async () => {
    const all = await run()
    const { page, problems } = await openPage(browser, all.url)
    onTestFinished(() => page.context().close())
    await row(page, 'web').getByText('running').waitFor()
    await row(page, 'broken').getByText("can't find command").waitFor()
    await row(page, 'report').getByText('waits for never').waitFor()
    await row(page, 'migrate').getByText('completed').waitFor()
    await row(page, 'db')
      .getByText(/\d+(\.\d)? [kM]B/)
      .waitFor()
    await keepPicture(page, 'programs')

    await row(page, 'db').getByRole('button', { name: 'Stop db' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText('web').waitFor()
    await keepPicture(page, 'question')
    await dialog.getByRole('button', { name: 'Cancel' }).click()
    expect((await all.ctl('status', 'db')).stdout).toContain('RUNNING')
    await row(page, 'db').getByRole('button', { name: 'Stop db' }).click()
    await dialog.getByRole('button', { name: 'Stop', exact: true }).click()
    await row(page, 'web').getByText('stopped').waitFor()
    await row(page, 'web').getByRole('button', { name: 'Start web' }).click()
    await row(page, 'db').getByText('running').waitFor()
    await row(page, 'web').getByText('running').waitFor()

    const before = (await all.ctl('pid', 'web')).stdout
    await row(page, 'web').getByRole('button', { name: 'Restart web' }).click()
    await dialog.getByRole('button', { name: 'Restart', exact: true }).click()
    await eventually(async () => {
      const { stdout } = await all.ctl('pid', 'web')
      return stdout !== before && stdout !== '0\n'
    })
    await row(page, 'broken').getByRole('button', { name: 'Start broken' }).click()
    await dialog.getByText('Could not start broken').waitFor()
    await page.keyboard.press('Escape')

    await all.ctl('stop', 'web')
    await row(page, 'web').getByText('stopped').waitFor()
    expect(problems.filter((one) => !one.includes('422'))).toEqual([])
  })

  test('the log of a program: colours, search, pause, the other stream, download; signals', async () => {
    const all = await run()
    const { page, problems } = await openPage(browser, all.url)
    onTestFinished(() => page.context().close())
    await page.getByRole('link', { name: 'web', exact: true }).click()
    const log = page.getByRole('log')
    await log.getByText('two').waitFor()
    await page.getByLabel('Send a signal to web').selectOption('HUP')
    await page.getByRole('dialog').getByRole('button', { name: 'Send SIGHUP' }).click()
    await log.getByText('reloaded').waitFor()
    expect(await log.getByText('reloaded').getAttribute('class')).toBe('a1 f1')
    await log.getByText('<b>by a signal</b>').waitFor()
    await keepPicture(page, 'program')

    await page.getByLabel('Search in the log').fill('TW')
    await log.locator('mark', { hasText: 'tw' }).waitFor()
    expect(await log.locator('div:visible').count()).toBe(1)
    await page.getByLabel('Search in the log').fill('')
    await page.getByRole('button', { name: 'Pause' }).click()
    await all.ctl('signal', 'HUP', 'web')
    await page.getByRole('button', { name: 'Continue (1 new)' }).click()
    await eventually(async () => (await log.getByText('reloaded').count()) === 2)
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByText('Download').click()])
    expect(readFileSync(await download.path(), 'utf8')).toMatch(/^one\ntwo\n/)
    await page.getByRole('button', { name: 'stderr' }).click()
    await eventually(async () => (await log.locator('div').count()) === 0)
    expect(problems).toEqual([])
  })

  test('dependencies, start, events; the configuration as a diff, and applied', async () => {
    const all = await run()
    const { page, problems } = await openPage(browser, all.url)
    onTestFinished(() => page.context().close())
    const to = (name: string) => page.getByRole('navigation').getByRole('link', { name }).click()
    await to('Dependencies')
    await page.getByRole('link', { name: 'web, running, needs db' }).waitFor()
    await keepPicture(page, 'graph')
    await all.ctl('stop', 'web')
    await page.getByRole('link', { name: 'web, stopped, needs db' }).waitFor()
    await to('Start')
    await page.locator('svg title', { hasText: 'web: ' }).waitFor({ state: 'attached' })
    await keepPicture(page, 'start')
    await to('Events')
    await page.getByText('ended by signal 15').first().waitFor()
    await page.getByRole('button', { name: "With lines of the daemon's log" }).click()
    await page.getByText('warn: ').first().waitFor()

    await to('Configuration')
    await page.getByText('are the same').waitFor()
    all.rewrite(
      TREE.replace('[programs.db]', '[programs.fresh]\ncommand = "sleep 1000"\n[programs.db]\nstopwaitsecs = 7'),
    )
    await page.getByRole('button', { name: 'Compare again' }).click()
    await page.getByText('+ db: stopwaitsecs = 7').waitFor()
    await keepPicture(page, 'configuration')
    await page.getByRole('button', { name: 'Apply' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Apply' }).click()
    await page.getByText('are the same').waitFor()
    await to('Programs')
    await row(page, 'fresh').getByText('running').waitFor()
    all.rewrite('[programs.db\n')
    await to('Configuration')
    await page.getByRole('alert').getByText('kahi.toml').waitFor()
    expect(problems.filter((one) => !one.includes('409'))).toEqual([])
  })

  test('axe finds nothing, in both themes and on a phone; all works by keyboard', async () => {
    const all = await run()
    const looks = [
      { name: 'light', colorScheme: 'light', viewport: { width: 1280, height: 800 } },
      { name: 'dark', colorScheme: 'dark', viewport: { width: 1280, height: 800 } },
      { name: 'phone', colorScheme: 'dark', viewport: { width: 390, height: 844 } },
    ] as const
    for (const { name, ...look } of looks) {
      const { page } = await openPage(browser, all.url, { ...look, bypassCSP: true, reducedMotion: 'reduce' })
      for (const view of ['', 'graph', 'start', 'events', 'configuration', 'program/web', 'program/broken']) {
        await page.evaluate(`location.hash = '#/${view}'`)
        await page.getByRole('heading', { level: 1 }).waitFor()
        await row(page, 'web').waitFor({ state: view === '' ? 'visible' : 'detached' })
        await expectAccessible(page, `${name} ${view}`)
        await keepPicture(page, `${name}-${view.replace('/', '-')}`)
        const width = await page.evaluate<number>('document.documentElement.scrollWidth')
        expect(width, `${name} ${view} scrolls sideways`).toBeLessThanOrEqual(look.viewport.width)
      }
      await page.context().close()
    }
    const { page } = await openPage(browser, all.url)
    await row(page, 'web').waitFor()
    await page.keyboard.press('/')
    await page.keyboard.type('we')
    await eventually(async () => (await page.locator('.programs tbody tr').count()) === 1)
    for (const key of ['Tab', 'Tab', 'Tab', 'Tab', 'Tab', 'Tab', 'Tab']) await page.keyboard.press(key)
    expect(await page.evaluate('document.activeElement.ariaLabel')).toBe('Stop web')
    await page.keyboard.press('Enter')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await row(page, 'web').getByText('stopped').waitFor()
    await page.context().close()
  })

  test('a password is asked for; a daemon that goes and comes back is noticed', async () => {
    const all = await run('username = "u"\npassword = "p"', ['--survive'])
    const httpCredentials = { username: 'u', password: 'p' }
    const { page } = await openPage(browser, all.url, { httpCredentials })
    onTestFinished(() => page.context().close())
    await row(page, 'web').getByText('running').waitFor()
    await all.ctl('upgrade')
    await all.ctl('stop', 'web')
    await row(page, 'web').getByText('stopped').waitFor()
    await page.getByText('live', { exact: true }).waitFor()
    expect((await execa('curl', ['-so', '/dev/null', '-w', '%{http_code}', all.url])).stdout).toBe('401')
  })
})

test('the files of the page: policy, size, compression, cache; the pages of supervisord stay', async () => {
  const all = await run()
  const get = async (path: string, ...headers: string[]) => {
    const { stdout } = await execa('curl', ['-si', ...headers.flatMap((one) => ['-H', one]), `${all.url}${path}`], {
      encoding: 'buffer',
      stripFinalNewline: false,
    })
    const text = Buffer.from(stdout)
    const end = text.indexOf('\r\n\r\n')
    return { head: text.subarray(0, end).toString(), body: text.subarray(end + 4) }
  }
  const page = await get('')
  expect(page.head).toMatch(/^HTTP\/1.1 200[^]*Content-Security-Policy: default-src 'none'; script-src 'self'/)
  const files = await Promise.all(['', 'kahi.js', 'kahi.css', 'kahi.svg'].map((name) => get(name)))
  expect(files.reduce((sum, { body }) => sum + body.length, 0)).toBeLessThan(150_000)
  const compressed = await get('kahi.js', 'Accept-Encoding: gzip')
  expect(gunzipSync(compressed.body)).toEqual(files[1]?.body)
  const [, etag = ''] = /ETag: (\S+)/.exec(page.head) ?? []
  expect((await get('', `If-None-Match: ${etag}`)).head).toMatch(/^HTTP\/1.1 304/)
  expect((await get('nothing.js')).head).toMatch(/^HTTP\/1.1 404/)
  expect((await get('tail.html?processname=web')).body.toString()).toContain('<pre>one\ntwo')
  expect((await get('?action=stop&processname=web')).head).toMatch(/^HTTP\/1.1 301/)
  expect((await all.ctl('status', 'web')).stdout).toContain('STOPPED')
  expect((await get('?message=hello')).body.toString()).toContain('<p class="status_msg">hello</p>')
})
