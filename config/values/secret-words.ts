// Secrets inside one word: in a URL, in `name=value` pairs and JSON, and by the form of tokens that services give out. Each
// quantifier has a bound or ends at a character that it cannot contain, so the cost grows with the length of the word only.

import { isSecretName } from './secret-names.ts'

/** The text that replaces secrets. */
export const HIDDEN = '(hidden)'

const IN_URL = /\b([a-z][a-z0-9+.-]{0,30}:\/\/)([^\s"'<>]*)/gi
/** `user:password@host` without a scheme, as in DSNs. */
const LOGIN = /(?<![^=,;"'(])([\w.+-]{1,64}):([^\s@/:"']{1,256})@(?=[\w[(])(?!sha\d+:)/g
/** What has an `@` and is no login. */
const ADDRESS_SCHEME = /^(?:mailto|sips?|xmpp|acct|cid)$/i
/** `?token=x&…`, `…;Password=x;`: a parameter behind the first one of a word. */
const PARAMETER = /([?&;])([A-Za-z_][\w.-]{0,64})=([^\s&;"'<>]+)/g
/** `--set=db.password=x`, `{token=x,…`. */
const PAIR = /(?<=[,:={([|"'])([A-Za-z_][\w.-]{0,64})=([^\s&;,"'<>)}\]|]+)/g
/** `"password":"x"` in JSON. */
const IN_JSON = /"([\w.-]{1,64})":"([^"]*)"/g
/** Tokens of services, which say by their form what they are. */
const TOKEN =
  /\b(?:gh[pousr]_\w{20,255}|github_pat_\w{20,255}|glpat-[\w-]{16,255}|xox[a-z]-[\w-]{10,255}|sk[-_][\w-]{20,255}|[sr]k_live_\w{10,255}|AKIA[0-9A-Z]{16}|AIza[\w-]{30,60}|eyJ[\w-]{8,1024}\.[\w-]{8,4096}(?:\.[\w-]{0,1024})?|SG\.[\w-]{16,64}\.[\w-]{16,128}|npm_\w{30,64}|hv[sb]\.[\w-]{20,512})/g

/** Hides passwords and secret paths in URLs. */
export function hideInUrls(word: string): string {
  return word
    .replaceAll(IN_URL, (_, scheme: string, behind: string) => scheme + hideInPath(hideInAuthority(behind)))
    .replaceAll(LOGIN, (all: string, user: string) => (ADDRESS_SCHEME.test(user) ? all : `${user}:${HIDDEN}@`))
}

/** Hides values with secret names. */
export function hidePairs(word: string): string {
  return word
    .replaceAll(PARAMETER, (all: string, mark: string, key: string) =>
      isSecretName(key) ? `${mark}${key}=${HIDDEN}` : all,
    )
    .replaceAll(PAIR, (all: string, key: string, value: string) =>
      isSecretName(key) && !value.startsWith('(hidden') ? `${key}=${HIDDEN}` : all,
    )
    .replaceAll(IN_JSON, (all: string, key: string) => (isSecretName(key) ? `"${key}":"${HIDDEN}"` : all))
}

/** Hides tokens that are known by their form. */
export function hideTokens(word: string): string {
  return word.replaceAll(TOKEN, HIDDEN)
}

/** `user:password@host/path`, where a password may contain `/`, `:` and `@`; `KEY@host` is a DSN. */
function hideInAuthority(text: string): string {
  const at = authorityEnd(text)
  if (at < 0) return text
  const colon = text.indexOf(':')
  const user = colon >= 0 && colon < at ? text.slice(0, colon + 1) : ''
  return `${user}${HIDDEN}${text.slice(at)}`
}

/** The last `@` before the path. An `@` in the path (`host/a@b`) does not count, unless a password began before it. */
function authorityEnd(text: string): number {
  const slash = text.indexOf('/')
  const first = slash < 0 ? text : text.slice(0, slash)
  const inFirst = first.lastIndexOf('@')
  if (inFirst >= 0) return /^[^/?#]*@[^/?#]*$/.test(first) ? inFirst : -1
  const isPort = /^[^:]*(?::\d*)?$/.test(first)
  return isPort ? -1 : text.lastIndexOf('@')
}

/**
 * The path of a webhook is its password: all behind a host or part that is called hook is hidden. In other paths the parts that
 * look random are.
 */
function hideInPath(text: string): string {
  const [, path = '', behind = ''] = /^([^?#]*)(.*)$/s.exec(text) ?? []
  const parts = path.split('/')
  const hook = parts.findIndex((part) => /hook/i.test(part))
  if (hook >= 0 && hook + 1 < parts.length && parts[hook + 1] !== '')
    return `${[...parts.slice(0, hook + 1), HIDDEN].join('/')}${behind}`
  return `${parts.map((part, index) => (index > 0 && isRandom(part) ? HIDDEN : part)).join('/')}${behind}`
}

/** A UUID, a long number of hexadecimal digits, a token of a bot, or letters of both cases with digits. */
function isRandom(part: string): boolean {
  if (/^bot\d{5,}:/.test(part)) return true
  if (part.length < 16 || part.length > 2048) return false
  if (/^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i.test(part)) return true
  if (/^(?=\D*\d)(?=\d*[a-z])[a-z\d]{20,}$/i.test(part)) return true
  return /^[\w+=~:-]+$/.test(part) && /[a-z]/.test(part) && /[A-Z]/.test(part) && /\d/.test(part)
}
