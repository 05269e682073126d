// Keeps the services of the fallback from outliving the brain: a POSIX shell that reads `+pgid` and `-pgid` lines
// from the brain and kills the groups it knows when that stream ends. Should the shell be killed, another
// one takes its place.

import { type ChildProcess, spawn } from 'node:child_process'

const SCRIPT = `trap '' HUP INT QUIT TERM USR1 USR2 PIPE
groups=' '
while read -r line; do
  group=\${line#?}
  case $line in
    +*) groups="$groups$group " ;;
    -*) case $groups in *" $group "*) groups="\${groups%% $group *} \${groups#* $group }" ;; esac ;;
  esac
done
for group in $groups; do kill -9 "-$group" 2>/dev/null; done
`

const MOST_STARTS = 5

/** The shell that outlives the brain for a moment. */
export class Guardian {
  readonly #groups = new Set<number>()
  #shell: ChildProcess | undefined
  #starts = 0
  #closing = false

  /** Kill this group when the brain is gone. */
  add(group: number): void {
    this.#groups.add(group)
    if (this.#shell === undefined) this.#start()
    else this.#write(`+${group}\n`)
  }

  /** The group is gone. */
  remove(group: number): void {
    if (this.#groups.delete(group)) this.#write(`-${group}\n`)
  }

  /** Ends the shell; it kills the groups that are left. */
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
    for (const group of this.#groups) this.#write(`+${group}\n`)
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
