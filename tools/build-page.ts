// Builds the files of the page, and puts them as texts into the module that the daemon loads when a browser requests the page.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { build, type Metafile, type Plugin } from 'esbuild'

const FOLDER = 'runtime/control/web/page'

/** The files of the page, and the files that esbuild read for them. */
interface Page {
  readonly files: Readonly<Record<string, string>>
  readonly inputs: Metafile['inputs']
}

/** Resolves `kahi:page`: its export `files` has each file by name. `noteInputs` gets the files that esbuild read for the page. */
export function pagePlugin(root: string, noteInputs: (inputs: Metafile['inputs']) => void = () => {}): Plugin {
  let page: Promise<Page> | undefined
  return {
    name: 'page',
    setup: ({ onResolve, onLoad }) => {
      onResolve({ filter: /^kahi:page$/ }, ({ path }) => ({ path, namespace: 'page' }))
      onLoad({ filter: /./, namespace: 'page' }, async () => {
        page ??= buildPage(root)
        const { files, inputs } = await page
        noteInputs(inputs)
        return { contents: `export const files = ${JSON.stringify(files)}`, loader: 'js' }
      })
    },
  }
}

/** Builds the page. */
export async function buildPage(root: string): Promise<Page> {
  const folder = join(root, FOLDER)
  const common = {
    bundle: true,
    minify: true,
    write: false,
    logLevel: 'warning',
    absWorkingDir: root,
    outdir: 'page',
  } as const
  const [script, style] = await Promise.all([
    build({
      ...common,
      entryPoints: [join(FOLDER, 'app.ts')],
      format: 'esm',
      target: 'es2022',
      legalComments: 'none',
      metafile: true,
    }),
    build({ ...common, entryPoints: [join(FOLDER, 'kahi.css')] }),
  ])
  const read = (name: string): string => readFileSync(join(folder, name), 'utf8')
  const files = {
    'index.html': read('index.html'),
    'kahi.svg': read('kahi.svg'),
    'kahi.js': script.outputFiles[0]?.text ?? '',
    'kahi.css': style.outputFiles[0]?.text ?? '',
  }
  return { files, inputs: script.metafile.inputs }
}
