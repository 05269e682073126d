// Ends the services of the fallback when the daemon has ended. A POSIX shell reads lines from the daemon: `+pgid` for a new
// group, `~pgid` when its leader has ended (a process of that number is a stranger then), `-pgid` when it is empty. At the
// end of that stream it kills the listed groups and all descendants of their leaders, in whatever group they are. When the
// shell is killed, a new one is started.

import { type ChildProcess, spawn } from 'node:child_process'

const SCRIPT = `trap '' HUP INT QUIT TERM USR1 USR2 PIPE
groups=' ' leaderless=' '
while read -r line; do
  group=\${line#?}
  case $leaderless in *" $group "*) leaderless="\${leaderless%% $group *} \${leaderless#* $group }" ;; esac
  case $line in
    +*) groups="$groups$group " ;;
    '~'*) leaderless="$leaderless$group " ;;
    -*) case $groups in *" $group "*) groups="\${groups%% $group *} \${groups#* $group }" ;; esac ;;
  esac
done
below= ours=
walk() {
  for list in /proc/$1/task/*/children; do
    children=
    { read -r children; } 2>/dev/null < "$list"
    for child in $children; do below="$below $child"; walk "$child"; done
  done
}
for group in $groups; do
  case $leaderless in *" $group "*) [ -e "/proc/$group" ] && continue ;; esac
  ours="$ours $group"
  walk "$group"
done
for group in $ours; do kill -9 "-$group" 2>/dev/null; done
for child in $below; do kill -9 "$child" 2>/dev/null; done
`

const MOST_STARTS = 5

/** The shell that outlives the daemon process for a moment. */
export class Guardian {
  /** Group → whether its leader has ended. */
  readonly #groups = new Map<number, boolean>()
  #shell: ChildProcess | undefined
  #starts = 0
  #closing = false

  /** Adds a group that is to be killed when the daemon process has ended. */
  add(group: number): void {
    this.#groups.set(group, false)
    if (this.#shell === undefined) this.#start()
    else this.#write(`+${group}\n`)
  }

  /** From now on a process with the number of the group is not its leader. */
  leaderEnded(group: number): void {
    if (this.#groups.has(group)) this.#groups.set(group, true)
    this.#write(`~${group}\n`)
  }

  /** Removes a group that has ended. */
  remove(group: number): void {
    if (this.#groups.delete(group)) this.#write(`-${group}\n`)
  }

  /** Ends the shell, which kills the groups that are left. */
  async close(): Promise<void> {
    this.#closing = true
    const shell = this.#shell
    if (shell === undefined) return
    await new Promise<void>((resolve) => {
      shell.once('exit', () => resolve())
      shell.stdin?.end()
    })
  }

  #start(): void {
    if (this.#closing || this.#starts++ >= MOST_STARTS) return
    const shell = spawn('/bin/sh', ['-c', SCRIPT], { stdio: ['pipe', 'ignore', 'ignore'], detached: true, env: {} })
    this.#shell = shell
    shell.stdin?.on('error', () => {})
    shell.on('error', () => this.#lost(shell))
    shell.on('exit', () => this.#lost(shell))
    for (const [group, isLeaderless] of this.#groups) {
      this.#write(`+${group}\n`)
      if (isLeaderless) this.#write(`~${group}\n`)
    }
  }

  #lost(shell: ChildProcess): void {
    if (this.#shell !== shell) return
    this.#shell = undefined
    if (this.#groups.size > 0) this.#start()
  }

  #write(line: string): void {
    this.#shell?.stdin?.write(line)
  }
}
