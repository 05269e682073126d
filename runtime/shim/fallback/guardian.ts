// Ends the services of the fallback when the daemon has ended. A POSIX shell reads lines from the daemon: `+pgid start` for a
// new group, with the start time of its leader; `~pgid pid:start …` when the leader has ended, with the members; `-pgid` when
// the group is empty. At the end of that stream it kills the groups that are still the same, and all descendants of their
// leaders, in whatever group they are. When the shell is killed, a new one is started.

import { type ChildProcess, spawn } from 'node:child_process'

const SCRIPT = `trap '' HUP INT QUIT TERM USR1 USR2 PIPE
groups=' '
while read -r line; do
  group=\${line#?} proof=
  case $group in *' '*) proof=\${group#* } group=\${group%% *} ;; esac
  case $line in
    -*) case $groups in *" $group "*) groups="\${groups%% $group *} \${groups#* $group }" ;; esac ;;
    *)
      case $groups in *" $group "*) ;; *) groups="$groups$group " ;; esac
      case $line in +*) proof="led:$proof" ;; esac
      eval "proof_$group=\\$proof" ;;
  esac
done
look() {
  text= own= start=
  { while read -r part || [ -n "$part" ]; do text="$text$part "; done; } 2>/dev/null < "/proc/$1/stat" || return
  set -- \${text##*) }
  own=$3
  shift 19
  start=$1
}
is_ours() {
  eval "proof=\\$proof_$1"
  case $proof in led:*)
    [ -e "/proc/$1" ] || return 0
    look "$1" 2>/dev/null
    [ "$start" = "\${proof#led:}" ]
    return ;;
  esac
  for member in $proof; do
    look "\${member%:*}" 2>/dev/null
    [ "$own:$start" = "$1:\${member#*:}" ] && return 0
  done
  return 1
}
below= ours=
walk() {
  for list in /proc/$1/task/*/children; do
    children=
    { read -r children; } 2>/dev/null < "$list"
    for child in $children; do
      look "$child" 2>/dev/null
      below="$below $child:$start"
      walk "$child"
    done
  done
}
for group in $groups; do
  is_ours "$group" || continue
  ours="$ours $group"
  [ -e "/proc/$group" ] && walk "$group"
done
for group in $ours; do kill -9 "-$group" 2>/dev/null; done
for child in $below; do
  look "\${child%:*}" 2>/dev/null
  [ "$start" = "\${child#*:}" ] && kill -9 "\${child%:*}" 2>/dev/null
done
`

const MOST_STARTS = 5

/** The shell that outlives the daemon process for a moment. */
export class Guardian {
  /** Group → the line that says how it is known. */
  readonly #groups = new Map<number, string>()
  #shell: ChildProcess | undefined
  #starts = 0
  #closing = false

  /** Adds a group that is to be killed when the daemon process has ended. `start` is the start time of its leader. */
  add(group: number, start: string): void {
    this.#groups.set(group, `+${group} ${start}\n`)
    if (this.#shell === undefined) this.#start()
    else this.#write(`+${group} ${start}\n`)
  }

  /** The leader has ended: from now on the group is ours while one of these members is in it. */
  leaderEnded(group: number, members: ReadonlyMap<number, string>): void {
    const line = `~${group} ${[...members].map(([pid, start]) => `${pid}:${start}`).join(' ')}\n`
    if (!this.#groups.has(group) || this.#groups.get(group) === line) return
    this.#groups.set(group, line)
    this.#write(line)
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
    for (const line of this.#groups.values()) this.#write(line)
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
