// Every relative link in a page leads to an existing file and, if it names a heading, to an existing heading. docs/README.md lists all pages.

import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { root } from '../helpers/kahi.ts'
import { pages, textOf } from '../helpers/pages.ts'

test.each(pages)('%s', (page) => {
  expect(linksOf(textOf(page)).filter((link) => !leadsSomewhere(page, link))).toEqual([])
})

test('docs/README.md lists every page but single decisions', () => {
  const index = textOf('docs/README.md')
  const listed = pages.filter((page) => page.startsWith('docs/') && !page.startsWith('docs/decisions/0'))
  const missing = listed.filter(
    (page) => page !== 'docs/README.md' && !index.includes(`](${page.slice('docs/'.length)})`),
  )
  expect(missing).toEqual([])
})

/** The targets of all links outside of code. */
function linksOf(text: string): readonly string[] {
  const prose = text.replaceAll(/^```[\s\S]*?^```$/gm, '').replaceAll(/`[^`\n]*`/g, '')
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target)
}

function leadsSomewhere(page: string, link: string): boolean {
  if (/^[a-z]+:/.test(link)) return true
  const [path = '', anchor] = link.split('#')
  const target = path === '' ? page : join(dirname(page), path)
  if (!existsSync(join(root, target))) return false
  return anchor === undefined || anchorsOf(textOf(target)).includes(anchor)
}

/** The anchors of the headings, as GitHub makes them. */
function anchorsOf(text: string): readonly string[] {
  const titles = [...text.matchAll(/^#+ (.*)$/gm)].map(([, title = '']) => title)
  return titles.map((title) =>
    title
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )
}
