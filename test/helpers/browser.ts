// A real Chromium, for tests of the page.

import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { expect } from 'vitest'
import { root } from './kahi.ts'
import { LIMIT_MS } from './wait.ts'

const PATH = process.env.KAHI_CHROMIUM ?? '/usr/bin/chromium'

const FLAGS =
  '--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync'

/** Whether this machine has a Chromium. */
export const hasChromium = existsSync(PATH)

/** Starts Chromium. */
export function openBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: PATH, args: FLAGS.split(' ') })
}

/** A page, and the mistakes in it: messages of the console, and requests to other servers. */
export interface Watched {
  readonly page: Page
  readonly problems: readonly string[]
}

/** Opens an address. */
export async function openPage(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<Watched> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options })
  context.setDefaultTimeout(LIMIT_MS)
  const page = await context.newPage()
  const problems: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') problems.push(message.text())
  })
  page.on('pageerror', (error) => problems.push(error.message))
  page.on('request', (request) => {
    if (!request.url().startsWith(url)) problems.push(`a request to ${request.url()}`)
  })
  await page.goto(url)
  return { page, problems }
}

const axe = (): string => readFileSync(join(root, 'node_modules/axe-core/axe.min.js'), 'utf8')

/** Fails when axe finds a mistake. The page must come from a context with bypassCSP, because axe is added to the page. */
export async function expectAccessible(page: Page, what: string): Promise<void> {
  await page.evaluate(axe())
  const violations = await page.evaluate(async () => {
    const { axe: checker } = globalThis as unknown as { axe: { run(): Promise<{ violations: Found[] }> } }
    return (await checker.run()).violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)
    interface Found {
      readonly id: string
      readonly nodes: readonly { readonly html: string }[]
    }
  })
  expect(violations, what).toEqual([])
}

/** Writes a picture to the folder that KAHI_SCREENSHOTS names, or to `screenshots` in the checkout, which git ignores. */
export async function keepPicture(page: Page, name: string): Promise<void> {
  const folder = process.env.KAHI_SCREENSHOTS ?? join(root, 'screenshots')
  mkdirSync(folder, { recursive: true })
  await page.screenshot({ path: join(folder, `${name}.png`) })
}
