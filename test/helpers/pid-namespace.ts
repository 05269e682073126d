// A pid namespace in which only the test starts processes. So the test can choose the pid of the next process, for example that of
// an old process group. Tests of signals need this: "a stranger" is a process that got such a pid and must not be signalled.

import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished } from 'vitest'
import { below, commandOf } from './processes.ts'
import { eventually } from './wait.ts'

/**
 * A program for perl, with a folder that has a FIFO `go`. A leader starts a process that leaves the group, and whose own child stays in it: the end of that one is not reported to the parent of the leader.
 * That child ends when something is written to `go`; then there is a file `gone`.
 */
export const LEAVER = `use POSIX (); $dir = shift; open F, ">", "$dir/pid"; print F $$; close F;
unless (fork) {
  unless (fork) { open F, "<", "$dir/go"; <F>; exit }
  POSIX::setsid(); open F, ">", "$dir/ready"; close F; wait; open F, ">", "$dir/gone"; close F; sleep 1000; exit }
select undef, undef, undef, 0.02 until -e "$dir/ready"`

/**
 * A program for perl as `LEAVER`, but the last member of the group does not end: it leaves the group for a session of its own.
 */
export const MOVER = `use POSIX (); $dir = shift; open F, ">", "$dir/pid"; print F $$; close F;
exit if fork;
open F, "<", "$dir/go"; <F>; POSIX::setsid(); open F, ">", "$dir/gone"; close F; sleep 1000`

// The next process in the namespace gets the number. The process that is to live on writes its own number.
const STRANGER = `($dir, $number, $leads) = @ARGV;
sub note { open F, ">", "$dir/note"; print F shift; close F; rename "$dir/note", "$dir/stranger" }
open F, ">", "/proc/sys/kernel/ns_last_pid"; print F $number - 1; close F;
$leader = fork;
unless ($leader) {
  setpgrp 0, 0;
  exit if !$leads && fork;
  unless ($leads) { select undef, undef, undef, 0.02 while getppid == $number }
  note($$); sleep 1000; exit }
waitpid $leader, 0 unless $leads;
sleep 1000`

/** The reason why this machine cannot make the namespace; undefined when it can. */
export const noNamespace = [
  spawnSync('unshare', ['--pid', '--fork', '--mount-proc', 'true']).status !== 0 && 'not root, or no unshare',
  !existsSync('/usr/bin/perl') && 'no perl',
].find((reason) => reason !== false)

/** Starts a namespace of pids in which only this test starts processes; gives the pid of its first process. */
export async function namespace(): Promise<number> {
  const outer = run(['unshare', '--pid', '--fork', '--mount-proc', '--kill-child', 'sleep', '100000'])
  const children = () => below(outer).filter((pid) => pid !== outer && commandOf(pid) === 'sleep')
  await eventually(() => children().length === 1, 'the namespace is there')
  return children()[0] ?? 0
}

/** Starts a program, which is killed after the test; gives its pid. */
function run([program = '', ...args]: readonly string[]): number {
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  return child.pid ?? 0
}

/** The words before a program that make it run in the namespace of this process. */
export function inside(init: number): readonly string[] {
  return ['nsenter', '--target', `${init}`, '--pid', '--mount']
}

/** The words of a command that gives the number of a group to a stranger, or to the group of one. It must run in the namespace. */
export function strangerCommand(group: string, leads: boolean, folder: string): readonly [string, ...string[]] {
  return ['perl', '-e', STRANGER, folder, group, leads ? '1' : '']
}

/** Gives the number of a group to a stranger, or to the group of one; gives the state of that process from then on. */
export async function reuse(
  init: number,
  group: string,
  leads: boolean,
  folder: string,
): Promise<() => string | undefined> {
  run([...inside(init), ...strangerCommand(group, leads, folder)])
  return strangerState(init, group, folder)
}

/** Waits until the stranger has the number; gives the state of that process from then on. */
export async function strangerState(init: number, group: string, folder: string): Promise<() => string | undefined> {
  await eventually(() => existsSync(join(folder, 'stranger')), 'the stranger runs')
  const stat = `/proc/${init}/root/proc/${readFileSync(join(folder, 'stranger'), 'utf8')}/stat`
  await eventually(() => afterName(stat)[0] === 'S', 'the stranger sleeps')
  expect(afterName(stat)[2]).toBe(group)
  return () => (existsSync(stat) ? afterName(stat)[0] : undefined)
}

/** The words of a stat file of /proc after the program's name, which may contain any character: state, parent, group. */
export function afterName(path: string): readonly string[] {
  const stat = readFileSync(path, 'utf8')
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')
}
