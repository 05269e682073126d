// Requests to the daemon that this page comes from. Paths are relative, so the page also works behind a proxy with a prefix.

/** A request that failed, as the daemon says it. */
export class Failed extends Error {
  readonly hint: string

  constructor(message: string, hint: string) {
    super(message)
    this.hint = hint
  }
}

interface ErrorAnswer {
  readonly error?: string
  readonly hint?: string
}

/** Asks, and gives the JSON of the answer. Throws Failed. */
export async function ask<T>(method: 'GET' | 'POST' | 'DELETE', path: string, body?: object): Promise<T> {
  const response = await send(method, path, body)
  return (await response.json()) as T
}

/** Asks, and gives the text of the answer. Throws Failed. */
export async function askText(path: string): Promise<string> {
  return (await send('GET', path)).text()
}

async function send(method: string, path: string, body?: object): Promise<Response> {
  const options: RequestInit = { method }
  if (body !== undefined) {
    options.body = JSON.stringify(body)
    options.headers = { 'Content-Type': 'application/json' }
  }
  const response = await fetch(path, options).catch(() => {
    throw new Failed('the daemon does not answer', '')
  })
  if (response.ok) return response
  const { error, hint } = (await response.json().catch(() => ({}))) as ErrorAnswer
  throw new Failed(error ?? `the daemon answers with ${response.status}`, hint ?? '')
}
