// Builds dist/: kahi.js with its chunks (everything bundled, loaded on use), the launcher `kahi`, the native helper
// `kahi-shim` and `kahi-s6`, the commands of s6. All is made in a folder beside dist and moved into place at the end, so that a build that
// fails, or a kahi that runs meanwhile, never sees half of it.

import { chmodSync, copyFileSync, existsSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { build, type Metafile, type PluginBuild } from 'esbuild'
import { buildShim, buildTools } from './build-native.ts'

/**
 * The programs that stay have a bundle each, with what they need at their start in one file: the twenty pieces that all
 * programs would share cost a tenth of the time in which a daemon starts 100 programs. By the names of their files.
 */
const DAEMONS: Readonly<Record<string, string>> = {
  'compat/supervisord.ts': 'supervisord',
  'compat/init-s6.ts': 'init-s6',
  'commands/run-daemon.ts': 'daemon',
}

/** Bundles cli/main.ts and the daemons of the checkout `root` into `folder`; gives esbuild's metafile of all. */
export async function bundle(root: string, folder: string): Promise<Metafile> {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
  const common = {
    absWorkingDir: root,
    outdir: folder,
    chunkNames: 'chunks/[name]-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    metafile: true,
    define: { KAHI_VERSION: JSON.stringify(version) },
    // A daemon keeps its source in memory, and one character outside ASCII, as comments have it, doubles its size there.
    // Names and statements stay as they are, so stack traces can be read.
    minifyWhitespace: true,
    lineLimit: 120,
    // Packages written in CommonJS call require() for Node's own modules.
    banner: {
      js: "import { createRequire as kahiRequire } from 'node:module'; const require = kahiRequire(import.meta.url);",
    },
    logLevel: 'warning',
  } as const
  const built = await Promise.all([
    build({ ...common, entryPoints: { kahi: 'cli/main.ts' }, plugins: [{ name: 'daemons', setup: leaveDaemons }] }),
    ...Object.entries(DAEMONS).map(([path, name]) => build({ ...common, entryPoints: { [name]: join('cli', path) } })),
  ])
  const metafiles = built.map(({ metafile }) => metafile)
  return {
    inputs: Object.fromEntries(metafiles.flatMap(({ inputs }) => Object.entries(inputs))),
    outputs: Object.fromEntries(metafiles.flatMap(({ outputs }) => Object.entries(outputs))),
  }
}

function leaveDaemons({ onResolve }: PluginBuild): void {
  onResolve({ filter: /^\./ }, ({ path, kind, importer }) => {
    const wanted = join(dirname(importer), path)
    const [, name] = Object.entries(DAEMONS).find(([file]) => wanted.endsWith(join('cli', file))) ?? []
    if (kind !== 'dynamic-import' || name === undefined) return undefined
    // Everything but main.ts is in chunks/.
    return { path: `${importer.endsWith('/cli/main.ts') ? '.' : '..'}/${name}.js`, external: true }
  })
}

/** Builds all of dist/. Gives the compiler that built the helper, undefined when there was none. */
export async function buildAll(root: string): Promise<string | undefined> {
  const fresh = join(root, `dist-${process.pid}.tmp`)
  const old = join(root, `dist-${process.pid}.old`)
  const dist = join(root, 'dist')
  try {
    await bundle(root, fresh)
    copyFileSync(join(root, 'tools/launcher.sh'), join(fresh, 'kahi'))
    chmodSync(join(fresh, 'kahi'), 0o755)
    const compiler = buildShim(root, join(fresh, 'kahi-shim'))
    buildTools(root, join(fresh, 'kahi-s6'))
    putInPlace(fresh, dist, old)
    return compiler
  } finally {
    rmSync(fresh, { recursive: true, force: true })
    rmSync(old, { recursive: true, force: true })
  }
}

/** Another build may have finished in between: then ours replaces that one. */
function putInPlace(fresh: string, dist: string, old: string): void {
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

/** `npm run build`. */
export async function main(_argv: readonly string[], root: string): Promise<number> {
  const compiler = await buildAll(root)
  process.stdout.write(`built dist/kahi${compiler === undefined ? '' : ` and dist/kahi-shim (${compiler})`}\n`)
  return 0
}
