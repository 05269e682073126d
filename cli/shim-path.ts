// The paths of this program (kahi.js) and of its native programs, for every chunk of the bundle. The native programs are
// beside the bundle, or, in an npm package, which is for every processor, in native/, a folder for each processor.

import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** The path of kahi-shim. */
export function shimPath(): string {
  return nativePath('kahi-shim')
}

/** The launcher: the native one, else the script of the npm package. */
export function launcherPath(): string {
  const native = nativePath('kahi')
  return existsSync(native) ? native : join(packageFolder(), 'cli/launcher/kahi.sh')
}

/** The command that starts this program. */
export function thisProgram(): readonly string[] {
  return [process.execPath, process.argv[1] ?? 'kahi.js']
}

function nativePath(name: string): string {
  const beside = join(bundleFolder(), name)
  const packed = join(packageFolder(), `native/linux-${process.arch}`, name)
  return !existsSync(beside) && existsSync(packed) ? packed : beside
}

function bundleFolder(): string {
  return dirname(process.argv[1] ?? '.')
}

function packageFolder(): string {
  return dirname(bundleFolder())
}
