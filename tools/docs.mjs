// `npm run docs`: writes the pages that are made from the key tables. `--check` only says whether they are up to date.

import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const project = dirname(dirname(fileURLToPath(import.meta.url)))
const page = join(project, 'docs/reference/kahi.toml.md')
const keys = execFileSync(join(project, 'dist/kahi'), ['keys', '--format', 'markdown'], { encoding: 'utf8' })
const text = `# kahi.toml\n\nMade by \`npm run docs\` from the tables in \`config/keys/\`.\n\n${keys}`

if (!process.argv.includes('--check')) writeFileSync(page, text)
else if (readFileSync(page, 'utf8') !== text) {
  process.stderr.write('docs/reference/kahi.toml.md is out of date: npm run docs\n')
  process.exitCode = 1
}
