// The licences of the bundled packages. Each licence requires that its text is part of every copy.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Metafile } from 'esbuild'

/** The name of the file with the licences of the bundled packages. */
export const NOTICES = 'LICENSE.bundle'

/** The folders of the packages of npm whose files were bundled, below the checkout. */
export function bundledFolders({ inputs }: Pick<Metafile, 'inputs'>): readonly string[] {
  const folders = Object.keys(inputs).map((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0])
  return [...new Set(folders.filter((folder) => folder !== undefined))].sort()
}

/** Names, versions and licences of the bundled packages. Throws for a package without a licence text. */
export function noticesOf(root: string, bundled: Pick<Metafile, 'inputs'>): string {
  const parts = bundledFolders(bundled).map((folder) => noticeOf(join(root, folder)))
  return ['The files of kahi contain these packages.\n', ...parts].join(`\n${'-'.repeat(80)}\n`)
}

function noticeOf(folder: string): string {
  const facts = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Record<string, string>
  const texts = readdirSync(folder)
    .filter((name) => /^(?:licen[cs]e|copying|notice)/i.test(name))
    .sort()
    .map((name) => readFileSync(join(folder, name), 'utf8').replaceAll('\r\n', '\n').trim())
  if (texts.length === 0) throw new Error(`${folder} has no file with its licence`)
  return `${facts.name} ${facts.version} (${facts.license})\n\n${texts.join('\n\n')}\n`
}
