// Files and requests of the tests of `kahi daemon`.

import { writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'

import { kahi } from '../../helpers/kahi.ts'

export const isRoot = process.getuid?.() === 0
export const ignoreTerm = `sh -c 'trap "" TERM; echo armed; while :; do sleep 1; done'`

/** Writes a kahi.toml with a socket beside it; gives its path. */
export function write(directory: string, programs: string, supervisor = ''): string {
  const file = join(directory, 'kahi.toml')
  const server = `[server.unix]\nfile = "${join(directory, 'k.sock')}"`
  writeFileSync(file, `[supervisor]\n${supervisor}\n${server}\n${programs}\n`)
  return file
}

export function program(name: string, command: string, more = ''): string {
  return `[programs.${name}]\ncommand = '''${command}'''\nstartsecs = 0\n${more}\n`
}

export async function states(directory: string): Promise<Record<string, string>> {
  const { stdout } = await kahi(['ctl', '-s', join(directory, 'k.sock'), 'status', '--json'])
  const list: { name: string; state: string }[] = JSON.parse(stdout)
  return Object.fromEntries(list.map(({ name, state }) => [name, state]))
}

/** POST over the unix socket; the answer's body. */
export function postTo(socketPath: string, path: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ socketPath, path, method: 'POST', agent: false }, (response) => {
      text(response).then((body) => resolve(JSON.parse(body)), reject)
    })
    outgoing.once('error', reject)
    outgoing.end()
  })
}
