// Finds the route of a request, and says why there is none.

import { ControlError } from '../errors.ts'
import type { Route } from './routes.ts'

/** A route with the parts of its path in braces, percent-decoded. */
export interface Match {
  readonly route: Route
  readonly path: Readonly<Record<string, string>>
}

/** The route for a method and a path; throws NOT_FOUND or METHOD_NOT_ALLOWED. */
export function matchRoute(routes: readonly Route[], method: string, pathname: string): Match {
  const words = pathname.split('/')
  const allowed: string[] = []
  for (const route of routes) {
    const path = matchPath(route.path, words)
    if (path !== undefined && route.method === method) return { route, path }
    if (path !== undefined) allowed.push(route.method)
  }
  if (allowed.length === 0) throw new ControlError('NOT_FOUND', `no such path: ${pathname}`)
  throw new ControlError('METHOD_NOT_ALLOWED', `${method} is not allowed here`, `use ${allowed.join(' or ')}`)
}

function matchPath(pattern: string, words: readonly string[]): Record<string, string> | undefined {
  const parts = pattern.split('/')
  if (parts.length !== words.length) return undefined
  const found: Record<string, string> = {}
  for (const [index, part] of parts.entries()) {
    const word = words[index] ?? ''
    if (part.startsWith('{')) found[part.slice(1, -1)] = decode(word)
    else if (part !== word) return undefined
  }
  return found
}

function decode(word: string): string {
  try {
    return decodeURIComponent(word)
  } catch {
    throw new ControlError('BAD_REQUEST', `bad percent-encoding in the path: ${word}`)
  }
}
