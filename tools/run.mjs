// @ts-check
// Runs a program of the checkout that is written in TypeScript: bundles it, since Node 20 reads no TypeScript, and calls its
// main(arguments, root of the checkout, URL of the bundle). Packages stay outside the bundle: it lies where they are found.

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const [entry = '', ...argv] = process.argv.slice(2)
const folders = join(root, 'node_modules/.kahi')
mkdirSync(folders, { recursive: true })
const folder = mkdtempSync(join(folders, 'run-'))
// A program may end itself, and its threads read the bundle when they start.
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
const outfile = join(folder, 'main.mjs')
await build({
  absWorkingDir: root,
  entryPoints: [entry],
  outfile,
  bundle: true,
  packages: 'external',
  format: 'esm',
  platform: 'node',
  target: 'node20',
  define: { KAHI_VERSION: '"checkout"' },
  // No program of the checkout serves the page of the daemon; tools/build-page.ts makes it.
  plugins: [{ name: 'no-page', setup: leavePageOut }],
  logLevel: 'warning',
})

/** @param {import('esbuild').PluginBuild} build */
function leavePageOut({ onResolve, onLoad }) {
  onResolve({ filter: /^kahi:page$/ }, ({ path }) => ({ path, namespace: 'no-page' }))
  onLoad({ filter: /./, namespace: 'no-page' }, () => ({ contents: 'export const files = {}' }))
}

const file = pathToFileURL(outfile)
/** @type {{ main(argv: readonly string[], root: string, file: URL): number | Promise<number> }} */
const program = await import(file.href)
process.exitCode = await program.main(argv, root, file)
