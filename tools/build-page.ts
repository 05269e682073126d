// Builds the files of the page, and puts them as texts into the module that the daemon loads when a browser asks for them.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { build, type Plugin } from 'esbuild'

const FOLDER = 'runtime/control/web/page'

/** Resolves `kahi:page`: its export `files` has each file by name. */
export function pagePlugin(root: string): Plugin {
  let files: Promise<Readonly<Record<string, string>>> | undefined
  return {
    name: 'page',
    setup: ({ onResolve, onLoad }) => {
      onResolve({ filter: /^kahi:page$/ }, ({ path }) => ({ path, namespace: 'page' }))
      onLoad({ filter: /./, namespace: 'page' }, async () => {
        files ??= buildPage(root)
        return { contents: `export const files = ${JSON.stringify(await files)}`, loader: 'js' }
      })
    },
  }
}

/** Name → text. */
export async function buildPage(root: string): Promise<Readonly<Record<string, string>>> {
  const folder = join(root, FOLDER)
  const common = { bundle: true, minify: true, write: false, logLevel: 'warning', absWorkingDir: folder } as const
  const [script, style] = await Promise.all([
    build({ ...common, entryPoints: ['app.ts'], format: 'esm', target: 'es2022', legalComments: 'none' }),
    build({ ...common, entryPoints: ['kahi.css'] }),
  ])
  const read = (name: string): string => readFileSync(join(folder, name), 'utf8')
  return {
    'index.html': read('index.html'),
    'kahi.svg': read('kahi.svg'),
    'kahi.js': script.outputFiles[0]?.text ?? '',
    'kahi.css': style.outputFiles[0]?.text ?? '',
  }
}
