// Boots small images: an overlay of some files over the files of this machine, in new namespaces. /init is a link to dist/kahi,
// which is in /kahi. Needs root and unshare.

import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { kahiPath, scratch, startDaemon, type Daemon } from './kahi.ts'
import { processState } from './processes.ts'

/** Files by their path without the first slash; those that begin with `#!` are executable, a path that ends in a slash is a directory. */
export type Files = Readonly<Record<string, string>>

/** How an image is booted. */
export interface BootOptions {
  readonly env?: Readonly<Record<string, string>>
  /** The first process, unless it is /init. */
  readonly entry?: string
  /** A script that root runs in the new root before the first process. */
  readonly before?: string
  /** Words before the first process, for example to drop root. */
  readonly through?: readonly string[]
  /** Directory whose content is laid over the files. */
  readonly tree?: string
  /** Directories without blanks in their paths, whose content is laid below the files, the lowest first. */
  readonly layers?: readonly string[]
  /** `pipe`: what is written to the daemon's stdin is read in the image. `terminal`: it is typed at a terminal, as with `docker run -it`. */
  readonly stdin?: 'pipe' | 'terminal'
  /** Stdout and stderr are pipes, as from a container engine: what Node.js makes cannot be opened as /dev/stdout. */
  readonly pipes?: boolean
}

/** Runs a command at a new terminal, and copies between the terminal and its own input and output. */
const AT_TERMINAL = 'import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))'

/** Runs a command whose output goes through two `cat`, which are no children of it. */
const THROUGH_PIPES = 'exec "$@" > >( (cat <&0 &) ) 2> >( (cat <&0 >&2 &) )'

const NAMESPACE = ['--pid', '--mount', '--fork', '--mount-proc', '--kill-child', '--']

const SCRIPT = `
mount --make-rprivate /
mount -t tmpfs tmpfs "$0/layers"
mkdir "$0/layers/upper" "$0/layers/inner" "$0/layers/root"
for layer in $LAYERS; do cp -a "$layer/." "$0/layers/upper/"; done
if [ -n "$TREE" ]; then cp -a "$TREE/." "$0/layers/upper/"; fi
cp -a "$0/files/." "$0/layers/upper/"
mount -t overlay overlay -o "lowerdir=/,upperdir=$0/layers/upper,workdir=$0/layers/inner" "$0/layers/root"
cd "$0/layers/root"
mount -t proc proc proc
mount --rbind /dev dev
mount -t tmpfs -o mode=755 tmpfs run
mkdir -p kahi && mount --bind "$KAHI" kahi
ln -s /kahi/kahi init
chroot . /bin/sh -ec "$BEFORE"
unset KAHI BEFORE TREE LAYERS OLDPWD
exec chroot . "$@"
`

/** Whether this machine can boot images. If not, prints the reason once. */
export function canBoot(): boolean {
  const can = spawnSync('unshare', [...NAMESPACE, 'sh', '-c', 'mount --make-rprivate /']).status === 0
  if (!can) console.warn('not root, or no unshare: images are not booted')
  return can
}

/** Boots an image with these files; `command` is that of the container. Its pid is that of unshare; see firstPid(). */
export function bootImage(files: Files, command: readonly string[] = [], options: BootOptions = {}): Daemon {
  const folder = scratch()
  mkdirSync(join(folder, 'layers'))
  chmodSync(folder, 0o755)
  layFiles(join(folder, 'files'), files)
  const { entry = '/init', env = {}, before = ':', through = [], tree = '', layers = [], stdin } = options
  const inside = stdin === 'terminal' ? ['setsid', '-c', ...through] : through
  const args = [...NAMESPACE, 'sh', '-ec', SCRIPT, folder, ...inside, entry, ...command]
  const [program, ...start] = starter(options)
  return startDaemon([...start, ...args], {
    program: program ?? '',
    ...(stdin === undefined ? {} : { stdin: 'pipe' }),
    cwd: '/',
    env: {
      S6_VERBOSITY: undefined,
      KAHI: dirname(kahiPath),
      BEFORE: before,
      TREE: tree,
      LAYERS: layers.join(' '),
      ...env,
    },
  })
}

function starter({ stdin, pipes = false }: BootOptions): readonly string[] {
  if (stdin === 'terminal') return ['python3', '-c', AT_TERMINAL, 'unshare']
  return pipes ? ['bash', '-c', THROUGH_PIPES, 'bash', 'unshare'] : ['unshare']
}

/** The pid of the image's first process in the pid namespace of the test. Throws when there is none: 0 would mean the tests. */
export function firstPid(daemon: Daemon): number {
  const children = readdirSync(`/proc/${daemon.pid}/task`).flatMap((task) =>
    readFileSync(`/proc/${daemon.pid}/task/${task}/children`, 'utf8').trim().split(' '),
  )
  // The shells of THROUGH_PIPES have ended, and are not reaped.
  const pid = Number(children.find((child) => child !== '' && processState(Number(child)) !== 'Z'))
  if (!(pid > 0)) throw new Error(`the image has no process; it wrote:\n${daemon.output()}`)
  return pid
}

/** Writes files below a directory. */
export function layFiles(root: string, files: Files): void {
  mkdirSync(root, { recursive: true })
  for (const [path, text] of Object.entries(files)) {
    const file = join(root, path)
    mkdirSync(path.endsWith('/') ? file : dirname(file), { recursive: true })
    if (!path.endsWith('/')) writeFileSync(file, text, { mode: text.startsWith('#!') ? 0o755 : 0o644 })
  }
}

const OVERLAY_FOLDERS = 's6-init|fix-attrs\\.d|cont-init\\.d|services\\.d|cont-finish\\.d|s6-finish|cmd'
const NOT_OF_IMAGE = new RegExp(
  `^(?:\\d{4}-\\d\\d-\\d\\d | {2}hint: |kahi: |s6-rc: |[\\w/.-]+: info: |\\[(?:${OVERLAY_FOLDERS})\\] )`,
)

/** The lines of the image itself: without the log of kahi, and without the lines of s6-overlay about the boot. */
export function said(daemon: Daemon): string[] {
  return daemon
    .output()
    .split('\n')
    .filter((line) => line !== '' && !NOT_OF_IMAGE.test(line))
}
