// Who may use a server.

/** What a client may do: each role may do all that the ones before it may do, but `metrics` only reads metrics. */
export const ROLES = ['metrics', 'read', 'control', 'admin'] as const

/** One of the roles. */
export type Role = (typeof ROLES)[number]

/** A token: a long random text, of which only the hash is configured. */
export interface Token {
  readonly name: string
  /** SHA-256 of the token, hexadecimal. */
  readonly hash: string
  readonly role: Role
}

/** The beginning of each token, so that programs that look for secrets in files find it. */
export const TOKEN_PREFIX = 'kahi_'
