// `npm run docs`: writes the pages, or parts of pages, that are made from tables. `--check` only says which are out of date.

import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'

const project = dirname(dirname(fileURLToPath(import.meta.url)))
const BEGIN = '<!-- made from tables: begin -->\n'
const END = '<!-- made from tables: end -->\n'

/** tools/pages.ts, bundled because Node 20 reads no TypeScript. */
async function loadPages() {
  const folder = mkdtempSync(join(tmpdir(), 'kahi-docs-'))
  try {
    const outfile = join(folder, 'pages.mjs')
    const options = { bundle: true, format: 'esm', platform: 'node', logLevel: 'warning' }
    await build({ absWorkingDir: project, entryPoints: ['tools/pages.ts'], outfile, ...options })
    return await import(pathToFileURL(outfile).href)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function between(text, inner) {
  return `${text.slice(0, text.indexOf(BEGIN) + BEGIN.length)}${inner}\n${text.slice(text.indexOf(END))}`
}

function read(page) {
  return readFileSync(join(project, page), 'utf8')
}

const { compatMarkdown, overlayMarkdown, schemaMarkdown } = await loadPages()
const keys = execFileSync(join(project, 'dist/kahi'), ['keys', '--format', 'markdown'], { encoding: 'utf8' })
const schema = JSON.parse(read('docs/reference/migrate-report.schema.json'))

const pages = {
  'docs/reference/kahi.toml.md': `# kahi.toml\n\nMade by \`npm run docs\` from the tables in \`config/keys/\`.\n\n${keys}`,
  'docs/reference/migrate-report.md': `# The report of \`kahi migrate --report json\`\n\nOne JSON object on standard error. Made by \`npm run docs\` from [its schema](migrate-report.schema.json).\n\n${schemaMarkdown(schema)}`,
  'docs/compat/supervisord.md': between(read('docs/compat/supervisord.md'), compatMarkdown()),
  'docs/compat/s6.md': between(read('docs/compat/s6.md'), overlayMarkdown()),
}

for (const [page, text] of Object.entries(pages)) {
  if (!process.argv.includes('--check')) writeFileSync(join(project, page), text)
  else if (read(page) !== text) {
    process.stderr.write(`${page} is out of date: npm run docs\n`)
    process.exitCode = 1
  }
}
