// The path and the query of a request.

/** What a request asks for. */
export interface Wanted {
  /** Percent-decoded once, without fragment; an encoding that is no text stays as it is. */
  readonly path: string
  /** Without the question mark. */
  readonly query: string
}

/**
 * Reads the target of a request, also one with scheme and host, which clients send to a proxy. Source: supervisor
 * 4.2.5, medusa http_channel.found_terminator and http_request.split_uri.
 */
export function readWanted(target: string): Wanted {
  const [address = ''] = target.replace(/^https?:\/\/[^/?#]*/i, '').split('#')
  const mark = address.indexOf('?')
  const path = mark < 0 ? address : address.slice(0, mark)
  return { path: decode(path), query: mark < 0 ? '' : address.slice(mark + 1) }
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}
