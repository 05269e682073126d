// The commands at the head of a script that set the scene for all that follows: kahi has keys for them.

import { nameOf, readStep, type Step } from './shapes.ts'
import type { Item } from './lexer.ts'

/** What they say, in the words of kahi.toml. */
export interface Keys {
  readonly directory?: string
  readonly user?: string
  readonly umask?: string
  readonly environment?: Readonly<Record<string, string>>
  readonly redirect_stderr?: boolean
}

/** What a command adds; undefined when it does not fit into a key. */
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

/** Reads them off; the rest begins with the first one that is something else. `line` is that of the last one. */
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

/** `with-contenv` takes everything back but PATH. */
function keep(environment: Keys['environment']): Readonly<Record<string, string>> {
  return environment?.PATH === undefined ? {} : { PATH: environment.PATH }
}
