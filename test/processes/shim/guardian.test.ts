// The shell that kills the groups of the fallback after a crash: it kills a group only while it is the same group.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, onTestFinished, test } from 'vitest'
import { Guardian } from '../../../runtime/shim/fallback/guardian.ts'
import { groupMembers, startOf } from '../../../runtime/system/process-group.ts'
import { isRunning } from '../../helpers/processes.ts'
import { eventually } from '../../helpers/wait.ts'

/** A group with a leader and a member; gives the pid of both. */
async function group() {
  const words = ['-c', 'sleep 1000 & echo $!; read -r line; exit 0']
  const leader = spawn('/bin/sh', words, { detached: true, stdio: ['pipe', 'pipe', 'ignore'] })
  const member = Number(String(await once(leader.stdout, 'data')))
  onTestFinished(() => {
    if (isRunning(member)) process.kill(member, 'SIGKILL')
  })
  leader.stdin.on('error', () => {}) // it may have been killed
  const ended = once(leader, 'exit')
  const end = async () => {
    leader.stdin.write('\n')
    await ended
  }
  return { leader: leader.pid ?? 0, member, end }
}

test.each([
  { known: 'the leader', dies: true, start: (pid: number) => startOf(pid) },
  { known: 'a leader with another start time', dies: false, start: () => '1' },
])('known by $known', async ({ dies, start }) => {
  const { leader, member, end } = await group()
  const guardian = new Guardian()
  guardian.add(leader, start(leader))
  await guardian.close()
  if (dies) await eventually(() => !isRunning(leader) && !isRunning(member), 'both are killed')
  else expect([isRunning(leader), isRunning(member)]).toEqual([true, true])
  await end()
})

test.each([
  { known: 'a member', dies: true, start: (pid: number) => startOf(pid) },
  { known: 'a member with another start time', dies: false, start: () => '1' },
])('without leader, known by $known', async ({ dies, start }) => {
  const { leader, member, end } = await group()
  const guardian = new Guardian()
  guardian.add(leader, startOf(leader))
  await end()
  expect(groupMembers(leader).map(({ pid }) => pid)).toEqual([member])
  guardian.leaderEnded(leader, new Map([[member, start(member)]]))
  await guardian.close()
  if (dies) await eventually(() => !isRunning(member), 'the member is killed')
  else expect(isRunning(member)).toBe(true)
})

test('a member that has left the group does not prove it', async () => {
  const { leader, member, end } = await group()
  const other = spawn('sleep', ['1000'], { detached: true, stdio: 'ignore' })
  const guardian = new Guardian()
  guardian.add(leader, startOf(leader))
  await end()
  guardian.leaderEnded(leader, new Map([[other.pid ?? 0, startOf(other.pid ?? 0)]]))
  await guardian.close()
  expect(isRunning(member)).toBe(true)
  other.kill('SIGKILL')
})
