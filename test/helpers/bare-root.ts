// Nearly empty roots of containers, and programs that run in them as PID 1. Needs root and unshare.

import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'

const NAMESPACE = ['--mount', '--pid', '--fork', '--kill-child', '--']

/** Whether namespaces can be made here. */
export const canUnshare = spawnSync('unshare', [...NAMESPACE, 'true']).status === 0

/** The options for a root. */
export interface RootOptions {
  /** UID:GID; root by default. */
  readonly user?: string
  /** The root can be written; by default it is read-only. */
  readonly isWritable?: boolean
}

/** Mounts /dev and /proc as every container has them, if the root has these folders. */
const SCRIPT = `
mount --make-rprivate /
mount --bind "$0" "$0"
cd "$0"
if [ -d dev ]; then
  mount -t tmpfs -o mode=755 tmpfs dev
  mknod -m 666 dev/null c 1 3
  mount -t proc proc proc
fi
[ "$2" = writable ] || mount -o remount,ro,bind "$0"
cd "$0"
user=$1
shift 2
exec chroot --userspec="$user" . "$@"
`

/** The arguments of `unshare` that run a program in the root as PID 1. */
export function inRoot(
  root: string,
  words: readonly string[],
  { user = '0:0', isWritable = false }: RootOptions = {},
): readonly string[] {
  return [...NAMESPACE, 'sh', '-ec', SCRIPT, root, user, isWritable ? 'writable' : 'read-only', ...words]
}

/** Copies the C libraries that the Node.js of this machine needs, and makes the folders /dev and /proc. */
export function layLibraries(root: string): void {
  const { stdout } = spawnSync('ldd', [process.execPath], { encoding: 'utf8' })
  for (const [, path = ''] of (stdout ?? '').matchAll(/(\/\S+) \(0x/g)) copyInto(path, join(root, path))
  for (const name of ['dev', 'proc']) mkdirSync(join(root, name), { recursive: true })
}

/** Copies a file, not the link to it, with the folders above it. */
export function copyInto(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true })
  cpSync(from, to, { dereference: true })
}
