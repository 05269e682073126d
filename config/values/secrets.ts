// Hides secrets in printed texts: values of variables and options whose names sound secret, words after options that take
// a password, headers, and what secret-words.ts finds in a word. A text is read word by word, so the cost grows with its
// length only.

import { HIDDEN, hideInUrls, hidePairs, hideTokens } from './secret-words.ts'
import { isSecretName } from './secret-names.ts'

export { isSecretName } from './secret-names.ts'
export { HIDDEN } from './secret-words.ts'

/** Programs, and their one-letter options that take a password or `user:password`. */
const CLIENTS: readonly (readonly [RegExp, string])[] = [
  [named('mysql\\w*|mariadb\\w*|wget|ftp|lftp|sshpass|mongo\\w*|influx|docker|podman|helm'), 'up'],
  [named('curl'), 'upUb'],
  [named('smbclient'), 'upU'],
  [named('openssl'), 'kK'],
  [named('redis-cli|valkey-cli'), 'aup'],
  [named('ldap\\w+'), 'w'],
  [named('mosquitto_\\w+|sqlcmd|bcp|ipmitool'), 'P'],
  [named('zip|unzip|ssh-keygen'), 'PN'],
  [named('7za?|7zz|rar|unrar'), 'p'],
  [named('snmp\\w+'), 'cAX'],
]
/** Options that take their value also without a blank: `-pSECRET`. */
const ATTACHED = /^-([puPUN])(.+)$/s
/** `-pass`, `-passin`, as openssl has them: the next word is the secret, and `ass` is none. */
const PASS_OPTION = /^-pass[a-z]*$/
/** `'Authorization:` before its value; `-HX-Api-Key:` too. */
const HEADER = /^((?:-H|--(?:proxy-)?header=)?["']?)([A-Za-z][\w-]{0,64}):(.*)$/s
/** Headers whose value may have several words, also when it begins without a blank. */
const LONG_HEADER = /^(?:(?:proxy-)?authorization|(?:set-)?cookie|x-.*)$/i
/** `{"password":` before its value. */
const JSON_NAME = /["']([\w.-]{1,64})["']:$/
/** No text has it: a header without quotes hides all that follows. */
const NEVER = '\0'
/** Longer texts are hidden completely. */
const LONGEST = 65_536

function named(programs: string): RegExp {
  return new RegExp(`(?:^|[/\\s'"(;&|])(?:${programs})(?=$|[\\s'"])`)
}

/** The value of a key, such as `environment.DB_PASSWORD` or `command`, without secrets. */
export function withoutSecrets(key: string, value: unknown): unknown {
  if (value === undefined || value === null) return value
  if (isSecretName(key)) return HIDDEN
  if (typeof value === 'string') return hideInText(value)
  if (Array.isArray(value))
    return value.every((one) => typeof one === 'string')
      ? hideInWords(value)
      : value.map((one) => withoutSecrets('', one))
  if (typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([inner, one]) => [inner, withoutSecrets(inner, one)]))
}

/** The message about the value of a key, as it may be shown. */
export function messageWithoutSecrets(key: string, message: string): string {
  return isSecretName(key) ? 'its value is not valid' : hideInText(message)
}

/** Hides secrets in a command line, a message or any other text, word by word; blanks and quotes are kept. */
export function hideInText(text: string): string {
  if (text.length > LONGEST) return HIDDEN
  const letters = lettersOf(text)
  let before = ''
  let open = ''
  const shown = text.split(/(\s+)/).map((piece) => {
    if (piece === '' || /^\s/.test(piece)) return open === '' ? piece : ''
    if (open !== '') {
      if (piece.endsWith(open)) open = ''
      return ''
    }
    const header = takesSecret(before, letters) ? undefined : hideHeader(piece)
    if (header !== undefined) {
      before = ''
      open = header.open
      return header.shown
    }
    const hidden = hideInWord(piece, before, letters)
    const mark = (hidden === HIDDEN ? /^(["'])/ : /^[^=]*=(["'])/).exec(piece)?.[1] ?? ''
    if (hidden !== piece && mark !== '' && !closes(piece, mark) && hidden.endsWith(HIDDEN)) open = mark
    before = piece
    return hidden
  })
  return shown.join('')
}

/** The one-letter options of all programs that the text names. */
function lettersOf(text: string): string {
  return CLIENTS.map(([program, letters]) => (program.test(text) ? letters : '')).join('')
}

/** A header with a secret name; `open` is the quote that ends it, '' when it has ended. */
function hideHeader(piece: string): { readonly shown: string; readonly open: string } | undefined {
  const [, before = '', name = '', value = ''] = HEADER.exec(piece) ?? []
  if (!isSecretName(name) || value.startsWith('//') || /^\d{1,5}(?:[/,;]|$)/.test(value)) return undefined
  const mark = /["']$/.exec(before)?.[0] ?? ''
  if (value !== '' && (!LONG_HEADER.test(name) || (mark !== '' && value.endsWith(mark))))
    return { shown: `${before}${name}:${HIDDEN}${mark}`, open: mark === '' || value.endsWith(mark) ? '' : mark }
  return { shown: `${before}${name}:${value === '' ? ' ' : ''}${HIDDEN}${mark}`, open: mark === '' ? NEVER : mark }
}

function closes(piece: string, mark: string): boolean {
  return piece.indexOf(mark) < piece.length - 1 && piece.lastIndexOf(mark) > piece.indexOf(mark)
}

/** Hides secrets in a list of words; the word before tells whether a word is a secret. */
export function hideInWords(words: readonly string[]): string[] {
  const letters = words.map(lettersOf).join('')
  return words.map((word, index) => {
    if (takesSecret(words[index - 1] ?? '', letters)) return HIDDEN
    if (/\s/.test(word)) return hideInText(word)
    return hideHeader(word)?.shown ?? hideInWord(word, '', letters)
  })
}

function hideInWord(word: string, before: string, letters: string): string {
  if (takesSecret(before, letters)) return HIDDEN
  const [, name = ''] = /^["'(]*(?:--?)?([A-Za-z_][\w.-]{0,255}?)=(?=.)/.exec(word) ?? []
  if (name !== '' && isSecretName(name)) return `${word.slice(0, word.indexOf('=') + 1)}${HIDDEN}`
  if (PASS_OPTION.test(word)) return word
  const [, letter = '', rest = ''] = ATTACHED.exec(word) ?? []
  if (letter !== '' && letters.includes(letter) && isAttached(letter, rest)) return `-${letter}${HIDDEN}`
  if (letters.includes('u') && /^--(?:proxy-)?user=.*:/s.test(word))
    return `${word.slice(0, word.indexOf('=') + 1)}${HIDDEN}`
  return hideTokens(hidePairs(hideInUrls(word)))
}

/** `-p80` is a port, and `-umask` is no user with a password. */
function isAttached(letter: string, rest: string): boolean {
  return /u/i.test(letter) ? /[:%]/.test(rest) : !/^\d{1,5}$/.test(rest)
}

/** Whether the word after this one is a secret. */
function takesSecret(word: string, letters: string): boolean {
  if (/^["']*Bearer$/i.test(word)) return true
  const inJson = JSON_NAME.exec(word)?.[1]
  if (inJson !== undefined) return isSecretName(inJson)
  const option = /^["']*--?([\w-]+)$/.exec(word)?.[1]
  if (option === undefined) return false
  if (PASS_OPTION.test(word)) return true
  if (option.length === 1 || option === 'user' || option === 'proxy-user')
    return letters.includes(option.replace(/^(?:proxy-)?user$/, 'u'))
  const [, letter = '', rest = ''] = ATTACHED.exec(word) ?? []
  if (letters.includes(letter) && letter !== '' && isAttached(letter, rest)) return false
  return isSecretName(option)
}
