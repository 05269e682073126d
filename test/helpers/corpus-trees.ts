// The trees of s6-rc of the corpus as images. The corpus does not contain their scripts, so a placeholder replaces each script
// and each program that a script names. The placeholder prints its user and directory, and behaves as a script of its kind.

import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { CONFESSION } from './boot-twice.ts'
import type { Files } from './image.ts'
import { root, scratch } from './kahi.ts'

const CORPUS = join(root, '../shared/corpus/s6')
const TREE = 'etc/s6-overlay/s6-rc.d'

/** The trees by name. If the corpus is missing, there are none, and a message says so. */
export const treeNames: readonly string[] = existsSync(CORPUS)
  ? readdirSync(CORPUS).filter((name) => existsSync(join(CORPUS, name, 'graph.json')))
  : []
if (treeNames.length === 0) console.warn(`no ${CORPUS}: its trees are not booted`)

/** The facts that the real s6-rc-compile gives about a tree. */
interface Graph {
  readonly services: Readonly<Record<string, { readonly type: string; readonly allDependencies: readonly string[] }>>
  readonly bundles: Readonly<Record<string, { readonly contents: readonly string[] }>>
}

/** A tree with placeholders. */
export interface CorpusTree {
  readonly files: Files
  /** A directory whose files are added to the others. */
  readonly tree: string
  /** The services that must come up: name, whether the service reports its readiness, and all longruns that it needs. */
  readonly longruns: readonly { readonly name: string; readonly isTold: boolean; readonly needs: readonly string[] }[]
  /** Longruns that no bundle starts. */
  readonly others: readonly string[]
  /** Pairs of writer and reader. */
  readonly pipes: readonly (readonly [string, string])[]
}

/**
 * `$1` is the script that the placeholder replaces. The placeholder of a longrun runs until its stop signal; that of a reader prints
 * its input. It prints to standard error, because standard output may be a pipe.
 */
const PLACEHOLDER = `#!/bin/sh
file=$1; shift
folder=\${file%/*} kind=\${file##*/} name=\${folder##*/}/\${file##*/}
{ ${CONFESSION.replaceAll('\n', '; ')}; } >&2
case $(head -n 1 "$folder/type" 2>/dev/null):$kind in longrun:run) ;; *) exit 0 ;; esac
trap 'echo "$name| ends" >&2; exit 0' TERM INT QUIT HUP
if [ -f "$folder/notification-fd" ]; then eval "echo >&$(cat "$folder/notification-fd")"; fi
if [ -f "$folder/producer-for" ]; then echo "from \${folder##*/}"; fi
echo "at work: \${folder##*/}" >&2
if [ -f "$folder/consumer-for" ]; then while read -r line; do echo "$name| read $line" >&2; done; fi
while :; do sleep 1000 <&- & wait $!; done
`

/** Gives a tree of the corpus as files of an image. */
export function layCorpusTree(name: string): CorpusTree {
  const tree = scratch()
  const target = join(tree, TREE)
  mkdirSync(target, { recursive: true })
  cpSync(join(CORPUS, name, 's6-rc.d'), target, { recursive: true })
  const files: Record<string, string> = { placeholder: PLACEHOLDER }
  for (const one of readdirSync(target, { recursive: true, encoding: 'utf8' })) {
    const path = join(target, one)
    if (!statSync(path).isFile()) continue
    const text = readFileSync(path, 'utf8')
    const isLine = ['up', 'down'].includes(basename(one))
    if (isLine) for (const file of programsOf(text)) files[file] ??= placeholderFor(`/${file}`, '#!/bin/sh')
    else if (text.startsWith('#!')) {
      writeFileSync(path, placeholderFor(join('/', TREE, one), text.split('\n')[0] ?? ''))
      chmodSync(path, 0o755)
    }
  }
  return { files, tree, ...readGraph(name, target) }
}

/** A script with a first line like that of the original: through with-contenv, by execline, or by sh. */
function placeholderFor(file: string, line: string): string {
  if (/\/with-contenv\b/.test(line))
    return `${line.replace(/(\/with-contenv)\b.*/, '$1 sh')}\nexec /placeholder ${file} "$@"\n`
  if (/\/execlineb -S0/.test(line)) return `${line}\n/placeholder ${file} $@\n`
  if (/\/execlineb\b/.test(line)) return `${line}\n/placeholder ${file}\n`
  return `#!/bin/sh\nexec /placeholder ${file} "$@"\n`
}

/** The files and programs that a line of execline names and that are neither in the tree nor on this machine. */
function programsOf(text: string): readonly string[] {
  const words = text.replaceAll(/^\s*#.*$/gm, '').split(/\s+/)
  const isOurs = (word: string): boolean => word.startsWith(`/${TREE}/`) || /^\/bin\//.test(word)
  const paths = words.filter((word) => /^\/etc\/[\w./-]+[^/]$/.test(word) && !isOurs(word)).map((word) => word.slice(1))
  const first = words.filter(
    (word, index) => /^[a-z][\w-]*$/.test(word) && ['{', '}', '', undefined].includes(words[index - 1]),
  )
  return [
    ...paths,
    ...first.filter((word) => !['if', 'exec', 'foreground'].includes(word)).map((word) => `command/${word}`),
  ]
}

function readGraph(name: string, target: string): Pick<CorpusTree, 'longruns' | 'others' | 'pipes'> {
  const { services, bundles } = JSON.parse(readFileSync(join(CORPUS, name, 'graph.json'), 'utf8')) as Graph
  const wanted = bundles.top?.contents ?? bundles.user?.contents ?? []
  const needed = new Set(wanted.flatMap((one) => [one, ...(services[one]?.allDependencies ?? [])]))
  const isLongrun = (one: string): boolean => services[one]?.type === 'longrun' && !one.startsWith('s6rc-')
  const names = [...needed].filter(isLongrun).toSorted()
  const longruns = names.map((one) => ({
    name: one,
    isTold: existsSync(join(target, one, 'notification-fd')),
    needs: (services[one]?.allDependencies ?? []).filter(isLongrun),
  }))
  const pipes = names.flatMap((one): (readonly [string, string])[] => {
    const file = join(target, one, 'producer-for')
    return existsSync(file) ? [[one, readFileSync(file, 'utf8').trim()]] : []
  })
  const others = Object.keys(services).filter((one) => isLongrun(one) && !needed.has(one))
  return { longruns, others, pipes }
}

/** The directory of the corpus, for messages. */
export const corpusFolder = dirname(CORPUS)
