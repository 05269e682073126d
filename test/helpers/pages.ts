// The Markdown pages of the checkout.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './kahi.ts'

/** Paths of all pages for readers: the pages in the root of the checkout and in docs/. */
export const pages: readonly string[] = [
  ...readdirSync(root),
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' }).map((name) => join('docs', name)),
]
  .filter((name) => name.endsWith('.md'))
  .sort()

/** The text of a page. */
export function textOf(page: string): string {
  return readFileSync(join(root, page), 'utf8')
}
