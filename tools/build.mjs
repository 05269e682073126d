// Builds dist/: kahi.js with its chunks (everything bundled, loaded on use), the launcher `kahi`, the native helper
// `kahi-shim` and `kahi-s6`, the commands of s6. All is made in a folder beside dist and moved into place at the end, so that a build that
// fails, or a kahi that runs meanwhile, never sees half of it.

import { chmodSync, copyFileSync, existsSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import { buildShim, buildTools } from './build-shim.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** Bundles cli/main.ts into `folder`; gives esbuild's metafile. */
export async function bundle(folder) {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const result = await build({
    absWorkingDir: root,
    entryPoints: { kahi: 'cli/main.ts' },
    outdir: folder,
    chunkNames: 'chunks/[name]-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    metafile: true,
    define: { KAHI_VERSION: JSON.stringify(version) },
    // Packages written in CommonJS call require() for Node's own modules.
    banner: {
      js: "import { createRequire as kahiRequire } from 'node:module'; const require = kahiRequire(import.meta.url);",
    },
    logLevel: 'warning',
  })
  return result.metafile
}

/** Builds all of dist/. Gives the compiler that built the helper, undefined when there was none. */
export async function buildAll() {
  const fresh = join(root, `dist-${process.pid}.tmp`)
  const old = join(root, `dist-${process.pid}.old`)
  const dist = join(root, 'dist')
  try {
    await bundle(fresh)
    copyFileSync(join(root, 'tools/launcher.sh'), join(fresh, 'kahi'))
    chmodSync(join(fresh, 'kahi'), 0o755)
    const compiler = buildShim(join(fresh, 'kahi-shim'))
    buildTools(join(fresh, 'kahi-s6'))
    putInPlace(fresh, dist, old)
    return compiler
  } finally {
    rmSync(fresh, { recursive: true, force: true })
    rmSync(old, { recursive: true, force: true })
  }
}

/** Another build may have finished in between: then ours replaces that one. */
function putInPlace(fresh, dist, old) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      rmSync(old, { recursive: true, force: true })
      if (existsSync(dist)) renameSync(dist, old)
      renameSync(fresh, dist)
      return
    } catch (error) {
      if (attempt === 10) throw error
    }
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const compiler = await buildAll()
  console.log(`built dist/kahi${compiler === undefined ? '' : ` and dist/kahi-shim (${compiler})`}`)
}
