// `npm run docs`: writes the pages, parts of pages and sources that are made from tables. `--check` only lists outdated ones.

import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { cliMarkdown } from './pages/cli.ts'
import { compatMarkdown, scenesMarkdown } from './pages/compat.ts'
import { exportPages } from './pages/exports.ts'
import { metricsMarkdown } from './pages/metrics.ts'
import { opcodesInC, opcodesInTypeScript, readOpcodes } from './pages/opcodes.ts'
import { overlayMarkdown } from './pages/overlay.ts'
import { eventsMarkdown, restDocument, restMarkdown } from './pages/rest.ts'
import { type Schema, schemaMarkdown } from './pages/schema.ts'
import { valuesMarkdown } from './pages/values.ts'

const BEGIN = '<!-- made from tables: begin -->\n'
const END = '<!-- made from tables: end -->\n'

/** Writes or checks the pages of the checkout `root`; gives the exit code. */
export async function main(argv: readonly string[], root: string): Promise<number> {
  let exitCode = 0
  for (const [page, text] of Object.entries({ ...pages(root), ...(await exportPages()) })) {
    const path = join(root, page)
    if (!argv.includes('--check')) writeFileSync(path, text)
    else if (!existsSync(path) || readFileSync(path, 'utf8') !== text) {
      process.stderr.write(`${page} is out of date: npm run docs\n`)
      exitCode = 1
    }
  }
  return exitCode
}

function pages(root: string): Readonly<Record<string, string>> {
  const read = (page: string): string => readFileSync(join(root, page), 'utf8')
  const keys = execFileSync(join(root, 'dist/kahi'), ['keys', '--format', 'markdown'], { encoding: 'utf8' })
  const schema = JSON.parse(read('docs/reference/migrate-report.schema.json')) as Schema
  const opcodes = readOpcodes(read('runtime/shim/protocol.md'))
  return {
    'runtime/shim/native/opcodes.h': opcodesInC(opcodes),
    'runtime/shim/client/opcodes.ts': opcodesInTypeScript(opcodes),
    'docs/reference/kahi.toml.md': `# kahi.toml\n\nMade by \`npm run docs\` from the tables in \`config/keys/\`. Seconds are a number, or a duration with units: "500ms", "10s", "1m30s", "2h". Values with parts are explained [at the end](#values).\n\n${keys.trimEnd()}\n\n${valuesMarkdown()}\n`,
    'docs/reference/migrate-report.md': `# The report of \`kahi migrate --report json\`\n\nOne JSON object on standard error. Made by \`npm run docs\` from [its schema](migrate-report.schema.json).\n\n${schemaMarkdown(schema)}`,
    'docs/reference/cli.md': cliMarkdown(),
    'docs/reference/rest.md': between(read('docs/reference/rest.md'), restMarkdown()),
    'docs/reference/events.md': between(read('docs/reference/events.md'), eventsMarkdown()),
    'docs/reference/metrics.md': between(read('docs/reference/metrics.md'), metricsMarkdown()),
    'docs/reference/openapi.json': `${JSON.stringify(restDocument(), null, 2)}\n`,
    'docs/compat/supervisord.md': between(read('docs/compat/supervisord.md'), compatMarkdown()),
    'docs/developers/scenes.md': scenesMarkdown(),
    'docs/compat/s6.md': between(read('docs/compat/s6.md'), overlayMarkdown()),
  }
}

function between(text: string, inner: string): string {
  return `${text.slice(0, text.indexOf(BEGIN) + BEGIN.length)}${inner}\n${text.slice(text.indexOf(END))}`
}
