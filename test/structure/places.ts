// The files of runtime/ that may open, make, change or remove a file by its path, and why that is safe there. All others use
// runtime/system/guarded.ts and guarded-trees.ts.

/** The functions of node:fs and node:fs/promises that open or change a file by its path. */
export const BY_PATH: ReadonlySet<string> = new Set(
  (
    'appendFile chmod chown copyFile cp lchown link lutimes mkdir mkdtemp open openAsBlob opendir readFile rename rm rmdir ' +
    'symlink truncate unlink utimes writeFile'
  )
    .split(' ')
    .flatMap((name) => [name, `${name}Sync`])
    .concat('createReadStream', 'createWriteStream'),
)

const OWN = 'is these functions'
const HELD = 'acts below a directory that it holds open'
const PROC = 'reads or opens /proc or /sys, where no user makes files'

/** The file that may remove a directory with all that is in it, because only root or the daemon's user can write there. */
export const OWN_DIRECTORY = 'runtime/shim/fallback/fifo-pool.ts'

/** The reason for each file. */
export const ALLOWED: Readonly<Record<string, string>> = {
  'runtime/system/guarded.ts': OWN,
  'runtime/system/guarded-trees.ts': OWN,
  'runtime/system/files.ts': 'removeLater() gets a path in a directory that its caller holds open',
  'runtime/system/pidfile.ts': HELD,
  'runtime/log/auto-file.ts': HELD,
  'runtime/log/main-log.ts': HELD,
  'runtime/log/compress.ts': HELD,
  'runtime/log/rotating-file.ts': HELD,
  'runtime/control/http/unix-socket.ts': HELD,
  'runtime/control/s6/service-files.ts': HELD,
  'runtime/control/s6/fifodir.ts': HELD,
  'runtime/log/stdout.ts': PROC,
  'runtime/daemon/limits.ts': PROC,
  'runtime/process/measure.ts': PROC,
  'runtime/process/usage.ts': PROC,
  'runtime/system/open-files.ts': PROC,
  'runtime/daemon/helper-watch.ts': PROC,
  'runtime/shim/kill-trees.ts': PROC,
  'runtime/shim/client/connection.ts': PROC,
  'runtime/shim/client/cgroup-kill.ts': PROC,
  'runtime/shim/client/cgroups.ts': PROC,
  'runtime/shim/client/cgroup-mounts.ts': PROC,
  'runtime/system/process-group.ts': PROC,
  'runtime/shim/fallback/fallback.ts': 'opens /dev/null',
  'runtime/shim/fallback/fifo-pool.ts':
    'makes a directory of its own with mode 0700 in the sticky directory for temporary files',
  'runtime/system/users.ts': 'reads /etc/passwd and /etc/group, which belong to root',
}
