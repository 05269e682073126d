// The commands at the beginning of a script that only set up the process: kahi has keys for them.

import { nameOf, readStep, type Step } from './shapes.ts'
import type { Item } from './lexer.ts'

/** What they set, as keys of kahi.toml. */
export interface Keys {
  readonly directory?: string
  readonly user?: string
  readonly umask?: string
  readonly environment?: Readonly<Record<string, string>>
  readonly redirect_stderr?: boolean
}

/** Adds what a command sets; undefined when there is no key for it. */
type Reader = (step: Step, before: Keys) => Keys | undefined

const SEEN_BY_SHELLS = /\$/

const READERS: Readonly<Record<string, Reader>> = {
  cd: ({ words: [path] }) =>
    path !== undefined && /^\/(?!.*(?:^|\/)\.\.(?:\/|$))/.test(path.text) ? { directory: path.text } : undefined,
  export: ({ words: [name, value] }, { environment }) =>
    name !== undefined && value !== undefined && /^[A-Za-z_]\w*$/.test(name.text)
      ? { environment: { ...environment, [name.text]: value.text } }
      : undefined,
  's6-env': ({ words, options }, { environment }) => {
    const pairs = words.map(({ text }) => /^([A-Za-z_]\w*)=(.*)$/s.exec(text))
    if (options !== '' || pairs.length === 0 || pairs.includes(null)) return undefined
    const added = Object.fromEntries(pairs.map((pair) => [pair?.[1] ?? '', pair?.[2] ?? '']))
    return { environment: { ...environment, ...added } }
  },
  umask: ({ words: [mask] }) =>
    mask !== undefined && /^[0-7]{3,4}$/.test(mask.text) ? { umask: mask.text } : undefined,
  's6-setuidgid': ({ words: [user], options }) =>
    user !== undefined && options === '' && /^[A-Za-z_][\w.-]*$/.test(user.text) ? { user: user.text } : undefined,
  fdmove: ({ words: [to, from], options }) =>
    options === 'c' && to?.text === '2' && from?.text === '1' ? { redirect_stderr: true } : undefined,
  exec: ({ options, values }) => (options === '' && values.size === 0 ? {} : undefined),
}

/**
 * Reads these commands. The rest begins with the first other command. `line` is the line of the last one that was read.
 */
export function readHead(
  items: readonly Item[],
  isAllowed: boolean,
  contenv: string | undefined,
): { readonly keys: Keys; readonly rest: readonly Item[]; readonly line: number } {
  let keys: Keys = {}
  let rest = items
  let line = 0
  for (let read = readStep(items); read !== undefined && isAllowed; read = readStep(rest)) {
    const { step, after } = read
    const name = nameOf(step.command)
    const isContenv = name === 'with-contenv' && contenv === undefined
    const reader = Object.hasOwn(READERS, name) ? READERS[name] : undefined
    const found = isContenv ? { environment: keep(keys.environment) } : reader?.(step, keys)
    const isHidden = step.words.some(({ text }) => SEEN_BY_SHELLS.test(text))
    if (found === undefined || isHidden || !step.isKnown || after.length === 0) break
    keys = { ...keys, ...found }
    rest = after
    line = step.command.place.line
  }
  const { environment = {}, ...others } = keys
  return { keys: Object.keys(environment).length === 0 ? others : { ...others, environment }, rest, line }
}

/** `with-contenv` cancels all changes of the environment except PATH. */
function keep(environment: Keys['environment']): Readonly<Record<string, string>> {
  return environment?.PATH === undefined ? {} : { PATH: environment.PATH }
}
