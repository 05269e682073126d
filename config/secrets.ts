// Keeps what nobody should read over a shoulder out of what is printed: values of variables and options that are called
// like secrets, and passwords in URLs.

const SECRET = /pass|secret|token|credential|auth|private|(?:^|[._-])key(?:$|[_-])|apikey/i
const OPTION = /(--?[\w-]*(?:pass|secret|token|key)[\w-]*(?:=|\s+))("[^"]*"|'[^']*'|\S+)/gi
const IN_URL = /(\w:\/\/[^\s/:@]*:)[^\s/@]+@/g
/** What stands for them. */
const HIDDEN = '(hidden)'

/** The value of a key, such as `environment.DB_PASSWORD` or `command`, without secrets. */
export function withoutSecrets(key: string, value: unknown): unknown {
  if (value === undefined || value === null) return value
  if (SECRET.test(key)) return HIDDEN
  if (typeof value === 'string') return value.replaceAll(OPTION, `$1${HIDDEN}`).replaceAll(IN_URL, `$1${HIDDEN}@`)
  if (Array.isArray(value)) return value.map((one, index) => withoutSecrets(optionBefore(value, index), one))
  if (typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([inner, one]) => [inner, withoutSecrets(inner, one)]))
}

/** In `["--password", "x"]` the word before says what a word is. */
function optionBefore(words: readonly unknown[], index: number): string {
  const before = words[index - 1]
  return typeof before === 'string' && /^--?[\w-]+$/.test(before) ? before : ''
}
