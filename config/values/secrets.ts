// Hides secrets in printed texts: values of variables and options whose names sound secret, and the credentials in
// URLs. A text is read word by word, so the cost grows with its length only.

import { quote } from './values.ts'

/** Parts of names that mean a secret value, at word boundaries: `ADMIN_PWD`, `cookieSalt`, `api-key`. */
const SECRET =
  /(?<!com|by|tres)pass(?!ive|enger|port|thr)|secret|token|credential|auth|private|apikey|(?:^|[._-])(?:key|pwd|pw|pass|salt|pin|dsn|cookie|sig|signature|hash)(?:$|[._-])/i
const IN_CAMEL = /[a-z](?:Key|Pwd|Salt|Pin)(?:$|[A-Z_-])/
/** One-letter options whose values are passwords for clients of databases and HTTP. */
const SHORT = /^-([pu])(.*)$/s
const CLIENTS =
  /(?:^|[/\s'"(;&|])(?:mysql\w*|mariadb\w*|curl|wget|ftp|lftp|smbclient|sshpass|mongo\w*|influx|redis-cli)(?=$|[\s'"])/
/** `-pass`, `-passin`, as openssl has them: the next word is the secret, and `ass` is none. */
const PASS_OPTION = /^-pass[a-z]*$/
const IN_URL = /\b([a-z][a-z0-9+.-]{0,30}:\/\/)([^\s"'<>]*)/gi
/** `?token=x&…`, `…;Password=x;`: a parameter behind the first one of a word. */
const PARAMETER = /([?&;])([A-Za-z_][\w.-]{0,64})=([^\s&;"'<>]+)/g
/** `"password":"x"` in JSON. */
const IN_JSON = /"([\w.-]{1,64})":"([^"]*)"/g
/** `'Authorization:` before its value. */
const HEADER = /^(["']?)([A-Za-z][\w-]{0,64}):$/
/** No text has it: a header without quotes hides all that follows. */
const NEVER = '\0'
/** The text that replaces secrets. */
const HIDDEN = '(hidden)'
/** Longer texts are hidden completely. */
const LONGEST = 65_536

/** Whether the name of a key, variable or option sounds secret. */
export function isSecretName(name: string): boolean {
  return name.length <= 256 && (SECRET.test(name) || IN_CAMEL.test(name))
}

/** The value of a key, such as `environment.DB_PASSWORD` or `command`, without secrets. */
export function withoutSecrets(key: string, value: unknown): unknown {
  if (value === undefined || value === null) return value
  if (isSecretName(key)) return HIDDEN
  if (typeof value === 'string') return hideInText(value)
  if (Array.isArray(value)) return hideInWords(value)
  if (typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([inner, one]) => [inner, withoutSecrets(inner, one)]))
}

/** A value as it may be shown in a message; hidden completely when its name sounds secret. */
export function quoteWithoutSecrets(key: string, value: string): string {
  return isSecretName(key) ? HIDDEN : quote(hideInText(value))
}

/** Hides secrets in a command line or any other text, word by word; blanks and quotes are kept. */
function hideInText(text: string): string {
  if (text.length > LONGEST) return HIDDEN
  const pieces = text.split(/(\s+)/)
  const isClient = CLIENTS.test(text)
  let before = ''
  let open = ''
  const shown = pieces.map((piece) => {
    if (piece === '' || /^\s/.test(piece)) return open === '' ? piece : ''
    if (open !== '') {
      if (piece.endsWith(open)) open = ''
      return ''
    }
    const [, quotation = '', header = ''] = HEADER.exec(piece) ?? []
    if (isSecretName(header)) {
      open = quotation === '' ? NEVER : quotation
      return `${piece} ${HIDDEN}${quotation}`
    }
    const hidden = hideInWord(piece, before, isClient)
    const mark = (hidden === HIDDEN ? /^(["'])/ : /^[^=]*=(["'])/).exec(piece)?.[1] ?? ''
    if (hidden !== piece && mark !== '' && !closes(piece, mark) && hidden.endsWith(HIDDEN)) open = mark
    before = piece
    return hidden
  })
  return shown.join('')
}

function closes(piece: string, mark: string): boolean {
  return piece.indexOf(mark) < piece.length - 1 && piece.lastIndexOf(mark) > piece.indexOf(mark)
}

/** Hides secrets in a list of words; the word before tells whether a word is a secret. */
function hideInWords(words: readonly unknown[]): readonly unknown[] {
  const isClient = words.some((word) => typeof word === 'string' && CLIENTS.test(word))
  return words.map((word, index) => {
    const before = words[index - 1]
    if (typeof word !== 'string') return withoutSecrets('', word)
    return /\s/.test(word) && !takesSecret(String(before ?? ''), isClient)
      ? hideInText(word)
      : hideInWord(word, typeof before === 'string' ? before : '', isClient)
  })
}

function hideInWord(word: string, before: string, isClient: boolean): string {
  if (takesSecret(before, isClient)) return HIDDEN
  const [, name = '', sign = ''] = /^["'(]*(?:--?)?([A-Za-z_][\w.-]{0,255}?)([=:])(?=.)/.exec(word) ?? []
  if (name !== '' && sign === '=' && isSecretName(name)) return `${word.slice(0, word.indexOf('=') + 1)}${HIDDEN}`
  if (PASS_OPTION.test(word)) return word
  const [, letter = '', rest = ''] = SHORT.exec(word) ?? []
  if (isClient && rest !== '' && (letter === 'p' ? !/^\d{1,5}$/.test(rest) : rest.includes(':')))
    return `-${letter}${HIDDEN}`
  if (isClient && /^--user=.*:/s.test(word)) return `--user=${HIDDEN}`
  return word
    .replaceAll(IN_URL, (_, scheme: string, behind: string) => scheme + hideInAuthority(behind))
    .replaceAll(PARAMETER, (all, mark: string, key: string) =>
      isSecretName(key) ? `${mark}${key}=${HIDDEN}` : String(all),
    )
    .replaceAll(IN_JSON, (all, key: string) => (isSecretName(key) ? `"${key}":"${HIDDEN}"` : String(all)))
}

/** Whether the word after this one is a secret. */
function takesSecret(word: string, isClient: boolean): boolean {
  const option = /^["']*--?([\w-]+)$/.exec(word)?.[1]
  if (option === undefined) return false
  if (PASS_OPTION.test(word)) return true
  if (isClient && /^-[pu]./.test(word)) return false
  if (option.length > 1 && isSecretName(option)) return true
  return isClient && (option === 'u' || option === 'p' || option === 'user')
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
