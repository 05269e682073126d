// The source of a connection, as far as the guesses of passwords that come from it are counted together: a client must not
// get more guesses by using more of the addresses that it has anyway.

import { isIPv6 } from 'node:net'

/** The source as log lines name it. */
export function sourceOf(address: string | undefined): string {
  if (address === undefined) return 'the unix socket'
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '')
  // every user of this machine can use all of 127.0.0.0/8
  if (plain === '::1' || plain.startsWith('127.')) return 'this machine'
  return isIPv6(plain) ? `${network(plain)}::/64` : plain
}

/** The first four groups of an IPv6 address: a machine usually has all addresses with the same ones. */
function network(address: string): string {
  const [head = '', tail] = address.split('::').map((part) => (part === '' ? [] : part.split(':')))
  const groups = [...head]
  if (tail !== undefined) groups.push(...Array<string>(Math.max(0, 8 - head.length - tail.length)).fill('0'), ...tail)
  return groups.slice(0, 4).join(':')
}
