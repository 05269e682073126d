// Runs after the installation of the npm package, if npm may run install scripts. It compiles the native programs if the package
// has none for this processor, and replaces the script `kahi` by a link to the native launcher. kahi also works without
// this step: the script then finds the native launcher of this processor.

import { spawnSync } from 'node:child_process'
import { renameSync, rmSync, symlinkSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildAllNative } from './build-native.ts'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const folder = join(root, `native/linux-${process.arch}`)
const native = join(folder, 'kahi')
const script = join(root, 'cli/launcher/kahi.sh')

function runs(): boolean {
  return spawnSync(native, ['version'], { stdio: 'ignore' }).status === 0
}

try {
  if (!runs()) buildAllNative(root, folder)
  if (runs()) {
    rmSync(`${script}.new`, { force: true })
    symlinkSync(relative(dirname(script), native), `${script}.new`)
    renameSync(`${script}.new`, script)
  }
} catch (error) {
  process.stderr.write(`kahi: the native launcher is started through a script: ${String(error)}\n`)
}
