// `kahi completion`: the words that bash, zsh and fish offer, including names of running programs.

import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { execa } from 'execa'
import { describe, expect, test } from 'vitest'
import { kahi, root } from '../helpers/kahi.ts'
import { end, noting, run } from '../helpers/order.ts'

const PATH = `${join(root, 'dist')}:${process.env.PATH}`

const hasShell = (shell: string): boolean => {
  const isThere = spawnSync(shell, ['-c', 'true']).status === 0
  if (!isThere) console.warn(`${shell} is not installed: its completion is not tested`)
  return isThere
}

const offers = async (...words: string[]): Promise<string[]> =>
  (await kahi(['__complete', ...words])).stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => line.split('\t')[0] ?? '')

test('commands, options, choices, tables and signals, each with what it means', async () => {
  expect(await offers('c')).toEqual(['ctl', 'check', 'completion'])
  expect(await offers('ctl', 'st')).toEqual(['status', 'start', 'stop'])
  expect(await offers('keys', '--format', '')).toEqual(['text', 'markdown'])
  expect(await offers('keys', 'serv')).toEqual(['server.unix', 'server.http'])
  expect(await offers('ctl', 'signal', 'US')).toEqual(['USR1', 'USR2'])
  expect(await offers('ctl', 'events', '--fo')).toEqual(['--follow'])
  expect(await offers('completion', '')).toEqual(['bash', 'zsh', 'fish'])
  expect((await kahi(['__complete', 'vers'])).stdout).toBe('version\tPrint the version of kahi\n')
  expect(await kahi(['completion', 'tcsh'])).toMatchObject({ exitCode: 2 })
})

describe('with a daemon', () => {
  const TREE = noting('web') + noting('worker', 'numprocs = 2\nprocess_name = "w%(process_num)d"')

  test('names of its programs and groups', async () => {
    const all = await run(TREE)
    const file = join(all.folder, 'kahi.toml')
    expect(await offers('ctl', '-c', file, 'restart', 'w')).toEqual(['web', 'worker:w0', 'worker:w1', 'worker:*'])
    expect(await offers('ctl', `--config=${file}`, 'tail', 'web', 'wo')).toEqual(['worker:w0', 'worker:w1', 'worker:*'])
    expect(await offers('ctl', '-s', join(all.folder, 'none'), 'stop', '')).toEqual([])

    const env = { PATH, KAHI_SOCKET: join(all.folder, 'k.sock') }
    const bash = async (line: string): Promise<string[]> => {
      const script = `source <(kahi completion bash); COMP_LINE=$1; COMP_POINT=\${#1}; _kahi; printf '%s\\n' "\${COMPREPLY[@]}"`
      const { stdout } = await execa('bash', ['-c', script, 'bash', line], { env })
      return stdout.split('\n')
    }
    expect(await bash('kahi ctl stop we')).toEqual(['web'])
    expect(await bash('kahi ctl stop worker:w')).toEqual(['w0', 'w1'])
    expect(await bash('kahi ctl ')).toContain('restart')
    expect(await bash('kahi he')).toEqual(['healthcheck'])

    if (hasShell('fish')) {
      const { stdout } = await execa('fish', ['-c', 'kahi completion fish | source; complete -C "kahi ctl stop w"'], {
        env,
      })
      expect(stdout.split('\n').map((line) => line.split('\t')[0])).toEqual([
        'web',
        'worker:*',
        'worker:w0',
        'worker:w1',
      ])
    }
    if (hasShell('zsh')) {
      const script = `compdef() {}; _describe() { print -rl -- "\${(@P)2}" }; source <(kahi completion zsh); words=(kahi ctl stop worker:); CURRENT=4; _kahi`
      const { stdout } = await execa('zsh', ['-fc', script], { env })
      expect(stdout.split('\n').map((line) => line.slice(0, 10))).toEqual(['worker\\:w0', 'worker\\:w1', 'worker\\:*:'])
    }
    await end(all)
  })
})
