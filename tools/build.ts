// Builds dist/: kahi.js and main.mjs with its chunks (everything bundled, loaded on use), and the native programs: the launcher
// `kahi`, the helper `kahi-shim`, and `kahi-s6`, the commands of s6. All files are made in a folder beside dist, which then
// replaces dist. So dist stays unchanged after a build that fails, and a running kahi never finds only some of the new files.

import { chmodSync, copyFileSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { build, type Metafile, type PluginBuild } from 'esbuild'
import { buildAllNative } from './build-native.ts'
import { pagePlugin } from './build-page.ts'
import { NOTICES, noticesOf } from './licenses.ts'

/**
 * Daemons have separate bundles, so that each finds in one file the code that it needs at the start. Otherwise all programs would
 * share twenty chunks, whose loading takes a tenth of the time in which a daemon starts 100 programs. By the names of the files.
 */
const DAEMONS: Readonly<Record<string, string>> = {
  'compat/supervisord.ts': 'supervisord',
  'compat/init-s6.ts': 'init-s6',
  'commands/run-daemon.ts': 'daemon',
  'run/run.ts': 'run',
}
/** The modules that are loaded from separate files. */
const SEPARATE: Readonly<Record<string, string>> = { ...DAEMONS, 'main.ts': 'main' }

/**
 * Bundles cli/entry.ts, cli/main.ts and the daemons of the checkout `root` into `folder`, with the licences of the bundled
 * packages; gives esbuild's metafile for all of them.
 */
export async function bundle(root: string, folder: string): Promise<Metafile> {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
  const common = {
    absWorkingDir: root,
    outdir: folder,
    chunkNames: 'chunks/[name]-[hash]',
    // Node.js recognizes modules by this ending, because dist/ has no package.json.
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    metafile: true,
    define: { KAHI_VERSION: JSON.stringify(version) },
    // A daemon keeps its source in memory. One character outside ASCII, for example in a comment, would double its size there.
    // Names and statements are not changed, so stack traces stay readable.
    minifyWhitespace: true,
    lineLimit: 120,
    logLevel: 'warning',
  } as const
  // Packages written in CommonJS call require() for Node's own modules.
  const js = "import { createRequire as kahiRequire } from 'node:module'; const require = kahiRequire(import.meta.url);"
  const modules = { ...common, banner: { js } }
  const pageInputs: Metafile['inputs'] = {}
  const page = pagePlugin(root, (inputs) => Object.assign(pageInputs, inputs))
  const plugins = [{ name: 'separate', setup: leaveSeparate }, page]
  const built = await Promise.all([
    build({ ...common, outExtension: {}, entryPoints: { kahi: 'cli/entry.ts' }, plugins }),
    build({ ...modules, entryPoints: { main: 'cli/main.ts' }, plugins }),
    build({ ...modules, entryPoints: { postinstall: 'tools/postinstall.ts' } }),
    ...Object.entries(DAEMONS).map(([path, name]) =>
      build({ ...modules, entryPoints: { [name]: join('cli', path) }, plugins: [page] }),
    ),
  ])
  const metafiles = built.map(({ metafile }) => metafile)
  const all = {
    inputs: { ...pageInputs, ...Object.fromEntries(metafiles.flatMap(({ inputs }) => Object.entries(inputs))) },
    outputs: Object.fromEntries(metafiles.flatMap(({ outputs }) => Object.entries(outputs))),
  }
  writeFileSync(join(folder, NOTICES), noticesOf(root, all))
  return all
}

/** kahi.js loads main.mjs when it is needed, and main.mjs loads the daemons when they are needed. */
function leaveSeparate({ onResolve }: PluginBuild): void {
  onResolve({ filter: /^\./ }, ({ path, kind, importer }) => {
    const wanted = join(dirname(importer), path)
    const [, name] = Object.entries(SEPARATE).find(([file]) => wanted.endsWith(join('cli', file))) ?? []
    if (kind !== 'dynamic-import' || name === undefined) return undefined
    // All outputs except those of entry.ts and main.ts are in chunks/.
    return { path: `${/\/cli\/(?:entry|main)\.ts$/.test(importer) ? '.' : '..'}/${name}.mjs`, external: true }
  })
}

/** Builds all of dist/. Gives the compiler that built the native programs, undefined when there was none. */
export async function buildAll(root: string): Promise<string | undefined> {
  const fresh = join(root, `dist-${process.pid}.tmp`)
  const old = join(root, `dist-${process.pid}.old`)
  const dist = join(root, 'dist')
  try {
    await bundle(root, fresh)
    const compiler = buildAllNative(root, fresh)
    if (!existsSync(join(fresh, 'kahi'))) {
      copyFileSync(join(root, 'cli/launcher/kahi.sh'), join(fresh, 'kahi'))
      chmodSync(join(fresh, 'kahi'), 0o755)
    }
    putInPlace(fresh, dist, old)
    return compiler
  } finally {
    rmSync(fresh, { recursive: true, force: true })
    rmSync(old, { recursive: true, force: true })
  }
}

/** Another build may have finished in the meantime. Then this build replaces its result. */
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
  process.stdout.write(`built dist/${compiler === undefined ? '' : ` (${compiler})`}\n`)
  return 0
}
