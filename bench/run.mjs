// `npm run bench`: bundles bench/main.ts, since Node 20 reads no TypeScript, and runs it.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'

const root = dirname(dirname(fileURLToPath(import.meta.url)))

async function load() {
  const folder = mkdtempSync(join(tmpdir(), 'kahi-bench-code-'))
  try {
    const outfile = join(folder, 'main.mjs')
    await build({
      absWorkingDir: root,
      entryPoints: ['bench/main.ts'],
      outfile,
      bundle: true,
      format: 'esm',
      platform: 'node',
      target: 'node20',
      logLevel: 'warning',
    })
    return await import(pathToFileURL(outfile).href)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const { main } = await load()
process.exitCode = await main(process.argv.slice(2), root)
