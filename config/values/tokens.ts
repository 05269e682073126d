// The value of `tokens`: names, each with the hash of a token and its role.

import { type Role, ROLES, type Token } from '../model/access.ts'
import { nearest } from './nearest.ts'
import { quote, ValueError, type ValueType } from './values.ts'

const HASH = /^sha256:([0-9a-f]{64})$/i

/** A table such as `{ prometheus = { hash = "sha256:…", role = "metrics" } }`. */
export const tokens: ValueType<readonly Token[]> = {
  name: 'table of names with { hash, role }',
  isQuiet: true,
  fromText() {
    throw new ValueError('it is text, not a table')
  },
  fromToml(value) {
    if (typeof value !== 'object' || Array.isArray(value)) return undefined
    return Object.entries(value).map(([name, one]) => readToken(name, one))
  },
  toToml: (list) => Object.fromEntries(list.map(({ name, hash, role }) => [name, { hash: `sha256:${hash}`, role }])),
}

function readToken(name: string, value: unknown): Token {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new ValueError(`${name} is no table with hash and role`)
  const { hash, role, ...others } = value as Readonly<Record<string, unknown>>
  const [unknown] = Object.keys(others)
  if (unknown !== undefined) throw new ValueError(`${name} has ${quote(unknown)}; it takes hash and role`)
  const [, digest] = typeof hash === 'string' ? (HASH.exec(hash) ?? []) : []
  if (digest === undefined)
    throw new ValueError(
      `${name} needs hash = "sha256:" and 64 hexadecimal digits, as kahi hash-password --token prints`,
    )
  return { name, hash: digest.toLowerCase(), role: readRole(name, role) }
}

function readRole(name: string, value: unknown): Role {
  const role = ROLES.find((one) => one === value)
  if (role !== undefined) return role
  const close = typeof value === 'string' ? nearest(value, ROLES) : undefined
  const hint = close === undefined ? '' : `; did you mean ${quote(close)}?`
  throw new ValueError(`${name} needs a role: ${ROLES.join(', ')}${hint}`)
}
