// A Debian package: an ar archive of two tars. Source: deb(5), deb-control(5).

import { createHash } from 'node:crypto'
import { gzip } from './gzip.ts'
import { type Tree, tarOf } from './tree.ts'

/** The facts for the control file of the package. */
export interface DebFacts {
  readonly version: string
  readonly architecture: string
  readonly description: string
  readonly maintainer: string
  /** Time of all files, in seconds since 1970. */
  readonly seconds: number
}

/** The package with these files. */
export async function debOf(tree: Tree, facts: DebFacts): Promise<Buffer> {
  const { seconds } = facts
  const contents = [...tree].flatMap(([path, entry]) =>
    'content' in entry ? [{ path, bytes: Buffer.from(entry.content) }] : [],
  )
  const size = Math.ceil(contents.reduce((sum, { bytes }) => sum + bytes.length, 0) / 1024)
  const sums = contents.map(({ path, bytes }) => `${createHash('md5').update(bytes).digest('hex')}  ${path}\n`)
  const control = new Map([
    ['control', { content: controlText(facts, size), mode: 0o644 }],
    ['md5sums', { content: sums.sort().join(''), mode: 0o644 }],
  ])
  return ar(seconds, [
    ['debian-binary', Buffer.from('2.0\n')],
    ['control.tar.gz', gzip(await tarOf(control, seconds, './'))],
    ['data.tar.gz', gzip(await tarOf(tree, seconds, './'))],
  ])
}

function controlText({ version, architecture, description, maintainer }: DebFacts, size: number): string {
  return `Package: kahi
Version: ${version}
Architecture: ${architecture}
Maintainer: ${maintainer}
Installed-Size: ${size}
Section: admin
Priority: optional
Recommends: nodejs (>= 20.19)
Description: ${description}
 kahi runs programs as supervisord and s6-overlay do, converts their configurations,
 and can take their places. It needs Node.js 20.19 or newer: the package nodejs, or
 the variable KAHI_NODE with the path of another one.
`
}

/** An ar archive in the common format. */
function ar(seconds: number, members: readonly (readonly [string, Buffer])[]): Buffer {
  const parts = members.flatMap(([name, bytes]) => {
    const head = `${name.padEnd(16)}${String(seconds).padEnd(12)}0     0     100644  ${String(bytes.length).padEnd(10)}\`\n`
    return [Buffer.from(head), bytes, Buffer.from(bytes.length % 2 === 1 ? '\n' : '')]
  })
  return Buffer.concat([Buffer.from('!<arch>\n'), ...parts])
}
